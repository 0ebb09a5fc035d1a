"""Two sides on the same samples where a metric is a function of summed counts, such as F1.

No sample has a value there, so differences cannot be averaged. The interval is a bootstrap's in
which both sides have the same resamples; the test exchanges the sides' counts sample by sample.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import stdev
from typing import TYPE_CHECKING, NamedTuple

from evalctl.stats.bootstrap import (
    LEAST_DEFINED,
    REPLICATES,
    Pooled,
    PooledCounts,
    PooledMetric,
    defined,
    quantile,
    tail_share,
)
from evalctl.stats.paired import Discordant, PairedDifference, minimum_detectable, tango_interval
from evalctl.stats.paired_tests import SEED, PairedTest
from evalctl.stats.student import student_t_critical

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_TRIED = 12
"""Units that differ whose exchanges are all tried: 4,096 patterns."""
DRAWS = 9_999
"""Random exchanges where more differ."""
_CHUNK = 1 << 22
"""Signs made at once; 32 MB of numbers."""
_CLOSE = 1e-9
"""Two differences this close are the same but for rounding."""


class CountPair(NamedTuple):
    """One sample's counts on both sides."""

    sample_id: str
    """Unique within the dataset."""
    a: Mapping[str, float]
    """Finite numbers."""
    b: Mapping[str, float]
    """Likewise."""
    cluster: str | None = None
    """What the sample shares with others; None means it stands alone."""


class PooledDifference(NamedTuple):
    """A pooled metric of A minus that of B on the same samples."""

    figures: PairedDifference
    """How large the difference is; `method` is `bootstrap` or `tango`."""
    test: PairedTest
    """Whether there is one."""
    units: list[float]
    """What each independent unit adds to the difference, by the jackknife; their sum is the
    difference."""


def pooled_difference(
    dataset: str, pairs: Sequence[CountPair], metric: PooledMetric, *, confidence: float = 0.95
) -> PooledDifference | None:
    """Return the difference of a pooled metric; None where one side's counts define no value.

    Args:
        dataset: Name of the dataset: it decides the resamples, so that they are those of each
            side's own interval.
        pairs: Samples that both sides have counts of, ids unique.
        metric: The metric.
        confidence: Between 0 and 1.

    Raises:
        ValueError: A count is not finite.

    Source: Noreen 1989, "Computer-intensive methods for testing hypotheses", and Yeh 2000, "More
    accurate tests for the statistical significance of result differences", for the test
    (approximate randomisation); Efron and Tibshirani 1993, "An introduction to the bootstrap", for
    paired resamples and for the jackknife.
    """
    if not pairs:
        return None
    counts = _Counts.of(pairs)
    sums = counts.sums()
    value_a, value_b = (defined(metric.pooled, one) for one in sums)
    if value_a is None or value_b is None:
        return None
    value, n_units = value_a - value_b, len(counts.a)
    made = _replicates(dataset, pairs, metric.pooled)
    stderr = stdev(made) if len(made) > 1 else None
    behind = min(metric.units(n_units, one) for one in sums)
    interval, method = _interval(made, value, behind, metric, confidence)
    is_known = stderr is not None and interval is not None
    figures = PairedDifference(
        n_pairs=len(pairs),
        n_units=n_units,
        value_a=value_a,
        value_b=value_b,
        value=value,
        stderr=stderr,
        interval=interval,
        method=method,
        discordant=None,
        detectable=minimum_detectable(stderr, behind, is_floored=False) if is_known else None,
    )
    test = _exchange_test(counts, metric.pooled, value)
    return PooledDifference(figures, test, _jackknife(counts, metric.pooled, value))


@dataclass(frozen=True)
class _Counts:
    """Both sides' counts by independent unit (rows) and name (columns)."""

    names: list[str]
    a: NDArray[np.float64]
    b: NDArray[np.float64]

    @classmethod
    def of(cls, pairs: Sequence[CountPair]) -> _Counts:
        import numpy as np

        columns: dict[str, int] = {}
        for pair in pairs:
            for name in (*pair.a, *pair.b):
                columns.setdefault(name, len(columns))
        rows: dict[tuple[bool, str], int] = {}
        for pair in pairs:
            rows.setdefault(_unit(pair), len(rows))
        a, b = np.zeros((2, len(rows), len(columns)))
        for pair in pairs:
            row = rows[_unit(pair)]
            for side, given in ((a, pair.a), (b, pair.b)):
                for name, count in given.items():
                    side[row, columns[name]] += count
        return cls(list(columns), a, b)

    def sums(self) -> tuple[dict[str, float], dict[str, float]]:
        """Return both sides' sums."""
        return self.named(self.a.sum(axis=0)), self.named(self.b.sum(axis=0))

    def named(self, row: NDArray[np.float64]) -> dict[str, float]:
        """Return one row of sums by name."""
        return dict(zip(self.names, row.tolist(), strict=True))


