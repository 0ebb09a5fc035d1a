"""An export is what Every Eval Ever's schema wants, and says what the run found."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.exporting.conftest import exported, json_lines

from evalctl.exporting.every_eval_ever import model_id, portable
from evalctl.exporting.source import PlannedModel
from evalctl.store import RunFolder

Read = dict[str, Any]

REQUIRED = {
    "schema_version",
    "evaluation_id",
    "retrieved_timestamp",
    "source_metadata",
    "model_info",
    "eval_library",
    "evaluation_results",
}
"""Of a record, as schema 0.3.0 has it."""
REQUIRED_OF_A_SAMPLE = {
    "schema_version",
    "evaluation_id",
    "model_id",
    "evaluation_name",
    "sample_id",
    "interaction_type",
    "input",
    "output",
    "answer_attribution",
    "evaluation",
}
PACKAGE = "every-eval-ever==0.3.0"


@pytest.fixture(scope="module")
def whole(hostile_run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(hostile_run, "every-eval-ever", tmp_path_factory.mktemp("whole") / "out")


@pytest.fixture(scope="module")
def repeated(repeated_run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(repeated_run, "every-eval-ever", tmp_path_factory.mktemp("repeated") / "out")


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own package, in a folder of its own: pip has it for Python 3.12 alone.

    Its validator runs on 3.11 all the same, with packages that are pinned anyway.
    """
    if importlib.util.find_spec("pip") is None:
        pytest.skip("no pip")
    folder = tmp_path_factory.mktemp("validator")
    flags = ["--quiet", "--no-deps", "--ignore-requires-python", "--target", str(folder)]
    command = [sys.executable, "-m", "pip", "install", *flags, PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{PACKAGE} cannot be had: {done.stderr[-200:]}")
    return folder


def record_of(folder: Path) -> tuple[Path, Read]:
    (path,) = folder.glob("data/*/*/*/*.json")
    return path, json.loads(path.read_text(encoding="utf-8"))


def samples_of(folder: Path) -> list[Read]:
    (path,) = folder.glob("data/*/*/*/*_samples.jsonl")
    return json_lines(path)


@pytest.mark.network
def test_its_own_validator_finds_nothing(validator: Path, whole: Path, repeated: Path) -> None:
    path = os.pathsep.join([str(validator), os.environ.get("PYTHONPATH", "")])
    files = [str(folder / "data/*/*/*/*.json*") for folder in (whole, repeated)]
    done = subprocess.run(
        [sys.executable, "-m", "every_eval_ever", "validate", "--format", "json", *files],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    reports = json.loads(done.stdout)
    assert [(one["valid"], one["warnings"]) for one in reports] == [(True, [])] * 4


def test_every_figure_is_the_summarys(
    whole: Path, repeated: Path, hostile_run: RunFolder, repeated_run: RunFolder
) -> None:
    for folder, run in ((whole, hostile_run), (repeated, repeated_run)):
        _, record = record_of(folder)
        (dataset,) = run.summary().models[0].datasets
        scored = [metric for metric in dataset.metrics if metric.value is not None]
        assert len(record["evaluation_results"]) == len(scored)
        for found, metric in zip(record["evaluation_results"], scored, strict=True):
            details = found["score_details"]
            assert found["evaluation_result_id"] == metric.name
            assert details["score"] == metric.value
            assert details["uncertainty"]["num_samples"] == metric.n_scored
            assert details["uncertainty"]["standard_error"]["value"] == metric.stderr
            interval = details["uncertainty"]["confidence_interval"]
            assert (interval["lower"], interval["upper"]) == metric.interval


def test_required_fields_are_there_and_nothing_else_at_the_top(whole: Path) -> None:
    _, record = record_of(whole)
    known = REQUIRED | {"evaluation_timestamp", "detailed_evaluation_results"}
    assert REQUIRED <= record.keys() <= known
    assert record["schema_version"] == "0.3.0"
    for line in samples_of(whole):
        assert line.keys() >= REQUIRED_OF_A_SAMPLE
        assert isinstance(line["evaluation"]["score"], float)
        assert all(isinstance(value, str) for value in line["metadata"].values())


def test_record_and_samples_point_at_each_other(whole: Path, repeated: Path) -> None:
    for folder in (whole, repeated):
        path, record = record_of(folder)
        details = record["detailed_evaluation_results"]
        samples = folder / details["file_path"]
        assert samples.name == f"{path.stem}_samples.jsonl"
        assert details["checksum"] == hashlib.sha256(samples.read_bytes()).hexdigest()
        lines = samples_of(folder)
        assert details["total_rows"] == len(lines)
        assert {line["evaluation_id"] for line in lines} == {record["evaluation_id"]}
        assert {line["model_id"] for line in lines} == {record["model_info"]["id"]}
        assert len(samples.read_text(encoding="utf-8").splitlines()) == len(lines)


def test_samples_hold_what_the_model_wrote(whole: Path, hostile_run: RunFolder) -> None:
    kept = {one.sample_id: one for one in hostile_run.results("replay:outputs.jsonl", "gsm8k")}
    for line in samples_of(whole):
        result = kept[line["sample_id"]]
        completions = result.generation.completions
        assert line["output"]["raw"] == [completion.text for completion in completions]
        assert line["input"]["reference"] == [result.target]
        assert line["evaluation"]["score"] == result.metrics[line["evaluation_result_id"]]


def test_what_is_not_scored_has_no_line(repeated: Path) -> None:
    _, record = record_of(repeated)
    assert {line["sample_id"] for line in samples_of(repeated)} == {str(n) for n in range(6)}
    details = record["evaluation_results"][0]["score_details"]["details"]
    assert details["engine_failures"] == "2"


def test_a_judge_is_named(repeated: Path) -> None:
    _, record = record_of(repeated)
    judged = {
        found["evaluation_result_id"]: found["metric_config"]["llm_scoring"]["judges"]
        for found in record["evaluation_results"]
        if "llm_scoring" in found["metric_config"]
    }
    (judge,) = judged["proof_correctness"]
    assert judge["model_info"]["name"] == "replay:verdicts.jsonl"


@pytest.mark.parametrize(
    ("engine", "path", "expected"),
    [
        ("vllm", "Qwen/Qwen2.5-Math-7B", "Qwen/Qwen2.5-Math-7B"),
        ("replay", "some/file", "local/replay-some-file-"),
        ("vllm", "/models/mine", "local/vllm-models-mine-"),
        ("vllm", "../data", "local/vllm-..-data-"),
        ("vllm", "data/data", "local/vllm-data-data-"),
    ],
)
def test_a_models_id_is_a_hubs_or_a_local_one(engine: str, path: str, expected: str) -> None:
    model = PlannedModel(
        model=f"{engine}:{path}",
        path=path,
        revision=None,
        content_hash=None,
        engine=engine,
        preset=None,
        datasets=(),
    )
    assert model_id(model).startswith(expected)


@pytest.mark.parametrize("name", ["con", "data", "unknown", "nul.txt"])
def test_names_that_are_taken_are_not_used(name: str) -> None:
    assert portable(name) == f"_{name}_"
