"""Bootstrap of metrics that are functions of summed counts, such as F1 or bits per byte.

They are no means of single samples' values, so no formula gives their interval. What is summed
here are *counts*: what a scorer says can be added up over samples.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from statistics import NormalDist, stdev
from typing import Self

from evalctl.stats.intervals import Estimate, spreadless_interval, student_t_quantile

Pooled = Callable[[Mapping[str, float]], float | None]
"""Summed counts to a metric's value; None where they do not define one."""
Support = Callable[[Mapping[str, float]], float]
"""Summed counts to how many rows a metric of some of them alone rests on."""

REPLICATES = 1000
"""Resamples of the dataset."""
MAX_KEYS = 2000
"""Different counts that are summed for one scorer; each takes 8 to 40 kB."""
_UNIT = 1 << 20
"""Counts are rounded to multiples of `1 / _UNIT`, so that sums are exact in any order."""
_LARGEST_SUM = 1 << 59
"""The largest sum in these units, so that 64 bits hold it where samples count 8 times."""
_BATCH = 256
"""Samples that are held until they are added to the replicates in one go."""
LEAST_DEFINED = 0.95
"""An interval needs this share of replicates on which the metric is defined."""
SELDOM_DEFINED = "too often a resample does not define it (rare class, few clusters)"
"""Why a pooled value has no interval."""
ALWAYS_THE_SAME = "all resamples of its rows give the same value"
"""Likewise."""
FEW_ROWS = "fewer than two rows are of it"
"""Likewise."""


@dataclass(slots=True)
class PooledCounts:
    """Sums of counts over samples, and over 1,000 resamples of them, as the samples come.

    In each resample a sample counts as often as a Poisson variable of mean 1 says, which needs no
    number of samples beforehand. These numbers come from a hash of dataset and cluster (or of
    dataset and sample, where it stands alone), so that samples of one cluster come and go together,
    and neither order, nor merging, nor an interruption changes a digit. Two runs on the same
    samples have the same resamples, so that their replicates can be compared pair by pair.

    Memory grows with the different counts and with the clusters. All fields are numbers, texts,
    lists and dictionaries.

    Source: Chamandy, Muralidharan, Najmi and Naidu 2012, "Estimating uncertainty for massive data
    streams" (Google), for the Poisson bootstrap; Efron and Tibshirani 1993, "An introduction to the
    bootstrap", for the bootstrap of whole clusters.
    """

    dataset: str
    """Name of the dataset."""
    count: int = 0
    """Samples that have counts."""
    totals: dict[str, int] = field(default_factory=dict)
    """The sums, in units of 2 ** -20."""
    magnitudes: dict[str, int] = field(default_factory=dict)
    """Sums of the counts without their sign, in the same units."""
    replicates: dict[str, list[int]] = field(default_factory=dict)
    """The sums by resample, without `waiting`."""
    waiting: list[tuple[str, dict[str, int]]] = field(default_factory=list)
    """What goes into the replicates next: the name of what is resampled, and its counts."""
    clusters: dict[str, int] = field(default_factory=dict)
    """Samples by cluster, of those that have one."""
    problem: str = ""
    """Why these counts give no value; empty where they do."""

    def add(self, counts: Mapping[str, float], sample_id: str, cluster: str | None = None) -> None:
        """Add a sample's counts.

        Args:
            counts: Finite numbers, rounded here to multiples of 2 ** -20.
            sample_id: Unique within the dataset.
            cluster: What the sample shares with others; None means that it stands alone.

        Raises:
            ValueError: A count is not finite.
        """
        for name, value in counts.items():
            if not math.isfinite(value):
                raise ValueError(f"the count {name} is {value}, which is not finite")
        whole = {name: round(value * _UNIT) for name, value in counts.items()}
        self.count += 1
        if cluster is not None:
            self.clusters[cluster] = self.clusters.get(cluster, 0) + 1
        for name, units in whole.items():
            self._sum(name, units, abs(units))
        unit = f"sample\0{sample_id}" if cluster is None else f"cluster\0{cluster}"
        self.waiting.append((unit, whole))
        self._settle()

    def merge(self, other: PooledCounts) -> Self:
        """Add all that another one has seen, of other samples of the same dataset."""
        self.count += other.count
        for name, units in other.totals.items():
            self._sum(name, units, other.magnitudes[name])
        for name, count in other.clusters.items():
            self.clusters[name] = self.clusters.get(name, 0) + count
        for name, sums in other.replicates.items():
            own = self.replicates.get(name, [0] * len(sums))
            self.replicates[name] = [a + b for a, b in zip(own, sums, strict=True)]
        self.waiting += other.waiting
        self.problem = self.problem or other.problem
        self._settle()
        return self

    @property
    def independent_count(self) -> int:
        """How many independent units there are: clusters, and samples that stand alone."""
        return self.count - sum(self.clusters.values()) + len(self.clusters)

    @property
    def sums(self) -> dict[str, float]:
        """The sums of the counts."""
        return {name: units / _UNIT for name, units in self.totals.items()}

    def resampled(self) -> list[dict[str, float]]:
        """Return the sums of each resample, always in the same order."""
        self._fold()
        columns = {name: sums for name, sums in self.replicates.items() if name in self.totals}
        return [
            {name: sums[index] / _UNIT for name, sums in columns.items()}
            for index in range(REPLICATES if columns else 0)
        ]

    def _sum(self, name: str, units: int, magnitude: int) -> None:
        self.totals[name] = self.totals.get(name, 0) + units
        self.magnitudes[name] = self.magnitudes.get(name, 0) + magnitude
        if len(self.totals) > MAX_KEYS:
            self.problem = f"more than {MAX_KEYS:,} different counts"
        elif self.magnitudes[name] > _LARGEST_SUM:
            self.problem = f"the count {name} sums up to more than can be added exactly"

    def _settle(self) -> None:
        """Drop everything where the counts give no value; make room where many are waiting."""
        if self.problem:
            self.totals, self.magnitudes, self.replicates, self.waiting = {}, {}, {}, []
        elif len(self.waiting) >= _BATCH:
            self._fold()

    def _fold(self) -> None:
        """Add what is waiting to the replicates."""
        if not self.waiting:
            return
        import numpy as np

        table = np.array(_POISSON_TABLE, dtype=np.uint16)
        size = 2 * REPLICATES
        drawn = b"".join(
            hashlib.shake_128(f"{self.dataset}\0{unit}".encode()).digest(size)
            for unit, _ in self.waiting
        )
        chances = np.frombuffer(drawn, dtype="<u2").reshape(len(self.waiting), REPLICATES)
        weights = np.searchsorted(table, chances, side="right").astype(np.int64)
        for name in {name for _, counts in self.waiting for name in counts}:
            column = np.array([counts.get(name, 0) for _, counts in self.waiting], dtype=np.int64)
            added = column @ weights
            if name in self.replicates:
                added += np.array(self.replicates[name], dtype=np.int64)
            self.replicates[name] = added.tolist()
        self.waiting = []


