"""Programs and rows that go wrong, each in its own way: counted for what it is, or not scored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from evalctl.cli import main
from evalctl.errors import DatasetError
from evalctl.plan import load_dataset
from evalctl_coding.bigcodebench import bigcodebench
from evalctl_coding.rows import checked

RIGHT = "    return [2 * n for n in numbers]\n"


class Ran(NamedTuple):
    """What a run of recorded answers says of one dataset."""

    outcomes: dict[str, int]
    values: dict[str, float | None]
    n_unscored: int
    texts: str
    """Its files, all together."""


def run(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    answers: dict[str, str],
    *flags: str,
    dataset: str = "coding_sample",
) -> Ran:
    """Score recorded answers to some samples; the others are left out."""
    recorded = folder / "answers.jsonl"
    lines = ({"dataset": dataset, "id": i, "completions": [t]} for i, t in answers.items())
    recorded.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    known = ("--model", f"replay:{recorded}", "--dataset", dataset, "--max-errors", "99", "--json")
    with pytest.raises(SystemExit):
        main(["run", *known, "--out", str(folder / "runs"), *flags])
    result = json.loads(capsys.readouterr().out)["models"][0]["datasets"][0]
    return Ran(
        result["outcomes"],
        {metric["name"]: metric["value"] for metric in result["metrics"]},
        result["n_done"] - result["failures"]["engine"] - result["metrics"][0]["n_scored"],
        "".join(path.read_text("utf-8") for path in sorted((folder / "runs").rglob("*.jsonl"))),
    )


def test_every_way_of_failing_is_counted_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {
        "sample/0": RIGHT,
        "sample/1": "    return 0\n",
        "sample/2": "    return nothing\n",
        "sample/3": "    return )\n",
        "sample/4": "    while True:\n        number += 1\n",
        "sample/5": "    return bytearray(1 << 40)\n",
        "sample/6": "    while True:\n        print('x' * 9999)\n",
        "sample/7": "    import os\n    os._exit(0)\n",
        "sample/8": "```python\nimport nowhere\n\ndef rotate(items):\n    return items\n```",
    }
    limits = tmp_path / "limits.yaml"
    limits.write_text("limits: {timeout_seconds: 1.5}\n")
    ran = run(tmp_path, capsys, answers, "--config", str(limits))
    assert ran.outcomes == {
        "passed": 1,
        "wrong_answer": 1,
        "syntax_error": 1,
        "timeout": 1,
        "memory": 1,
        "limit": 1,
        "exception": 3,
    }
    assert ran.values["pass_at_1"] == pytest.approx(1 / 9)
    assert ran.values["code_execution"] == pytest.approx(2 / 9)
    assert ran.values["functional_correctness"] == pytest.approx((1 + 1 / 3) / 9)
    assert ran.n_unscored == 0


def test_a_users_time_limit_reaches_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = "    import time\n    time.sleep(0.7)\n" + RIGHT
    limits = tmp_path / "limits.yaml"
    limits.write_text("limits: {timeout_seconds: 0.5}\n")
    assert run(tmp_path, capsys, {"sample/0": slow}, "--config", str(limits)).outcomes == {
        "timeout": 1
    }
    limits.write_text("limits: {timeout_seconds: 20}\n")
    assert run(tmp_path, capsys, {"sample/0": slow}, "--config", str(limits)).outcomes == {
        "passed": 1
    }


def test_a_program_of_ten_megabytes_is_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = "def double_all(numbers):\n" + RIGHT
    long_text = f"```python\nfiller = '{'x' * (10 << 20)}'\n{whole}```"
    counting = "def count_vowels(text):\n    return sum(sign in 'aeiou' for sign in text)\n"
    many_lines = f"```python\n{counting}" + f"filler = '{'x' * 500}'\n" * (10 << 20 >> 9)
    ran = run(tmp_path, capsys, {"sample/0": long_text, "sample/1": many_lines})
    assert ran.outcomes == {"passed": 2}
    assert ran.n_unscored == 0


def test_output_that_is_no_text_is_a_wrong_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {
        "problem_id": 1,
        "question": "Print 1.",
        "difficulty": "interview",
        "starter_code": "",
        "solutions": "",
        "input_output": json.dumps({"inputs": ["1\n"], "outputs": ["1\n"]}),
    }
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "test.jsonl").write_text(json.dumps(row))
    program = "import os\nos.write(1, bytes(range(256)) + b'1')\nprint(1)\n"
    answers = {"1": f"```python\n{program}```"}
    ran = run(tmp_path, capsys, answers, "--data", str(tmp_path), dataset="apps")
    assert ran.outcomes == {"wrong_answer": 1}
    assert ran.values["code_execution"] == 1.0


def test_an_answer_that_is_no_text_is_a_failure_of_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary = bytes(range(256)).decode("latin-1") * 100
    answers = {"sample/0": f"    note = '\x00'\n{RIGHT}", "sample/1": binary}
    ran = run(tmp_path, capsys, answers)
    assert ran.outcomes.get("passed", 0) == 0
    assert ran.values["pass_at_1"] == 0.0
    assert ran.n_unscored == 0


LIBRARY_ROW = {
    "complete_prompt": 'import nowhere\n\ndef task_func():\n    """Return 1."""\n',
    "instruct_prompt": "Return 1.\nYou should write self-contained code starting with:\n"
    "```\nimport nowhere\ndef task_func():\n```",
    "canonical_solution": "    return 1\n",
    "code_prompt": "import nowhere\ndef task_func():\n",
    "test": "import unittest\nclass TestCases(unittest.TestCase):\n    def test_it(self):\n"
    "        self.assertEqual(task_func(), 1)\n",
    "entry_point": "task_func",
}


@pytest.mark.parametrize("dataset", ["bigcodebench", "bigcodebench_instruct"])
def test_a_problem_whose_package_is_missing_is_not_scored_but_named_and_counted(
    dataset: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = {**LIBRARY_ROW, "task_id": "B/0", "libs": "['nowhere', 'os', 'nowhere.at_all']"}
    plain = {
        key: value.replace("import nowhere", "import os") for key, value in LIBRARY_ROW.items()
    }
    (tmp_path / "bigcodebench").mkdir()
    rows = (missing, {**plain, "task_id": "B/1", "libs": "['os']"})
    (tmp_path / "bigcodebench" / "BigCodeBench.jsonl").write_text("\n".join(map(json.dumps, rows)))
    answers = dict.fromkeys(("B/0", "B/1"), "```python\ndef task_func():\n    return 1\n```")
    ran = run(tmp_path, capsys, answers, "--data", str(tmp_path), dataset=dataset)
    assert ran.outcomes == {"passed": 1, "unsupported": 1}
    assert ran.values["pass_at_1"] == 1.0
    assert ran.n_unscored == 1
    assert "missing package: nowhere" in ran.texts


def test_a_row_whose_tests_do_not_parse_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="its tests do not parse"):
        checked("assert f( == 1")
    row = {"task_id": "B/0", "libs": "[]", **LIBRARY_ROW, "test": "class TestCases(:"}
    (tmp_path / "bigcodebench").mkdir()
    (tmp_path / "bigcodebench" / "BigCodeBench.jsonl").write_text(json.dumps(row))
    message = r"BigCodeBench\.jsonl:1: broken row for 'bigcodebench': its tests do not parse"
    with pytest.raises(DatasetError, match=message):
        load_dataset(bigcodebench, "coding", [tmp_path])
    with pytest.raises(SystemExit) as exit_:
        main(["check", "bigcodebench", "--samples", "0", "--data", str(tmp_path)])
    assert exit_.value.code == 1
    assert "BigCodeBench.jsonl:1  its tests do not parse" in capsys.readouterr().out


def test_prompts_of_contests_without_tests_are_refused_with_what_is_missing(
    benchmark_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for asked in (
        ["check", "codecontests"],
        ["run", "--model", "x:y", "--dataset", "codecontests"],
    ):
        with pytest.raises(SystemExit) as exit_:
            main([*asked, "--data", str(benchmark_data)])
        assert exit_.value.code == 2
    main_words = "has no tests: a copy of prompts alone cannot be scored."
    with pytest.raises(SystemExit):
        main(["check", "codecontests", "--data", str(benchmark_data)])
    assert main_words in " ".join(capsys.readouterr().err.split())
