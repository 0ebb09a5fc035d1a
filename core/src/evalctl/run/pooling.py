"""Pooled metrics of a running dataset: a plugin's function on summed counts, guarded."""

from __future__ import annotations

from evalctl.metrics import within
from evalctl.scoring import Failure, attempt
from evalctl.specs import MetricSpec
from evalctl.stats import Estimate, PooledCounts, PooledMetric, estimate_pooled


def pooled_value(metric: MetricSpec, counts: PooledCounts) -> Estimate | Failure:
    """Return a pooled metric's value alone, which is quick; why there is none where it failed."""
    if counts.problem:
        return Failure(f"metric {metric.name}: {counts.problem}")
    made = attempt(_checked, metric, counts) if counts.count else None
    if isinstance(made, Failure):
        return Failure(f"metric {metric.name}: {made.reason}")
    return Estimate(made, None, None, "")


def pooled_estimate(metric: MetricSpec, counts: PooledCounts) -> Estimate | Failure:
    """Return a pooled metric with its interval, for which its function is called 1,000 times."""
    plain = pooled_value(metric, counts)
    if isinstance(plain, Failure) or plain.value is None:
        return plain
    made = attempt(estimate_pooled, counts, as_pooled(metric))
    if isinstance(made, Failure):
        return Failure(f"metric {metric.name}: {made.reason}")
    return made._replace(value=plain.value)


def as_pooled(metric: MetricSpec) -> PooledMetric:
    """Return a declared metric of summed counts as statistics have it."""
    assert metric.pooled is not None, "only pooled metrics come here"
    return PooledMetric(
        metric.pooled, metric.lower, metric.upper, metric.support, metric.proportion
    )


def pooled_rows(metric: MetricSpec, counts: PooledCounts) -> int:
    """Return how many samples a pooled metric is of: all that have counts, or its own rows."""
    if metric.support is None:
        return counts.count
    found = attempt(metric.support, counts.sums)
    return counts.count if isinstance(found, Failure) else round(found)


def _checked(metric: MetricSpec, counts: PooledCounts) -> float | None:
    assert metric.pooled is not None, "only pooled metrics come here"
    value = metric.pooled(counts.sums)
    return None if value is None else within(value, metric.lower, metric.upper)
