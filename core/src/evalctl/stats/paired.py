"""The difference of two sides on the same samples: how large, how sure, and what could be seen.

Tests of whether there is a difference at all are in `paired_tests.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import NamedTuple

from evalctl.stats.intervals import wilson_interval
from evalctl.stats.moments import Moments
from evalctl.stats.student import student_t_critical

LEVEL = 0.05
"""Of a two-sided test."""

POWER = 0.8
"""Chance to see a difference of the minimum detectable size."""

LEAST_DISCORDANT = 6
"""Pairs that must differ, all the same way, before an exact test can reject at `LEVEL`: with 5 the
smallest p value is 2 / 2**5 = 0.0625."""

_HALVINGS = 60

_NO_SPREAD = 1e-12
"""A standard error below this share of the values is rounding: 0.3 - 0.1 is not 0.4 - 0.2."""


class Pair(NamedTuple):
    """One sample's values on both sides."""

    a: float
    b: float
    cluster: str | None = None
    """What the sample shares with others; None means it stands alone."""


class Discordant(NamedTuple):
    """Pairs of 0/1 values of which one side has 1 and the other 0."""

    a_only: int
    b_only: int


class PairedDifference(NamedTuple):
    """The mean of A minus the mean of B on the same samples."""

    n_pairs: int
    """Pairs."""
    n_units: int
    """Independent ones among them: clusters, and samples that stand alone."""
    value_a: float
    """Mean of A."""
    value_b: float
    """Mean of B."""
    value: float
    """The difference."""
    stderr: float | None
    """Its standard error, clustered where samples share clusters; None below two units."""
    interval: tuple[float, float] | None
    """Confidence interval; None where nothing bounds it."""
    method: str
    """How the interval was made: `tango`, `student_t`, `clustered`, `wilson`; or empty."""
    discordant: Discordant | None
    """None where values are other than 0 and 1."""
    detectable: float | None
    """Minimum detectable effect; None where no difference whatever could show."""


def paired_difference(pairs: Sequence[Pair], *, confidence: float = 0.95) -> PairedDifference:
    """Return the difference of A and B with its standard error and interval.

    - Values of 0 and 1 without shared clusters: Tango's score interval.
    - Others: Student's t on the differences, clipped to -1..1 where all values are shares.
    - Samples that share clusters: the same with the clustered standard error, and one degree of
      freedom less than there are independent units.
    - Shares that differ by the same amount in every pair: a score interval with each independent
      unit as one trial, so that an interval never has zero width.

    Args:
        pairs: At least one.
        confidence: Of the interval, between 0 and 1.

    Raises:
        ValueError: There is no pair, or a value is not finite.

    Source: Miller 2024, "Adding Error Bars to Evals", section 4.2 (paired differences).
    """
    if not pairs:
        raise ValueError("a difference needs at least one pair")
    moments = Moments()
    for pair in pairs:
        moments.add(pair.a - pair.b, pair.cluster)
    value, units = moments.mean, moments.independent_count
    assert value is not None, "there is a pair"
    discordant = _discordant(pairs)
    is_single = discordant is not None and not moments.is_clustered
    stderr = _stderr(moments)
    if is_single and discordant is not None:
        interval: tuple[float, float] | None = tango_interval(
            discordant, len(pairs), confidence=confidence
        )
        method = "tango"
    else:
        interval, method = _interval(moments, _are_shares(pairs), confidence)
    return PairedDifference(
        n_pairs=len(pairs),
        n_units=units,
        value_a=math.fsum(pair.a for pair in pairs) / len(pairs),
        value_b=math.fsum(pair.b for pair in pairs) / len(pairs),
        value=value,
        stderr=stderr,
        interval=interval,
        method=method,
        discordant=discordant,
        detectable=minimum_detectable(stderr, units, is_floored=is_single),
    )


