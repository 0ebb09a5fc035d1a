"""Real rows of BigCodeBench that need the standard library alone, so that they run everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalctl import Completion, Row, Sample
from evalctl.cli import main
from evalctl.plan import load_dataset
from evalctl_coding import bigcodebench as rows
from evalctl_coding.scorers import request_calibrated

MAX_ROWS = 15


def row(**changes: object) -> Row:
    data = {
        "task_id": "BigCodeBench/9999",
        "complete_prompt": 'import os\n\ndef task_func():\n    """Return 1."""\n',
        "instruct_prompt": "Return 1.",
        "canonical_solution": "    return 1\n",
        "code_prompt": "import os\ndef task_func():\n",
        "test": "import unittest, requests_mock\nfrom faker import Faker\nfrom . import here\n",
        "entry_point": "task_func",
        "libs": "['os', 'sklearn.svm', 'numpy', 'sklearn']",
    }
    return Row(data={**data, **changes}, number=0, part="", location="here")  # type: ignore[dict-item]


def test_packages_of_solution_and_tests_are_needed() -> None:
    needs = rows.complete(row()).metadata["needs"]
    assert needs == ["faker", "numpy", "requests_mock", "sklearn"]


def test_slow_and_impossible_problems_are_marked() -> None:
    assert rows.complete(row(task_id="BigCodeBench/102")).metadata["seconds"] == 240.0
    sample = rows.instruct(row(task_id="BigCodeBench/101"))
    asked = request_calibrated(sample, Completion(text="    return 1\n"))
    assert (asked.value, asked.outcome) == (None, "unsupported")  # type: ignore[union-attr]
    assert asked.explanation == "this problem needs the network"  # type: ignore[union-attr]


@pytest.mark.parametrize("spec", [rows.bigcodebench, rows.bigcodebench_instruct])
def test_own_solutions_pass_and_none_does_not(
    spec: rows.DatasetSpec,
    benchmark_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    loaded = load_dataset(spec, "coding", [benchmark_data])
    chosen = [sample for sample in loaded.samples() if _needs_nothing(sample)][:MAX_ROWS]
    assert len(chosen) == MAX_ROWS
    recorded = tmp_path / "answers.jsonl"
    recorded.write_text(
        "".join(
            json.dumps(
                {
                    "dataset": spec.name,
                    "id": sample.id,
                    "completions": [rows.as_block(sample), rows.of_none(sample)],
                }
            )
            + "\n"
            for sample in chosen
        )
    )
    asked = ["run", "--model", f"replay:{recorded}", "--dataset", spec.name, "--repeats", "2"]
    known = ["--data", str(benchmark_data), "--out", str(tmp_path / "runs"), "--json"]
    with pytest.raises(SystemExit):
        main([*asked, *known, "--max-errors", "999"])
    result = json.loads(capsys.readouterr().out)["models"][0]["datasets"][0]
    assert result["outcomes"]["passed"] == MAX_ROWS
    values = {metric["name"]: metric["value"] for metric in result["metrics"]}
    assert values["pass_at_1"] == 0.5
    assert values["pass_at_2"] == 1.0
    assert set(result["integrities"]) <= {"inproc_control", "inproc"}


def _needs_nothing(sample: Sample) -> bool:
    return not {"needs", "lacks", "seconds"} & {k for k, v in sample.metadata.items() if v}
