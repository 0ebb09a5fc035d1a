from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalctl.cli import main
from evalctl_coding.rows import checked


def run(recorded: Path, folder: Path, *flags: str) -> None:
    known = ["--model", f"replay:{recorded}", "--dataset", "coding_sample", "--json"]
    main(["run", *known, "--out", str(folder / "runs"), *flags])


@pytest.mark.parametrize(("dataset", "rows"), [("humaneval", 164), ("mbpp_full", 974)])
def test_canonical_solutions_pass_and_returning_none_never_does(
    dataset: str, rows: int, benchmark_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["check", dataset, "--data", str(benchmark_data)])
    printed = capsys.readouterr().out
    assert exit_.value.code == 0
    assert f"{rows:,} of {rows:,}" in printed


def test_programs_are_counted_by_what_became_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {
        "sample/0": "    return [2 * n for n in numbers]",
        "sample/1": "    return 0",
        "sample/2": "    return nothing",
        "sample/3": "    return )",
        "sample/4": "    return bytearray(1 << 40)",
    }
    recorded = tmp_path / "answers.jsonl"
    recorded.write_text(
        "".join(
            json.dumps({"dataset": "coding_sample", "id": id_, "completions": [text]}) + "\n"
            for id_, text in answers.items()
        )
    )
    with pytest.raises(SystemExit):
        run(recorded, tmp_path, "--max-errors", "15")
    result = json.loads(capsys.readouterr().out)["models"][0]["datasets"][0]
    assert result["outcomes"] == {
        "passed": 1,
        "wrong_answer": 1,
        "exception": 2,
        "syntax_error": 1,
    }
    assert result["isolation_level"] == 3
    values = {metric["name"]: metric["value"] for metric in result["metrics"]}
    assert values["pass_at_1"] == pytest.approx(0.2)
    assert values["code_execution"] == pytest.approx(0.4)
    assert values["functional_correctness"] == pytest.approx((1 + 1 / 3) / 5)


def test_pass_at_10_comes_with_ten_completions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right, wrong = "    return [2 * n for n in numbers]", "    return numbers"
    recorded = tmp_path / "answers.jsonl"
    recorded.write_text(
        json.dumps(
            {"dataset": "coding_sample", "id": "sample/0", "completions": [right] + 11 * [wrong]}
        )
    )
    with pytest.raises(SystemExit):
        run(recorded, tmp_path, "--max-errors", "99", "--repeats", "12")
    result = json.loads(capsys.readouterr().out)["models"][0]["datasets"][0]
    values = {metric["name"]: metric["value"] for metric in result["metrics"]}
    assert values["pass_at_1"] == pytest.approx(1 / 12)
    assert values["pass_at_10"] == pytest.approx(10 / 12)
    assert values["pass_at_12"] == 1.0


def test_a_row_whose_tests_do_not_parse_is_refused() -> None:
    with pytest.raises(ValueError, match="its tests do not parse"):
        checked("assert f( == 1")
