from __future__ import annotations

import random
import time

import pytest

from evalctl_coding.bodies import continuation
from evalctl_coding.extraction import between_marks, program, with_futures_first
from evalctl_coding.fences import blocks
from evalctl_coding.segments import MAX_CHARACTERS, segments

PROMPT = 'import math\n\n\ndef root(n):\n    """Return the square root."""\n'
WHOLE = "def root(n):\n    return math.sqrt(n)\n"
HEAD = "import math\n\n\n"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("    return math.sqrt(n)\n", PROMPT + "    return math.sqrt(n)\n"),
        (f"```python\n{WHOLE}```", HEAD + WHOLE),
        (f"```python\n{WHOLE}", HEAD + WHOLE),
        (f"```python\nroot(4)\n```\n```python\n{WHOLE}```", HEAD + WHOLE),
        (f"```python\ndef root(n):\n    pass\n```\nBetter:\n```python\n{WHOLE}```", HEAD + WHOLE),
        ("```python\n    return math.sqrt(n)\n```", PROMPT + "    return math.sqrt(n)\n"),
        ("return math.sqrt(n)", PROMPT + "    return math.sqrt(n)"),
        (
            f"```python\n{WHOLE}\ndef help():\n    pass\n```",
            f"{HEAD}{WHOLE}\ndef help():\n    pass\n",
        ),
        (f"```python\n{WHOLE}\nif __name__ == '__main__':\n    root(4)\n```", HEAD + WHOLE),
        (f"Here it is:\n{WHOLE}\nThis is right since roots are.", HEAD + WHOLE),
        (f"from math import *\n{WHOLE}", f"{HEAD}from math import *\n{WHOLE}"),
        ("   \n", None),
        ("", None),
    ],
)
def test_the_program_is_cut_out_to_the_letter(answer: str, expected: str | None) -> None:
    found = program(answer, prompt=PROMPT, entry_point="root")
    assert (found.rstrip() if found else found) == (expected.rstrip() if expected else expected)


def test_a_program_without_a_function_stays_whole() -> None:
    text = "n = int(input())\nassert n\nif __name__ == '__main__':\n    print(n)\n"
    assert program(f"```\n{text}```", prompt="", entry_point="") == text


def test_a_longer_fence_holds_a_shorter_one() -> None:
    assert [b.code for b in blocks("````python\nx = '```'\n```\n````")] == ["x = '```'\n```\n"]


def test_statements_are_told_apart_and_lose_nothing() -> None:
    text = (
        "# first\nimport os\nfrom a.b import (c as d,\n  e)\nx, y[0] = 1, 2\nz: int = 3\nn += 1\n"
        "@wraps\n@other(1)\ndef f(a):\n    return '''\ndef g(): pass\n'''\n\n# more\n"
        "class C:\n    x = 1\nfor i in x:\n    pass\nelse:\n    pass\nprint(\n1\n)\nSo it goes.\n"
    )
    found = segments(text)
    assert "".join(part.text for part in found) == text
    assert [(part.kind, sorted(part.names)) for part in found] == [
        ("import", ["os"]),
        ("import", ["d", "e"]),
        ("assignment", ["x", "y"]),
        ("assignment", ["z"]),
        ("assignment", ["n"]),
        ("definition", ["f"]),
        ("definition", ["C"]),
        ("compound", []),
        ("simple", []),
        ("prose", []),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "This works since roots are.",
        "for example with two numbers",
        "from this follows that it ends",
        "import the module first",
        "class of problems: hard",
        "if you like: try it",
        "Explanation:",
        "Note: the result = 4",
        "- a point",
        "1. a point",
        "Here's `root`",
        ">>> root(4)",
        "这个函数返回平方根",
        "Let n = 4, then it is 2?",
    ],
)
def test_prose_is_no_code(line: str) -> None:
    assert [part.kind for part in segments(line)] == ["prose"]


@pytest.mark.parametrize(
    "line",
    [
        *("x = 1", "a, b = b, a", "*a, b = c", "(a, b) = c", "d['k'][0] = 1", "x: list[int] = []"),
        *("f.cache = {}", "s = 'this is not prose.'", "x = not y", "print 'old'", "assert x in y"),
        *("f(x)", "a.b[0].c(x)", "[f(x) for x in y]", "'''doc'''", "del x", "raise E from e"),
        *("with open(x) as f: pass", "while True: pass", "try: pass\nexcept E: pass", "lambda_(x)"),
        *("async def f(): pass", "import a, b.c as d  # e", "from . import x", "match x:\n    ..."),
    ],
)
def test_code_is_no_prose(line: str) -> None:
    assert [part.kind for part in segments(line)] != ["prose"]
    assert len(segments(line)) == 1


def test_marks_of_beginning_and_end_are_taken_off() -> None:
    assert between_marks("a [BEGIN]\nx = 1\n[DONE]\nb [BEGIN]\ny = 2") == "\nx = 1\n"
    assert between_marks("x = 1\n") == "x = 1\n"


def test_future_imports_come_first_and_once() -> None:
    line = "from __future__ import annotations\n"
    assert with_futures_first(f"import a\n{line}x = 1\n{line}") == f"{line}import a\nx = 1\n"
    assert with_futures_first(f"{line}x = 1\n") == f"{line}x = 1\n"


def test_a_continuation_keeps_to_the_prompts_indentation() -> None:
    prompt = "def f(a,\n      b):\n"
    assert continuation(prompt, "return a\n", "f") == prompt + "    return a\n"
    assert continuation("def f(a):\n\t'''F.'''\n", "\treturn a\n", "f").endswith("\n\treturn a\n")


LARGE = 5 << 20
HOSTILE = {
    **{text: LARGE for text in ("`", "```\n", "   ```\n", "[")},
    **{text: LARGE // 5 for text in ("~~~python\n", "\n", " ", '"', "'''a", "\\", "&lt;", "- ")},
    **{text: LARGE // 5 for text in ("a, ", "</think>", "a = ", "def root(", "root(n)\n", "@a\n")},
    **{text: LARGE // 5 for text in ("```" + " " * 99 + "`\n", "def root(n):\n    return n\n")},
}
"""What is repeated, and to how many characters."""


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("is_refined", [False, True], ids=["large", "small enough to be refined"])
def test_hostile_text_is_read_in_linear_time(piece: str, is_refined: bool) -> None:
    size = MAX_CHARACTERS - 99 if is_refined else HOSTILE[piece]
    text = ("```python\n" if is_refined else "") + piece * (size // len(piece))
    began = time.process_time()
    program(text, prompt=PROMPT, entry_point="root")
    assert time.process_time() - began < 5.0


def test_no_text_breaks_it() -> None:
    pieces = [
        *("```", "```python\n", "~~~", "\n", "    ", "\t", "def root(n):\n", "    return n\n", '"'),
        *("'''", "(", ")", "[", "]", "# a\n", "\\", "import a\n", "from b import *\n", "@c\n"),
        *("class S:\n", "    def root(self):\n", "x = 1\n", "else:\n", "So it is.\n", "<think>"),
        *("</think>", "[DONE]", "\r\n", "\x00", "\ud800", "é", "&lt;", "if a:\n", "root(1)\n", "="),
    ]
    drawn = random.Random(1)
    for _ in range(3000):
        text = "".join(drawn.choices(pieces, k=drawn.randint(1, 25)))
        assert "".join(part.text for part in segments(text)) == text
        for prompt, name in ((PROMPT, "root"), ("", "root"), ("", "")):
            assert program(text, prompt=prompt, entry_point=name) != ""