@dataclass(frozen=True)
class PooledMetric:
    """A metric of summed counts, its range, and what it rests on."""

    pooled: Pooled
    """Summed counts to a value. On a resample it may raise ArithmeticError or ValueError, which
    means that it is not defined there."""
    lower: float = 0.0
    """Least possible value; minus infinity where there is none."""
    upper: float = 1.0
    """Greatest possible value; infinity where there is none."""
    support: Support | None = None
    """How many rows a metric of some of them alone rests on; None for all."""
    proportion: bool = False
    """Whether it is a share of these rows."""

    def units(self, units: int, sums: Mapping[str, float]) -> int:
        """Return how many independent units it rests on: all, or no more than its rows."""
        return units if self.support is None else min(units, round(self.support(sums)))

    @property
    def has_trials(self) -> bool:
        """Whether each unit that it rests on is a trial, as far as that is known.

        F1 of one class is of what is of the class and of what was wrongly given to it: how many
        trials that makes depends on the answers.
        """
        return self.support is None or self.proportion


def estimate_pooled(counts: PooledCounts, metric: PooledMetric) -> Estimate:
    """Return the value of the summed counts, with its bootstrap standard error and interval.

    The interval is between percentiles of the replicates, further out than 2.5 and 97.5 % the fewer
    samples the metric rests on, so that few do not make it too narrow. Where the metric is not
    defined on one resample in twenty (a rare class, few clusters), nobody knows how far it spreads:
    there is neither standard error nor interval, and `lacking` says why.

    A single sample, and replicates that are all the same, have Wilson's interval on the share of
    the range, as means have. F1 of one class has none there: see `PooledMetric.has_trials`.

    Args:
        counts: The sums.
        metric: The metric.

    Source: Hesterberg 2015, "What teachers should know about the bootstrap", The American
    Statistician 69(4), for the expanded percentiles.
    """
    value = metric.pooled(counts.sums) if counts.count and not counts.problem else None
    if value is None or not math.isfinite(value):
        return Estimate(None, None, None, "")
    units = metric.units(counts.independent_count, counts.sums)
    if units < 2 and not (units and metric.has_trials):
        return Estimate(value, None, None, "", FEW_ROWS)
    made = sorted(
        found
        for sums in (counts.resampled() if units > 1 else [])
        if (found := defined(metric.pooled, sums)) is not None
    )
    if units > 1 and len(made) < REPLICATES * LEAST_DEFINED:
        return Estimate(value, None, None, "", SELDOM_DEFINED)
    if not made or made[0] == made[-1]:
        if not metric.has_trials:
            return Estimate(value, None, None, "", ALWAYS_THE_SAME)
        interval, method = spreadless_interval(value, units, metric.lower, metric.upper)
        return Estimate(value, 0.0 if made else None, interval, method)
    tail = tail_share(units, student_t_quantile(units - 1))
    low, high = quantile(made, tail), quantile(made, 1.0 - tail)
    bounds = (max(metric.lower, min(low, value)), min(metric.upper, max(high, value)))
    return Estimate(value, stdev(made), bounds, "bootstrap")


def tail_share(units: int, critical: float) -> float:
    """Return the share of replicates that an interval leaves out on each side.

    Args:
        units: Independent units, at least 2.
        critical: Student's t with one degree of freedom less.
    """
    return NormalDist().cdf(-math.sqrt(units / (units - 1)) * critical)


def defined(pooled: Pooled, sums: Mapping[str, float]) -> float | None:
    """Return a metric's value; None where sums define none."""
    try:
        value = pooled(sums)
    except (ArithmeticError, ValueError):
        return None
    return value if value is not None and math.isfinite(value) else None


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value at a share of the way through, a straight line between two of them."""
    place = share * (len(ordered) - 1)
    before = min(int(place), len(ordered) - 2)
    part = place - before
    return ordered[before] * (1.0 - part) + ordered[before + 1] * part


_POISSON_TABLE = tuple(
    round(65536 * share) for share in accumulate(math.exp(-1) / math.factorial(k) for k in range(8))
)
"""Of 65,536 equal chances, how many give at most 0, 1, 2 ... 7."""
