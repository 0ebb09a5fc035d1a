"""The embedded default for real: the model that ships, on both engines that can load it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.conftest import Site

SAMPLES = 24


def run(site: Site, *more: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the summary, and the sample results by id."""
    done = site.run("run", "--category", "math", "--json", "--samples", str(SAMPLES), *more)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    folder = site.folder / "runs" / summary["run_id"]
    (path,) = (folder / "samples").rglob("*.jsonl")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return summary, {line["sample_id"]: line for line in lines}


def texts(results: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    return {
        name: [completion["text"] for completion in line["generation"]["completions"]]
        for name, line in results.items()
    }


@pytest.fixture(scope="module")
def by_default(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    pytest.importorskip("transformers")
    return run(Site(tmp_path_factory.mktemp("default")))


def test_without_a_model_the_reference_model_runs_on_sample_data(
    by_default: tuple[Any, Any],
) -> None:
    summary, results = by_default
    (model,) = summary["models"]
    (dataset,) = model["datasets"]
    assert (model["model"], dataset["dataset"]) == ("reference", "math_sample")
    assert len(results) == dataset["n_done"] == SAMPLES
    assert any("no measure of any real model" in notice for notice in summary["notices"])
    assert model["categories"] == [], "sample data makes no category score"


def test_the_reference_model_solves_most_problems_of_the_kinds_it_knows(
    by_default: tuple[Any, Any],
) -> None:
    _, results = by_default
    familiar = [
        line["metrics"]["numerical_accuracy"]
        for line in results.values()
        if line["metadata"]["level"] == "familiar"
    ]
    assert len(familiar) > 10
    assert sum(familiar) / len(familiar) > 0.7


@pytest.mark.vllm
def test_vllm_and_transformers_give_the_same_greedy_answers(
    site: Site, by_default: tuple[Any, Any]
) -> None:
    pytest.importorskip("vllm")
    summary, results = run(site, "--model", "reference", "--engine", "vllm")
    assert summary["models"][0]["engine"] == "vllm"
    assert texts(results) == texts(by_default[1])


def test_seeded_draws_repeat_and_do_not_depend_on_the_batch(site: Site) -> None:
    pytest.importorskip("transformers")
    drawn = ("--model", "reference", "--repeats", "2", "--temperature", "0.8", "--samples", "6")
    _, first = run(site, *drawn, "--seed", "5")
    _, again = run(site, *drawn, "--seed", "5", "--engine-option", "batch_size=1")
    _, other = run(site, *drawn, "--seed", "6")
    assert texts(first) == texts(again)
    assert texts(first) != texts(other)
