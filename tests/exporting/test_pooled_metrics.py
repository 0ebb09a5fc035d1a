"""A metric that is made of sums, and has no greatest value, is told apart from a mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from tests.exporting.conftest import changed_copy, exported

from evalctl.store import RunFolder

SCORER, METRIC = "numerical_accuracy", "numerical_accuracy"


@pytest.fixture
def pooled_run(hostile_run: RunFolder, tmp_path: Path) -> RunFolder:
    """The hostile run, as if its headline were pooled and had no bounds."""
    plan: dict[str, Any] = json.loads(json.dumps(hostile_run.manifest().plan))
    metric = plan["models"][0]["datasets"][0]["scorers"][SCORER]["metrics"][METRIC]
    metric.update(is_pooled=True, lower=None, upper=None)
    return changed_copy(hostile_run, tmp_path / "run", plan=plan)


def test_inspect_is_told_what_the_value_is(pooled_run: RunFolder, tmp_path: Path) -> None:
    (log,) = exported(pooled_run, "inspect", tmp_path / "out").glob("*.eval")
    with ZipFile(log) as archive:
        header = json.loads(archive.read("header.json"))
    score, other = header["results"]["scores"][:2]
    assert set(score["metrics"]) == {"pooled", "stderr"}
    assert set(other["metrics"]) == {"mean", "stderr"}
    assert header["results"]["headline"]["metric"] == "pooled"


def test_lm_eval_is_told_how_it_is_aggregated(pooled_run: RunFolder, tmp_path: Path) -> None:
    (path,) = exported(pooled_run, "lm-eval", tmp_path / "out").rglob("results_*.json")
    metrics = json.loads(path.read_text(encoding="utf-8"))["configs"]["gsm8k"]["metric_list"]
    kinds = {metric["metric"]: metric["aggregation"] for metric in metrics}
    assert kinds[METRIC] == "pooled"
    assert kinds["lm_eval_strict"] == "mean"


def test_every_eval_ever_has_open_bounds(pooled_run: RunFolder, tmp_path: Path) -> None:
    (path,) = exported(pooled_run, "every-eval-ever", tmp_path / "out").rglob("*.json")
    config = json.loads(path.read_text())["evaluation_results"][0]["metric_config"]
    assert (config["min_score"], config["max_score"]) == ("-Infinity", "Infinity")
