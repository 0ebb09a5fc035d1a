"""Canonical solutions, and functions that return None, through the engine `replay`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalctl.cli import main
from evalctl.plan import load_dataset
from evalctl.proving import write_gold
from evalctl_coding import programs
from evalctl_coding.functions import coding_sample, humaneval, mbpp_full

BESIDE = {"367", "601", "927"}
"""Problems of MBPP whose tests build objects of a class that the program defines."""


@pytest.mark.parametrize(
    ("name", "rows", "beside"),
    [("coding_sample", 40, set()), ("humaneval", 164, set()), ("mbpp_full", 974, BESIDE)],
)
def test_canonical_solutions_pass_in_split_judging_and_none_never_does(
    name: str,
    rows: int,
    beside: set[str],
    benchmark_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec = {"coding_sample": coding_sample, "humaneval": humaneval, "mbpp_full": mbpp_full}[name]
    assert spec.gold is not None
    loaded = load_dataset(spec, "coding", [benchmark_data])
    none = programs.program_of_none if spec is mbpp_full else programs.function_of_none
    recorded = tmp_path / "both.jsonl"
    assert write_gold(loaded, spec.gold, tmp_path / "gold.jsonl") == rows
    assert write_gold(loaded, none, tmp_path / "none.jsonl") == rows
    with recorded.open("w") as file:
        files = ((tmp_path / "gold.jsonl").open(), (tmp_path / "none.jsonl").open())
        for right, wrong in zip(*(map(json.loads, lines) for lines in files), strict=True):
            both = {**right, "completions": right["completions"] + wrong["completions"]}
            file.write(json.dumps(both) + "\n")
    asked = ["run", "--model", f"replay:{recorded}", "--dataset", name, "--repeats", "2"]
    known = ["--data", str(benchmark_data), "--out", str(tmp_path / "runs"), "--json"]
    with pytest.raises(SystemExit) as exit_:
        main([*asked, *known])
    assert exit_.value.code == 0
    result = json.loads(capsys.readouterr().out)["models"][0]["datasets"][0]
    assert result["outcomes"]["passed"] == rows
    scored = [
        json.loads(line)
        for path in (tmp_path / "runs").rglob("samples/*/*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    verdicts = {row["sample_id"]: next(iter(row["scores"].values())) for row in scored}
    assert len(verdicts) == rows
    assert [id_ for id_, (right, _) in verdicts.items() if right["value"] != 1.0] == []
    assert [id_ for id_, (_, wrong) in verdicts.items() if wrong["value"] == 1.0] == []
    not_split = {
        id_ for id_, (right, _) in verdicts.items() if right["program"]["integrity"] != "split"
    }
    assert not_split == beside
