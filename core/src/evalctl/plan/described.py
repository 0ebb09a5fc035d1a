"""Scorers and metrics as plain data, for the manifest."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import JsonValue

from evalctl.specs import MetricSpec, ScorerSpec


def describe_scorer(scorer: ScorerSpec, metrics: Iterable[MetricSpec]) -> dict[str, JsonValue]:
    """Return a scorer with the metrics that a run makes of it."""
    described: dict[str, JsonValue] = scorer.model_dump(
        mode="json", exclude={"name", "metrics", "datasets"}
    )
    described["metrics"] = {metric.name: _describe_metric(metric) for metric in metrics}
    return described | ({"is_added": True} if scorer.is_added else {})


def _describe_metric(metric: MetricSpec) -> dict[str, JsonValue]:
    described: dict[str, JsonValue] = {
        "title": metric.title,
        "is_pooled": metric.pooled is not None,
        "lower": metric.least,
        "upper": metric.most,
    }
    return described | ({} if metric.ideal is None else {"ideal": metric.ideal})
