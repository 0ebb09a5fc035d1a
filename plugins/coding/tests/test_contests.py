from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalctl import Row
from evalctl.cli import main
from evalctl_coding.contests import apps, codecontests

OURS = {
    part.partition("\n")[0]: part.partition("\n")[2]
    for part in (Path(__file__).with_name("data") / "solutions_to_apps.txt")
    .read_text("utf-8")
    .split("=== ")[1:]
}
"""Programs that we wrote for real problems: introductory, interview and competition."""


def values(
    dataset: str,
    answers: dict[str, str],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *flags: str,
) -> dict[str, float]:
    """Score recorded answers; everything else is left out."""
    recorded = folder / "answers.jsonl"
    lines = ({"dataset": dataset, "id": i, "completions": [t]} for i, t in answers.items())
    recorded.write_text("".join(json.dumps(line) + "\n" for line in lines))
    out = ("--out", str(folder / "runs"), "--json", "--max-errors", "9999")
    with pytest.raises(SystemExit):
        main(["run", "--model", f"replay:{recorded}", "--dataset", dataset, *out, *flags])
    result = json.loads(capsys.readouterr().out)["models"][0]["datasets"][0]
    assert result["n_done"] - result["failures"]["engine"] == len(answers)
    return {metric["name"]: metric["value"] for metric in result["metrics"]}


def test_right_programs_pass_all_tests_of_real_rows(
    benchmark_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {id_: f"Here:\n```python\n{text}```\n" for id_, text in OURS.items()}
    found = values("apps", answers, tmp_path, capsys, "--data", str(benchmark_data))
    assert found["pass_at_1"] == 1.0
    assert found["functional_correctness"] == 1.0
    assert found["code_execution"] == 1.0


def test_programs_that_return_or_print_nothing_pass_none_of_the_rows(
    benchmark_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["check", "apps", "--data", str(benchmark_data)])
    printed = capsys.readouterr().out
    assert "perturbed answers that do not: 128 of 128" in printed
    assert exit_.value.code == 0


def row(data: dict[str, object]) -> Row:
    return Row(data=data, number=0, part="", location="here")  # type: ignore[arg-type]


HUB = {"problem_id": 7, "question": "Double it.", "difficulty": "interview", "starter_code": ""}


def test_rows_of_the_hub_give_outputs_or_calls() -> None:
    printed = {"inputs": ["1\n", ["2", "3"]], "outputs": ["2\n", ["4", "6"]]}
    sample = apps(row({**HUB, "input_output": json.dumps(printed), "solutions": '["print(1)"]'}))
    assert sample.metadata["stdio"] == [["1\n", "2\n"], ["2\n3", "4\n6"]]
    assert (sample.id, sample.solution) == ("7", "print(1)")
    called = {"fn_name": "f", "inputs": [[1, "a"]], "outputs": [[2]]}
    starter = "class Solution:\n    def f(self, n: int, s: str) -> int:\n"
    sample = apps(row({**HUB, "starter_code": starter, "input_output": json.dumps(called)}))
    assert sample.metadata["calls"] == [[[1, "a"], [2]]]
    assert sample.metadata["entry_point"] == "Solution.f"
    assert "Use Call-Based format" in sample.input


@pytest.mark.parametrize("broken", ["", "{", "[]", "{}", '{"inputs": [], "outputs": []}'])
def test_rows_without_tests_are_refused(broken: str) -> None:
    with pytest.raises(ValueError, match="input_output"):
        apps(row({**HUB, "input_output": broken}))


def test_arguments_are_texts_unless_all_are_literals() -> None:
    def calls(starter: str, *given: str) -> object:
        tests = [{"input": text, "output": [0]} for text in given]
        data = {"id": 1, "description": "Do.", "starter_code": starter, "test_list": tests}
        return [args for args, _ in apps(row(data)).metadata["calls"]]  # type: ignore[union-attr]

    assert calls("def f(n):", "1", "2") == [[1], [2]]
    assert calls("def f(pin):", "1", "a2") == [["1"], ["a2"]]
    assert calls("def f(pin: str):", "1", "2") == [["1"], ["2"]]
    assert calls("def f(text, marks):", "a\nb\n['#']") == [["a\nb", ["#"]]]
    assert calls("def f(n, base=2):", "1", "5\n3") == [[1], [5, 3]]


CONTEST = {
    "name": "1_A. Doubles",
    "description": "Print the double.",
    "public_tests": {"input": ["1\n"], "output": ["2\n"]},
    "private_tests": {"input": ["2\n"], "output": ["4\n"]},
    "generated_tests": {"input": ["3\n", "4\n"], "output": ["6\n", "8\n"]},
    "time_limit": {"seconds": 2, "nanos": 500_000_000},
    "solutions": {"language": [2, 3], "solution": ["int main(){}", "print(2 * int(input()))"]},
}


def test_contests_are_judged_by_all_of_their_tests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = codecontests(row(dict(CONTEST)))
    assert len(sample.metadata["stdio"]) == 4  # type: ignore[arg-type]
    assert sample.metadata["seconds"] == 12.5
    (tmp_path / "codecontests").mkdir()
    (tmp_path / "codecontests" / "test.jsonl").write_text(json.dumps(CONTEST))
    answer = {"1_A. Doubles": "```python\nn = int(input())\nprint(2 * n if n < 4 else 0)\n```"}
    found = values("codecontests", answer, tmp_path, capsys, "--data", str(tmp_path))
    assert (found["pass_at_1"], found["functional_correctness"]) == (0.0, 0.75)
    with pytest.raises(SystemExit) as exit_:
        main(["check", "codecontests", "--data", str(tmp_path)])
    assert exit_.value.code == 0
    assert "gold answers that score 1.0: 1 of 1" in capsys.readouterr().out


def test_contests_without_tests_are_refused() -> None:
    with pytest.raises(ValueError, match="it has no tests"):
        codecontests(
            row(
                {
                    **CONTEST,
                    **dict.fromkeys(("public_tests", "private_tests", "generated_tests"), None),
                }
            )
        )
