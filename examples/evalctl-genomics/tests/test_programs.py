"""How programs are found in answers, and what becomes of recorded ones within the limits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evalctl_genomics.programs import calls, read_program

RECORDED = Path(__file__).parent / "data" / "recorded_programs.jsonl"
CODE = "def gc(dna):\n    return 0\n"


@pytest.mark.parametrize(
    "output",
    [
        CODE,
        f"```python\n{CODE}```",
        f"Here it is:\n\n```py\n{CODE}```\nIt counts.",
        f"```\n{CODE}```",
        f"```python\n{CODE}",  # never closed
        f"{CODE}```\nIt counts.",  # opened by the prompt
        f"```python\ndef gc(dna):\n    return 1\n```\nBetter:\n```python\n{CODE}```",
        f"```python\n{CODE}```\nFor example:\n```python\nprint(gc('A'))\n```",
    ],
)
def test_the_last_block_with_the_function_is_the_program(output: str) -> None:
    assert read_program(output, "gc") == CODE


@pytest.mark.parametrize("output", ["", "I cannot.", "```python\ndef other():\n    pass\n```"])
def test_without_the_function_there_is_no_program(output: str) -> None:
    assert read_program(output, "gc") is None


@pytest.mark.parametrize("tests", [None, "x", [], [1], [[1, 2]], [[["a"]]], [[["a"], 1, 2]]])
def test_tests_of_another_form_are_none(tests: object) -> None:
    assert calls(tests) == ()


def test_recorded_programs_are_judged_within_the_limits(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "evalctl", "run", "--dataset", "sequence_programs", "--json"]
    done = subprocess.run(
        [*command, "--model", f"replay:{RECORDED}", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (dataset,) = json.loads(done.stdout)["models"][0]["datasets"]
    assert dataset["outcomes"] == {
        "passed": 6,
        "wrong_answer": 2,
        "timeout": 1,
        "memory": 1,
        "exception": 1,
    }
    assert dataset["metrics"][0]["value"] == 0.5
    assert dataset["metrics"][0]["n_unparsed"] == 1
