"""How far several judges agree, from counts that can be added up over what they judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

_N, _SUM, _SQUARES, _WITHIN = "ratings", "sum", "squares", "within"
_UNITS, _UNANIMOUS = "units", "unanimous"


def agreement_counts(ratings: Sequence[float]) -> dict[str, float]:
    """Return what one unit adds to the counts; nothing where fewer than two judged it.

    Args:
        ratings: What those who judged it gave.
    """
    count = len(ratings)
    if count < 2:
        return {}
    total = math.fsum(ratings)
    squares = math.fsum(rating * rating for rating in ratings)
    mean = total / count
    apart = math.fsum((rating - mean) ** 2 for rating in ratings)
    return {
        _N: count,
        _SUM: total,
        _SQUARES: squares,
        # The squared differences of all ordered pairs, halved, are `count` times this.
        _WITHIN: count * apart / (count - 1),
        _UNITS: 1.0,
        _UNANIMOUS: float(min(ratings) == max(ratings)),
    }


def krippendorff_alpha(counts: Mapping[str, float]) -> float | None:
    """Return Krippendorff's alpha with interval distances; None where it is not defined.

    1 is perfect agreement, 0 what chance would give, below 0 less than that. It takes judges who
    did not judge everything. Not defined where all ratings are the same, since then nobody can tell
    agreement from a habit.

    With D_o the mean squared difference within units and D_e that of all pairs of ratings, alpha is
    1 - D_o / D_e; in sums over the N ratings of units with at least two,
    1 - (N - 1) W / (N S2 - S1^2), W summing (m S2 - S1^2) / (m - 1) over units of m ratings.

    Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section D with the
    difference function for interval data.
    """
    count, total = counts.get(_N, 0.0), counts.get(_SUM, 0.0)
    spread = count * counts.get(_SQUARES, 0.0) - total * total
    if count < 2 or spread <= count * 1e-6:  # counts are rounded: less is no difference
        return None
    return 1.0 - (count - 1.0) * counts.get(_WITHIN, 0.0) / spread


def unanimity(counts: Mapping[str, float]) -> float | None:
    """Return the share of units on which all who judged it gave the same; None without any."""
    units = counts.get(_UNITS, 0.0)
    return counts.get(_UNANIMOUS, 0.0) / units if units else None
