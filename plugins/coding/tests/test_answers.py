"""Answers as models write them, each taken apart and really run; the answers are in `data/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evalctl import Completion, ExecutionRequest, Sample, Score
from evalctl.executions import Profile, Sandbox
from evalctl.executors.bwrap import BwrapError, open_bwrap
from evalctl.executors.judges import execute
from evalctl_coding import scorers

DATA = Path(__file__).with_name("data")
FUNCTION = Sample(
    id="function",
    input="from typing import List\n\n\ndef running_max(numbers: List[int]) -> List[int]:\n"
    '    """Return for every place the greatest number up to it.\n\n'
    "    >>> running_max([3, 1, 4])\n    [3, 3, 4]\n"
    '    """\n',
    metadata={
        "entry_point": "running_max",
        "tests": "def check(candidate):\n    assert candidate([3, 1, 4]) == [3, 3, 4]\n"
        "    assert candidate([]) == []\n    assert candidate([-2, -2]) == [-2, -2]\n\n"
        "check(running_max)\n",
    },
)
STATED = Sample(
    id="stated",
    input="Write a function to add the digits of a number.",
    metadata={
        "entry_point": "total_of_digits",
        "tests": "assert total_of_digits(12) == 3\nassert total_of_digits(-7) == 7\n",
    },
)
LIBRARIES = Sample(
    id="libraries",
    input="Counts words. The function should output with:\n    str: the counts as JSON\n"
    "You should write self-contained code starting with:\n```\nimport collections\nimport json\n"
    "def task_func(words):\n```",
    metadata={
        "entry_point": "task_func",
        "code_prompt": "import collections\nimport json\ndef task_func(words):\n",
        "unittest": "import unittest\n\n\nclass TestCases(unittest.TestCase):\n"
        "    def test_counts(self):\n"
        "        self.assertEqual(task_func(['b', 'a', 'b']), '{\"a\": 1, \"b\": 2}')\n",
        "needs": [],
    },
)
READING = Sample(id="reading", input="Add.", metadata={"stdio": [["3\n1 2 3\n", "6\n"]]})
KINDS = {
    "answers_to_functions": (FUNCTION, scorers.request_continued),
    "answers_with_tests_stated": (STATED, scorers.request_whole),
    "answers_with_libraries": (LIBRARIES, scorers.request_calibrated),
    "answers_that_read": (READING, scorers.request_contest),
}
RETURNS = "    return [max(numbers[: i + 1]) for i in range(len(numbers))]\n"


def recorded() -> Iterator[tuple[str, str, str]]:
    """Yield the kind, the name and the text of every recorded answer."""
    for kind in KINDS:
        text = (DATA / f"{kind}.txt").read_text("utf-8")
        for part in text.split("=== ")[1:]:
            name, _, answer = part.partition("\n")
            yield kind, name, answer


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    try:
        opened = open_bwrap(Profile())
    except BwrapError as error:
        pytest.skip(f"no sandbox of level 3 on this machine: {error}")
    yield opened
    opened.close()


def passes(sandbox: Sandbox, kind: str, answer: str) -> tuple[bool | None, str]:
    """Return whether an answer's program passes, and the program with what went wrong."""
    sample, request = KINDS[kind]
    asked = request(sample, Completion(text=answer))
    assert isinstance(asked, ExecutionRequest)
    limited = asked.within(3.0).model_copy(update={"profile": Profile()})
    result = execute(limited, sandbox)
    return result.passed, f"{asked.program}\n--\n{result.error}"


@pytest.mark.parametrize(
    ("kind", "answer"),
    [pytest.param(kind, answer, id=f"{kind}: {name}") for kind, name, answer in recorded()],
)
def test_a_right_answer_passes_however_it_is_written(
    kind: str, answer: str, sandbox: Sandbox
) -> None:
    passed, told = passes(sandbox, kind, answer)
    assert passed, told


@pytest.mark.parametrize(
    "answer",
    [
        "\tfound = []\n\tfor i in range(len(numbers)):\n\t\tfound.append(max(numbers[:i + 1]))\n"
        "\treturn found\n",
        "```python\ndef running_max(numbers):\n\tif not numbers:\n\t\treturn []\n"
        "\treturn [max(numbers[: i + 1]) for i in range(len(numbers))]\n```",
        f"```python\ndef running_max(numbers):\n{RETURNS}```\n".replace("\n", "\r\n"),
        f"def running_max(numbers):\n{RETURNS}\nprint(1)\n".replace("\n", "\r\n"),
        f"def running_max(numbers):\n{RETURNS}".replace("    ", "\u00a0\u00a0\u00a0\u00a0"),
        f"\ufeffdef running_max(numbers):\n{RETURNS}",
    ],
    ids=["tabs", "tabs in a block", "CRLF", "CRLF, bare", "hard spaces", "byte-order mark"],
)
def test_unusual_white_space_is_read(answer: str, sandbox: Sandbox) -> None:
    passed, told = passes(sandbox, "answers_to_functions", answer)
    assert passed, told


@pytest.mark.parametrize(
    "answer",
    [
        f"async def running_max(numbers):\n{RETURNS}",
        f"def running_maximum(numbers):\n{RETURNS}",
        "```python\ndef running_max(numbers):\n    found = []\n    for i in range(len(",
        "    return sorted(numbers)\n",
        "```python\ndef running_max(numbers):\n    pass\n```",
        "    yield from numbers\n",
        "def running_max(self, numbers):\n    return numbers\n",
    ],
    ids=[
        *("a coroutine", "another name", "cut within the function", "a wrong body", "a stub"),
        *("a generator", "another number of parameters"),
    ],
)
def test_a_wrong_answer_never_passes(answer: str, sandbox: Sandbox) -> None:
    passed, told = passes(sandbox, "answers_to_functions", answer)
    assert passed is False, told


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "   \n",
        "I am sorry, but I cannot help with that.",
        "<think>\nFirst I keep the greatest number, then",
        "```javascript\nfunction running_max(numbers) {\n  return numbers;\n}\n```",
    ],
)
def test_an_answer_without_python_is_not_parsed(answer: str) -> None:
    asked = scorers.request_continued(FUNCTION, Completion(text=answer))
    assert asked == Score(value=0.0, answer=None, explanation="no program found in the output")
