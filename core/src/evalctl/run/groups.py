"""A dataset by group: what its samples add up to for each value of their metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.results import GroupMetric, GroupValue
from evalctl.run.pooling import pooled_estimate, pooled_rows
from evalctl.scoring import Failure
from evalctl.specs import MetricSpec
from evalctl.stats import Estimate, Moments, PooledCounts, estimate

MOST_VALUES = 200
"""Different values of a key that are told apart; a pooled metric takes 0.2 MB or so for each."""
OTHERS = "(others)"
"""What samples with further values are counted under."""


class Member(NamedTuple):
    """A sample as far as its groups go."""

    sample_id: str
    cluster: str | None
    groups: Mapping[str, str]
    """The value of each key that it has."""


def groups_of(keys: Sequence[str], metadata: Mapping[str, JsonValue]) -> dict[str, str]:
    """Return a sample's value of each key that it has; a value that is no scalar is none."""
    found = {key: metadata.get(key) for key in keys}
    return {key: str(value) for key, value in found.items() if isinstance(value, str | int | float)}


@dataclass
class GroupTotals:
    """What the samples of one group add up to."""

    n_total: int = 0
    """Samples that were answered."""
    moments: Moments = field(default_factory=Moments)
    """Their values; empty where the metric is pooled."""
    pool: PooledCounts | None = None
    """Their counts, where the headline's scorer has any pooled metric."""


@dataclass
class Groups:
    """The groups of a dataset; all of it can be written as JSON and read back."""

    keys: dict[str, dict[str, GroupTotals]] = field(default_factory=dict)
    """By key and value."""

    def add(
        self, dataset: str, member: Member, value: float | None, counts: Mapping[str, float] | None
    ) -> None:
        """Count a sample in each of its groups.

        Args:
            dataset: Name of the dataset.
            member: The sample.
            value: Of the metric; None where it has none, or is pooled.
            counts: Of its scorer, where it has pooled metrics; None where the sample has none.
        """
        for key, name in member.groups.items():
            totals = self._place(key, name)
            totals.n_total += 1
            if value is not None:
                totals.moments.add(value, member.cluster)
            if counts is not None:
                totals.pool = totals.pool or PooledCounts(dataset)
                totals.pool.add(counts, member.sample_id, member.cluster)

    def _place(self, key: str, name: str) -> GroupTotals:
        known = self.keys.setdefault(key, {})
        if name not in known and len(known) >= MOST_VALUES:
            name = OTHERS
        return known.setdefault(name, GroupTotals())

    def result(
        self, metric: MetricSpec, others: Sequence[MetricSpec] = ()
    ) -> dict[str, tuple[GroupValue, ...]]:
        """Return a metric for each group, by key, in the order of their names.

        Args:
            metric: The metric that groups are told by.
            others: The pooled metrics that its scorer has besides.
        """
        return {
            key: tuple(
                _value(name, totals, metric, others) for name, totals in sorted(known.items())
            )
            for key, known in self.keys.items()
        }


def _value(
    name: str, totals: GroupTotals, metric: MetricSpec, others: Sequence[MetricSpec]
) -> GroupValue:
    found = _estimate(totals, metric)
    return GroupValue(
        group=name,
        value=found.value,
        stderr=found.stderr,
        interval=found.interval,
        interval_method=found.method,
        n_scored=(
            pooled_rows(metric, totals.pool)
            if totals.pool and metric.pooled
            else totals.moments.count
        ),
        n_total=totals.n_total,
        others=tuple(_other(totals, one) for one in others),
    )


def _other(totals: GroupTotals, metric: MetricSpec) -> GroupMetric:
    found = _estimate(totals, metric)
    return GroupMetric(
        name=metric.name, value=found.value, stderr=found.stderr, interval=found.interval
    )


def _estimate(totals: GroupTotals, metric: MetricSpec) -> Estimate:
    if metric.pooled is None:
        return estimate(
            totals.moments, proportion=metric.proportion, lower=metric.lower, upper=metric.upper
        )
    found = pooled_estimate(metric, totals.pool) if totals.pool else None
    return Estimate(None, None, None, "") if found is None or isinstance(found, Failure) else found
