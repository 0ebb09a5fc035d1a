"""Means with their uncertainty: standard errors and 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

from evalctl.stats.moments import Moments

ALPHA = 0.05
"""How often an interval may miss."""
Z_95 = NormalDist().inv_cdf(0.975)
"""The normal quantile of a two-sided 95 % interval."""

_STUDENT_T_95 = (12.7062047362, 4.3026527299, 3.1824463053, 2.7764451052, 2.5705818356)
"""The same of Student's t with 1 to 5 degrees of freedom, where the expansion is too coarse."""


class Estimate(NamedTuple):
    """A mean and how far to trust it."""

    value: float | None
    """The mean; None where nothing was scored."""
    stderr: float | None
    """Standard error; None below two independent samples."""
    interval: tuple[float, float] | None
    """95 % confidence interval."""
    method: str
    """How the interval was made: `wilson`, `wilson_t`, `student_t`, `clustered`, `bootstrap`,
    `mover`; empty without one."""
    lacking: str = ""
    """Why a value has no interval, where that must be told; empty otherwise."""


def estimate(
    moments: Moments, *, proportion: bool, lower: float = 0.0, upper: float = 1.0
) -> Estimate:
    """Return the mean of what was accumulated, with standard error and 95 % interval.

    - Values of 0 or 1 without shared clusters: Wilson's interval.
    - Other means of a bounded metric: Wilson's interval of as many coin tosses as would have this
      standard error, with Student's t for the normal quantile. Near an end of the range the mean's
      distribution is skewed, and the symmetric interval misses far more than 1 in 20.
    - Means of a metric without bounds: Student's t interval.
    - Samples that share clusters: the same with the clustered standard error, and Student's t on
      the number of independent units less one.
    - No spread, or a single unit: Wilson's interval with the value seen as a share of the range
      and each unit as one trial. A bounded value spreads at most as much as a coin does, so this
      is wide enough, and an interval never has zero width.

    Args:
        moments: The samples' values.
        proportion: Whether single values are 0 or 1.
        lower: Least possible value; minus infinity where there is none.
        upper: Greatest possible value; infinity where there is none.

    Raises:
        ValueError: `proportion` is set and the mean is outside 0..1.

    Source: Dean and Pagano 2015, "Evaluating confidence interval methods for binomial proportions
    in clustered surveys", Journal of Survey Statistics and Methodology 3(4), for Wilson's interval
    with an effective sample size.
    """
    value, stderr = moments.mean, moments.stderr
    if value is None:
        return Estimate(None, None, None, "")
    units = moments.independent_count
    if proportion and not moments.is_clustered:
        return Estimate(value, stderr, wilson_interval(value, moments.count), "wilson")
    if stderr:
        interval, method = _of_mean(value, stderr, units, lower, upper)
        method = "clustered" if moments.is_clustered else method
        return Estimate(value, stderr, interval, method)
    return Estimate(value, stderr, *spreadless_interval(value, units, lower, upper))


def _of_mean(
    value: float, stderr: float, units: int, lower: float, upper: float
) -> tuple[tuple[float, float], str]:
    quantile, width = student_t_quantile(units - 1), upper - lower
    if not (0.0 < width < math.inf and lower < value < upper):
        half = quantile * stderr
        return (max(lower, value - half), min(upper, value + half)), "student_t"
    share = (value - lower) / width
    low, high = _score_interval(share, share * (1.0 - share) * (width / stderr) ** 2, quantile)
    return (lower + width * low, lower + width * high), "wilson_t"


def spreadless_interval(
    value: float, units: int, lower: float, upper: float
) -> tuple[tuple[float, float] | None, str]:
    """Return the interval of a value without any spread, and its method.

    Wilson's, with the value seen as a share of the range and each unit as one trial; None where
    the range is not bounded.
    """
    width = upper - lower
    if not (0.0 < width < math.inf and lower <= value <= upper):
        return None, ""
    low, high = wilson_interval((value - lower) / width, units)
    return (lower + width * low, lower + width * high), "wilson"


def wilson_interval(share: float, count: int, *, z: float = Z_95) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion; its width is never zero.

    Args:
        share: The proportion seen, in 0..1.
        count: Trials, at least 1.
        z: The normal quantile of the interval; that of a 95 % interval by default.

    Raises:
        ValueError: An argument is outside its range.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if count < 1 or not 0.0 <= share <= 1.0:
        raise ValueError(f"a proportion of {share} in {count} trials does not exist")
    return _score_interval(share, count, z)


def _score_interval(share: float, count: float, quantile: float) -> tuple[float, float]:
    square = quantile**2
    centre = (share + square / (2 * count)) / (1 + square / count)
    spread = share * (1 - share) / count + square / (4 * count**2)
    half = quantile * math.sqrt(spread) / (1 + square / count)
    low = 0.0 if share == 0.0 else max(0.0, centre - half)
    high = 1.0 if share == 1.0 else min(1.0, centre + half)
    return low, high


def student_t_quantile(degrees: int) -> float:
    """Return the 0.975 quantile of Student's t, within 1 in 10,000 (tends to `Z_95`).

    Raises:
        ValueError: There is not at least one degree of freedom.

    Source: Abramowitz and Stegun 1964, formula 26.7.5.
    """
    if degrees < 1:
        raise ValueError(f"Student's t needs a degree of freedom, not {degrees}")
    if degrees <= len(_STUDENT_T_95):
        return _STUDENT_T_95[degrees - 1]
    z = Z_95
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return math.fsum(term / float(degrees) ** power for power, term in enumerate(terms))


def combine(parts: Sequence[Estimate]) -> Estimate:
    """Return the mean, all with equal weight, of independent estimates.

    The standard error is `sqrt(sum of squares) / m`. The interval is put together from the parts'
    own intervals, so that it keeps their skew, stays in range, and is the part's own where there
    is one part. What any part lacks, the whole lacks.

    Source: Zou and Donner 2008, "Construction of confidence limits about effect measures" (MOVER).
    """
    values = [part.value for part in parts if part.value is not None]
    if not parts or len(values) < len(parts):
        return Estimate(None, None, None, "")
    m = len(parts)
    value = math.fsum(values) / m
    errors = [part.stderr for part in parts if part.stderr is not None]
    stderr = math.hypot(*errors) / m if len(errors) == m else None
    intervals = [part.interval for part in parts if part.interval is not None]
    if len(intervals) < m:
        return Estimate(value, stderr, None, "")
    if m == 1:
        return parts[0]
    pairs = list(zip(values, intervals, strict=True))
    below = math.hypot(*(each - interval[0] for each, interval in pairs)) / m
    above = math.hypot(*(interval[1] - each for each, interval in pairs)) / m
    return Estimate(value, stderr, (value - below, value + above), "mover")


def difference(a: Estimate, b: Estimate) -> Estimate:
    """Return A minus B of two independent estimates; what either lacks, the difference lacks.

    Source: Zou and Donner 2008, as for `combine`: the interval's lower end is as far below the
    difference as A's lower and B's upper end are from theirs, taken as sides of a right angle.
    """
    if a.value is None or b.value is None:
        return Estimate(None, None, None, "")
    value = a.value - b.value
    known = a.stderr is not None and b.stderr is not None
    stderr = math.hypot(a.stderr or 0.0, b.stderr or 0.0) if known else None
    if a.interval is None or b.interval is None:
        return Estimate(value, stderr, None, "")
    below = math.hypot(a.value - a.interval[0], b.interval[1] - b.value)
    above = math.hypot(a.interval[1] - a.value, b.value - b.interval[0])
    return Estimate(value, stderr, (value - below, value + above), "mover")
