"""Metrics that are functions of summed counts, on two sides: what a run folder holds of them.

A manifest does not hold the function, so the plugin that brings the dataset must be installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict

from evalctl.comparing.pairing import MetricPair, Samples, Subject, overlap
from evalctl.comparing.sides import RunSide
from evalctl.disabling import disabled_plugins
from evalctl.errors import UnknownNameError
from evalctl.metrics import mean_counts
from evalctl.plugins import load
from evalctl.records import Score
from evalctl.registry import Registry
from evalctl.specs import MetricSpec
from evalctl.stats import CountPair, PooledMetric, pooled_difference
from evalctl.store import read_lines

Counts = Mapping[str, Mapping[str, float]]
"""By sample id."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    sample_id: str
    scores: Mapping[str, tuple[Score, ...]] = {}


class _Judged(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    sample_id: str
    scorer: str
    scores: tuple[Score, ...] = ()


def installed_metric(dataset: str, name: str) -> MetricSpec | None:
    """Return the pooled metric that the installed plugins have for a dataset; None without one."""
    try:
        scorers = _registry().dataset(dataset).spec.scorers
    except UnknownNameError:
        return None
    metrics = (metric for scorer in scorers for metric in scorer.metrics)
    return next((one for one in metrics if one.name == name and one.pooled is not None), None)


def pair_pooled(
    subject: Subject,
    sides: tuple[RunSide, RunSide],
    samples: tuple[Samples, Samples],
    *,
    confidence: float,
) -> MetricPair | None:
    """Return a pooled metric's comparison; None where nobody can compute it.

    Args:
        subject: What is compared; `index` is not used.
        sides: A and B.
        samples: Those of each side that count.
        confidence: Of the interval.

    Raises:
        OutputError: A line is damaged.
    """
    metric = installed_metric(subject.dataset, subject.metric)
    if metric is None or metric.pooled is None:
        return None
    counts = [_read(side, subject, own) for side, own in zip(sides, samples, strict=True)]
    pairs = [
        CountPair(name, counts[0][name], counts[1][name], samples[0][name].cluster)
        for name in counts[0]
        if name in counts[1]
    ]
    declared = PooledMetric(
        metric.pooled, metric.lower, metric.upper, metric.support, metric.proportion
    )
    found = pooled_difference(subject.dataset, pairs, declared, confidence=confidence)
    if found is None:
        return None
    return subject.paired(overlap(*samples), found.figures, found.test, found.units)


def _read(side: RunSide, subject: Subject, among: Samples) -> Counts:
    return {
        name: counts
        for name, scores in _scores(side, subject)
        if name in among and (counts := mean_counts(scores)) is not None
    }


def _scores(side: RunSide, subject: Subject) -> Iterator[tuple[str, tuple[Score, ...]]]:
    planned = side.planned.dataset(subject.dataset)
    known = planned.scorers if planned else {}
    scorer = next(
        (name for name in known if planned and subject.metric in planned.metrics_of(name)), ""
    )
    path = side.folder.samples_path(side.model, subject.dataset)
    for line in read_lines(path, _Line) if path.is_file() else ():
        if scores := line.scores.get(scorer):
            yield line.sample_id, scores
    path = side.folder.judged_path(side.model, subject.dataset)
    for verdict in read_lines(path, _Judged) if path.is_file() else ():
        if verdict.scorer == scorer:
            yield verdict.sample_id, verdict.scores


@cache
def _registry() -> Registry:
    return load(disabled=disabled_plugins()).registry
