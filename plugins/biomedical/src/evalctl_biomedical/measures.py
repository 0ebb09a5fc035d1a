"""From scores to numbers: means of what scorers counted, and F1 over classes. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from evalctl import MetricSpec, Score

_HIT, _EXTRA, _MISSED = "tp:", "fp:", "fn:"


def class_counts(gold: str, given: str | None, classes: Sequence[str]) -> dict[str, float]:
    """Return what one answer adds to the confusion of classes; None is an answer of no class."""
    if given == gold:
        return {_HIT + gold: 1.0}
    extra = {_EXTRA + given: 1.0} if given is not None and given in classes else {}
    return {_MISSED + gold: 1.0, **extra}


def macro_f1(sums: Mapping[str, float], *, classes: Sequence[str]) -> float | None:
    """Return the mean of the classes' F1, of those that occur at all; None without any.

    Source: scikit-learn, `f1_score(average="macro")`, which PubMedQA's evaluation.py calls.
    """
    found = [f1 for name in classes if (f1 := _f1(sums, [name])) is not None]
    return math.fsum(found) / len(found) if found else None


def micro_f1(sums: Mapping[str, float], *, classes: Sequence[str]) -> float | None:
    """Return the F1 of all classes' counts together; None without any."""
    return _f1(sums, classes)


def _f1(sums: Mapping[str, float], classes: Iterable[str]) -> float | None:
    hits, extra, missed = (
        math.fsum(sums.get(kind + name, 0.0) for name in classes)
        for kind in (_HIT, _EXTRA, _MISSED)
    )
    total = 2 * hits + extra + missed
    return 2 * hits / total if total else None


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
