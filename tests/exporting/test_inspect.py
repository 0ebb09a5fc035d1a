"""What Inspect's own code reads of an export is what the run found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.exporting.conftest import exported, read_with

from evalctl.results import SampleResult
from evalctl.store import RunFolder

Read = dict[str, Any]


@pytest.fixture(scope="module")
def both(
    hostile_run: RunFolder, repeated_run: RunFolder, tmp_path_factory: pytest.TempPathFactory
) -> list[Read]:
    folder = tmp_path_factory.mktemp("inspect")
    made = [
        exported(run, "inspect", folder / str(number))
        for number, run in enumerate((hostile_run, repeated_run))
    ]
    return read_with("read_inspect.py", *made)


@pytest.fixture(scope="module")
def whole(both: list[Read]) -> Read:
    return both[0]


@pytest.fixture(scope="module")
def repeated(both: list[Read]) -> Read:
    return both[1]


def results(run: RunFolder) -> dict[str, SampleResult]:
    return {result.sample_id: result for result in run.results("replay:outputs.jsonl", "gsm8k")}


def test_every_figure_is_the_summarys(
    whole: Read, repeated: Read, hostile_run: RunFolder, repeated_run: RunFolder
) -> None:
    for read, run in ((whole, hostile_run), (repeated, repeated_run)):
        (dataset,) = run.summary().models[0].datasets
        scores = read["header"]["results"]["scores"]
        assert [score["name"] for score in scores] == [metric.name for metric in dataset.metrics]
        for score, metric in zip(scores, dataset.metrics, strict=True):
            figures = {name: found["value"] for name, found in score["metrics"].items()}
            assert figures.get("mean") == metric.value
            assert figures.get("stderr") == metric.stderr
            assert score["scored_samples"] == metric.n_scored
            assert score["unscored_samples"] == metric.n_total - metric.n_scored
            assert score["metadata"] == json.loads(metric.model_dump_json())


def test_every_completion_is_an_epoch_as_the_model_wrote_it(
    whole: Read, repeated: Read, hostile_run: RunFolder, repeated_run: RunFolder
) -> None:
    grade = {"proof_correctness": 0.5}
    for read, run, judged in ((whole, hostile_run, {}), (repeated, repeated_run, grade)):
        kept = results(run)
        answered = [sample for sample in read["samples"] if sample["error"] is None]
        assert len(answered) == sum(len(one.generation.completions) for one in kept.values())
        for sample in answered:
            result = kept[sample["id"]]
            completion = result.generation.completions[sample["epoch"] - 1]
            assert sample["completion"] == completion.text
            assert "".join(sample["reasoning"]) == completion.reasoning
            assert sample["roles"] == ["user", "assistant"]
            assert sample["target"] == result.target
            assert sample["metrics"] == dict(result.metrics) | judged
            own = {name: given[sample["epoch"] - 1] for name, given in result.scores.items()}
            assert {name: sample["scores"][name] for name in own} == {
                name: score.value for name, score in own.items()
            }


def test_a_cut_off_completion_says_so(whole: Read) -> None:
    stops = {sample["id"]: sample["stop"] for sample in whole["samples"]}
    assert stops["5"] == ["max_tokens"]
    assert stops["0"] == ["stop"]


def test_a_judges_scores_are_there(repeated: Read) -> None:
    judged = [sample["scores"].get("proof_correctness") for sample in repeated["samples"]]
    assert judged.count(0.5) == 18


def test_samples_that_were_not_answered_are_errors_and_no_zeros(repeated: Read) -> None:
    failed = [sample for sample in repeated["samples"] if sample["error"] is not None]
    assert {(sample["id"], sample["epoch"]) for sample in failed} == {
        (name, epoch) for name in ("6", "7") for epoch in (1, 2, 3)
    }
    assert all(sample["scores"] == {} for sample in failed)
    assert repeated["status"] == "error"
    assert "no completion recorded" in repeated["error"]
    counts = repeated["header"]["results"]
    assert (counts["total_samples"], counts["completed_samples"]) == (24, 18)


def test_summaries_and_dump_have_the_same_samples(whole: Read, repeated: Read) -> None:
    for read in (whole, repeated):
        kept = {sample["uuid"]: sample for sample in read["samples"]}
        assert len(kept) == len(read["samples"]) == len(read["summaries"]) == read["dumped"]
        for summary in read["summaries"]:
            for name in ("id", "epoch", "scores"):
                assert summary[name] == kept[summary["uuid"]][name]


def test_a_log_says_what_was_run(whole: Read, hostile_run: RunFolder) -> None:
    spec = whole["header"]["eval"]
    assert (whole["task"], whole["status"]) == ("gsm8k", "success")
    assert spec["model"] == "replay/outputs.jsonl"
    assert spec["metadata"]["evalctl"]["run_id"] == hostile_run.run_id
    assert spec["model_generate_config"]["max_tokens"] == 512
    assert whole["header"]["results"]["headline"]["score"] == "numerical_accuracy"
    (score,) = hostile_run.summary().models[0].categories
    found = whole["header"]["results"]["metadata"]["evalctl"]["categories"]
    assert found == [json.loads(score.model_dump_json())]
