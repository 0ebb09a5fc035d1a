from __future__ import annotations

import pytest

from evalctl_coding.extraction import blocks, program

PROMPT = 'import math\n\n\ndef root(n):\n    """Return the square root."""\n'
WHOLE = "def root(n):\n    return math.sqrt(n)\n"
HEAD = "import math\n\n\n"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("    return math.sqrt(n)\n", PROMPT + "    return math.sqrt(n)\n"),
        (f"```python\n{WHOLE}```", HEAD + WHOLE),
        (f"```\n{WHOLE}```", HEAD + WHOLE),
        (f"```py\n{WHOLE}```\nThis works.", HEAD + WHOLE),
        (f"Sure!\n\n```Python\n{WHOLE}```\n\nIt uses `math`.", HEAD + WHOLE),
        (f"```python\n{WHOLE}", HEAD + WHOLE),
        (f"```python\r\n{WHOLE}```".replace("\n", "\r\n"), HEAD + WHOLE),
        (f"~~~python\n{WHOLE}~~~", HEAD + WHOLE),
        (f"```python\nroot(4)\n```\n```python\n{WHOLE}```", HEAD + WHOLE),
        (f"```python\ndef root(n):\n    pass\n```\nBetter:\n```python\n{WHOLE}```", HEAD + WHOLE),
        (f"```python\n{WHOLE}```\n```text\n2.0\n```", HEAD + WHOLE),
        (f"```bash\npip install x\n```\n```python\n{WHOLE}```", HEAD + WHOLE),
        ("```python\n    return math.sqrt(n)\n```", PROMPT + "    return math.sqrt(n)\n"),
        (
            f"```python\ndef help():\n    pass\n\n{WHOLE}```",
            f"{HEAD}def help():\n    pass\n\n{WHOLE}",
        ),
        (
            f"```python\n{WHOLE}\ndef help():\n    pass\n```",
            f"{HEAD}{WHOLE}\ndef help():\n    pass\n",
        ),
        (
            f"```python\n{WHOLE}\nif __name__ == '__main__':\n    print(root(4))\n```",
            f"{HEAD}{WHOLE}\nif __name__ == '__main__':\n    print(root(4))\n",
        ),
        (f"Here it is:\n{WHOLE}\nThis is right since roots are.", HEAD + WHOLE),
        (f"from math import *\n{WHOLE}", f"{HEAD}from math import *\n{WHOLE}"),
        ("   \n", None),
        ("", None),
    ],
)
def test_the_program_is_found_in_what_models_write(answer: str, expected: str | None) -> None:
    found = program(answer, prompt=PROMPT, entry_point="root")
    assert (found.rstrip() if found else found) == (expected.rstrip() if expected else expected)


def test_a_longer_fence_holds_a_shorter_one() -> None:
    assert blocks("````python\nx = '```'\n```\n````") == ("x = '```'\n```\n",)


@pytest.mark.parametrize(
    "hostile", ["`" * 200_000, "```\n" * 50_000, "def " * 50_000, "a[" * 90_000]
)
def test_hostile_text_is_read_in_linear_time(hostile: str) -> None:
    program(hostile, prompt=PROMPT, entry_point="root")