def _unit(pair: CountPair) -> tuple[bool, str]:
    alone = pair.cluster is None
    return alone, pair.sample_id if pair.cluster is None else pair.cluster


def _replicates(dataset: str, pairs: Sequence[CountPair], pooled: Pooled) -> list[float]:
    """Return the difference on each resample that defines it, in order; none where too few do."""
    a, b = PooledCounts(dataset), PooledCounts(dataset)
    for pair in pairs:
        a.add(pair.a, pair.sample_id, pair.cluster)
        b.add(pair.b, pair.sample_id, pair.cluster)
    if a.problem or b.problem or a.independent_count < 2:
        return []
    found = []
    for ours, theirs in zip(a.resampled(), b.resampled(), strict=True):
        value_a, value_b = defined(pooled, ours), defined(pooled, theirs)
        if value_a is not None and value_b is not None:
            found.append(value_a - value_b)
    return sorted(found) if len(found) >= REPLICATES * LEAST_DEFINED else []


def _interval(
    made: Sequence[float], value: float, n_units: int, metric: PooledMetric, confidence: float
) -> tuple[tuple[float, float] | None, str]:
    size = metric.upper - metric.lower
    if not made or made[0] == made[-1] or n_units < 2:
        if not (n_units and metric.has_trials):
            return None, ""
        if value != 0.0 or not made or not math.isfinite(size):
            return None, ""
        low, high = tango_interval(Discordant(0, 0), n_units, confidence=confidence)
        return (low * size, high * size), "tango"
    critical = student_t_critical(n_units - 1, confidence)
    tail = tail_share(n_units, critical)
    low, high = quantile(made, tail), quantile(made, 1.0 - tail)
    return (max(-size, min(low, value)), min(size, max(high, value))), "bootstrap"


def _exchange_test(counts: _Counts, pooled: Pooled, value: float) -> PairedTest:
    """Return how often exchanging the sides in a random half gives so large a difference.

    Where the sides do not differ, either could have given either answer. An exchange that defines
    no value counts as one that does.
    """
    import numpy as np

    gaps = counts.a - counts.b
    gaps = gaps[np.any(gaps != 0.0, axis=1)]
    both = counts.a.sum(axis=0) + counts.b.sum(axis=0)
    least = abs(value) - _CLOSE * max(1.0, abs(value))

    def hits(moved: NDArray[np.float64]) -> int:
        found = (_gap(counts, pooled, both, row) for row in moved)
        return sum(gap is None or abs(gap) >= least for gap in found)

    count = len(gaps)
    if count <= MAX_TRIED:
        patterns = np.arange(1 << count)[:, None] >> np.arange(count)[None, :]
        signs = 1.0 - 2.0 * (patterns & 1)
        return PairedTest(hits(signs @ gaps) / len(signs), "exchange_exact")
    rng, seen, drawn = np.random.default_rng(SEED), 0, 0
    while drawn < DRAWS:
        rows = min(DRAWS - drawn, max(1, _CHUNK // count))
        seen += hits((2.0 * rng.integers(0, 2, (rows, count)) - 1.0) @ gaps)
        drawn += rows
    return PairedTest((seen + 1) / (DRAWS + 1), "exchange_sampled")


def _gap(
    counts: _Counts, pooled: Pooled, both: NDArray[np.float64], moved: NDArray[np.float64]
) -> float | None:
    value_a = defined(pooled, counts.named((both + moved) / 2))
    value_b = defined(pooled, counts.named((both - moved) / 2))
    return None if value_a is None or value_b is None else value_a - value_b


def _jackknife(counts: _Counts, pooled: Pooled, value: float) -> list[float]:
    """Return each unit's pseudo-value over their number, shifted so that they add up."""
    total_a, total_b, n = counts.a.sum(axis=0), counts.b.sum(axis=0), len(counts.a)
    units = []
    for row_a, row_b in zip(counts.a, counts.b, strict=True):
        value_a = defined(pooled, counts.named(total_a - row_a))
        value_b = defined(pooled, counts.named(total_b - row_b))
        without = value if value_a is None or value_b is None else value_a - value_b
        units.append(value - (n - 1) / n * without)
    shift = (value - math.fsum(units)) / n
    return [unit + shift for unit in units]
