"""Pooled metrics of a running dataset: a plugin's function on summed counts, guarded."""

from __future__ import annotations

from evalctl.metrics import within
from evalctl.scoring import Failure, attempt
from evalctl.specs import MetricSpec
from evalctl.stats import Estimate, PooledCounts, estimate_pooled


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
    assert metric.pooled is not None, "only pooled metrics come here"
    made = attempt(estimate_pooled, counts, metric.pooled, lower=metric.lower, upper=metric.upper)
    if isinstance(made, Failure):
        return Failure(f"metric {metric.name}: {made.reason}")
    return made._replace(value=plain.value)


def _checked(metric: MetricSpec, counts: PooledCounts) -> float | None:
    assert metric.pooled is not None, "only pooled metrics come here"
    value = metric.pooled(counts.sums)
    return None if value is None else within(value, metric.lower, metric.upper)