def tango_interval(
    discordant: Discordant, count: int, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the score interval of the difference of two proportions on the same samples.

    It holds the differences that a score test does not reject. In the test, the share of pairs
    that only B has is the likeliest one under the difference that is tested, the root of
    `2n q² + (-(b + c) + (2n - b + c) d) q - c d (1 - d) = 0` (b: only A has 1; c: only B).

    Args:
        discordant: Pairs of which one side alone has 1.
        count: All pairs (n), at least 1.
        confidence: Between 0 and 1.

    Raises:
        ValueError: There are no pairs, or more discordant ones than pairs.

    Source: Tango 1998, "Equivalence test and confidence interval for the difference in
    proportions for the paired-sample design", Statistics in Medicine 17: 891-908.
    """
    b, c = discordant
    if count < 1 or min(b, c) < 0 or b + c > count:
        raise ValueError(f"{b} and {c} discordant pairs of {count} do not exist")
    z = NormalDist().inv_cdf((1 + confidence) / 2)

    def statistic(difference: float) -> float:
        linear = -(b + c) + (2 * count - b + c) * difference
        constant = -c * difference * (1 - difference)
        only_b = (math.sqrt(max(0.0, linear**2 - 8 * count * constant)) - linear) / (4 * count)
        variance = count * (2 * only_b + difference * (1 - difference))
        surplus = b - c - count * difference
        return surplus / math.sqrt(variance) if variance > 0.0 else math.inf * (surplus or 1.0)

    centre = (b - c) / count
    low = -1.0 if centre == -1.0 else _crossing(lambda d: statistic(d) > z, -1.0, centre)
    high = 1.0 if centre == 1.0 else _crossing(lambda d: statistic(d) > -z, centre, 1.0)
    return low, high


def minimum_detectable(stderr: float | None, units: int, *, is_floored: bool) -> float | None:
    """Return the true difference that a repetition would see with a chance of `POWER`.

    `(z(1 - LEVEL / 2) + z(POWER)) stderr`. An exact test on 0/1 values needs besides that
    `LEAST_DISCORDANT` pairs differ, however small the observed variance; where that asks for a
    larger difference, or nothing varied, it is the answer.

    Args:
        stderr: Of the difference; None where there is none.
        units: Independent units.
        is_floored: Whether single values are 0 or 1.

    Source: Miller 2024, "Adding Error Bars to Evals", section 5 (power analysis).
    """
    if units < LEAST_DISCORDANT:
        return None
    normal = NormalDist()
    effect = (normal.inv_cdf(1 - LEVEL / 2) + normal.inv_cdf(POWER)) * (stderr or 0.0)
    if stderr and not is_floored:
        return effect
    least = _crossing(lambda share: _chance_of_enough(units, share) < POWER, 0.0, 1.0)
    return max(effect, least)


def _stderr(moments: Moments) -> float | None:
    stderr, value = moments.stderr, moments.mean
    if stderr is None or value is None:
        return None
    return 0.0 if stderr < _NO_SPREAD * max(1.0, abs(value)) else stderr


def _interval(
    moments: Moments, are_shares: bool, confidence: float
) -> tuple[tuple[float, float] | None, str]:
    value, stderr, units = moments.mean, _stderr(moments), moments.independent_count
    assert value is not None, "there is a pair"
    if stderr:
        half = student_t_critical(units - 1, confidence) * stderr
        low, high = value - half, value + half
        if are_shares:
            low, high = max(-1.0, low), min(1.0, high)
        return (low, high), "clustered" if moments.is_clustered else "student_t"
    if not are_shares:
        return None, ""
    if value in {-1.0, 0.0, 1.0}:
        same = Discordant(units * (value > 0), units * (value < 0))
        return tango_interval(same, units, confidence=confidence), "tango"
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    low, high = wilson_interval((value + 1) / 2, units, z=z)
    return (2 * low - 1, 2 * high - 1), "wilson"


def _discordant(pairs: Sequence[Pair]) -> Discordant | None:
    if any(value not in {0.0, 1.0} for pair in pairs for value in pair[:2]):
        return None
    return Discordant(
        sum(pair.a > pair.b for pair in pairs), sum(pair.a < pair.b for pair in pairs)
    )


def _are_shares(pairs: Sequence[Pair]) -> bool:
    return all(0.0 <= value <= 1.0 for pair in pairs for value in pair[:2])


def _chance_of_enough(units: int, share: float) -> float:
    """Return the chance that at least `LEAST_DISCORDANT` of the units differ."""
    fewer = (
        math.comb(units, k) * share**k * (1 - share) ** (units - k) for k in range(LEAST_DISCORDANT)
    )
    return 1.0 - math.fsum(fewer)


def _crossing(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Return where a condition that holds from `low` on ceases to hold."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2
