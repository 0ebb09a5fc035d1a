"""Student's t: the critical value for any level of confidence."""

from __future__ import annotations

import math
from statistics import NormalDist

MAX_SERIES_DEGREES = 200
"""Up to here the distribution is summed term by term; beyond, an expansion has all digits."""

_HALVINGS = 60


def student_t_critical(degrees: int, confidence: float) -> float:
    """Return t such that a share `confidence` of Student's t lies between -t and t.

    Args:
        degrees: Degrees of freedom, at least 1.
        confidence: Between 0 and 1, both excluded.

    Raises:
        ValueError: An argument is outside its range.

    Source: Abramowitz and Stegun 1964, formulas 26.7.3 and 26.7.4 (the distribution for whole
    degrees of freedom), and 26.7.5 (the expansion of its quantile).
    """
    if degrees < 1 or not 0.0 < confidence < 1.0:
        raise ValueError(f"Student's t has no {confidence} interval with {degrees} degrees")
    if degrees > MAX_SERIES_DEGREES:
        return _expansion(degrees, NormalDist().inv_cdf((1 + confidence) / 2))
    low, high = 0.0, math.pi / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _central_share(middle, degrees) < confidence:
            low = middle
        else:
            high = middle
    return math.sqrt(degrees) * math.tan((low + high) / 2)


def _central_share(angle: float, degrees: int) -> float:
    """Return the share between -t and t, where `t = sqrt(degrees) tan(angle)`."""
    sine, square = math.sin(angle), math.cos(angle) ** 2
    is_odd = degrees % 2
    term, total = (math.cos(angle) if is_odd else 1.0), 0.0
    for step in range(degrees // 2):
        total += term
        least = 2 * step + 1 + is_odd
        term *= square * least / (least + 1)
    if is_odd:
        return 2 / math.pi * (angle + sine * total)
    return sine * total


def _expansion(degrees: int, z: float) -> float:
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return math.fsum(term / float(degrees) ** power for power, term in enumerate(terms))
