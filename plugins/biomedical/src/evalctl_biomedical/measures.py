"""From scores to numbers: means and shares of what scorers counted. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from evalctl import MetricSpec, Score


def share(sums: Mapping[str, float], *, part: str, whole: str) -> float | None:
    """Return one count over another; None where there is nothing of that."""
    total = sums.get(whole, 0.0)
    return sums.get(part, 0.0) / total if total else None


def mean_count(scores: tuple[Score, ...], *, name: str) -> float | None:
    """Return the mean of a count over a sample's completions that have it; None without one."""
    found = [
        score.counts[name]
        for score in scores
        if score.value is not None and not score.failed and name in score.counts
    ]
    return math.fsum(found) / len(found) if found else None


def mean_of(count: str, name: str, title: str, *, lower: float = 0.0) -> MetricSpec:
    """Return a metric that is the mean of a count over samples."""
    return MetricSpec(name=name, title=title, reduce=partial(mean_count, name=count), lower=lower)
