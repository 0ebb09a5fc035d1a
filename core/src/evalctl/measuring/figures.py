"""Figures of sessions to one with an interval, and ratios of two. Pure functions.

Times, rates and sizes are positive and their errors multiply, so that all of it is done with
logarithms: a figure is the geometric mean of the sessions', a ratio that of their ratios.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from evalctl.measurements import Figure
from evalctl.stats import student_t_critical

CONFIDENCE = 0.95


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of values lies, interpolated between two of them.

    Args:
        values: At least one.
        share: In 0..1.

    Source: definition 7 of Hyndman and Fan 1996, which numpy takes as well.
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def over_sessions(values: Sequence[float]) -> Figure:
    """Return the figure that sessions' values, none of them negative, give together."""
    if not values:
        return Figure(value=None)
    if min(values) <= 0.0:  # a level where nothing was written has no logarithm
        return Figure(value=fmean(values), sessions=tuple(values))
    value, interval = geometric(values)
    return Figure(value=value, interval=interval, sessions=tuple(values))


def geometric(values: Sequence[float]) -> tuple[float, tuple[float, float] | None]:
    """Return the geometric mean of positive values, and its interval; None below two values."""
    logs = [math.log(value) for value in values]
    middle = fmean(logs)
    if len(logs) < 2:
        return math.exp(middle), None
    half = student_t_critical(len(logs) - 1, CONFIDENCE) * stdev(logs) / math.sqrt(len(logs))
    return math.exp(middle), (math.exp(middle - half), math.exp(middle + half))


def ratio_of_runs(
    one: Sequence[float], other: Sequence[float]
) -> tuple[float, tuple[float, float] | None] | None:
    """Return the ratio of figures of two runs, whose sessions are no pairs.

    Errors are taken as independent, with the degrees of freedom of the fewer sessions. None where
    a value is not positive, or one of them has none.
    """
    if not one or not other or min(*one, *other) <= 0.0:
        return None
    sides = [[math.log(value) for value in values] for values in (one, other)]
    middle = fmean(sides[0]) - fmean(sides[1])
    fewest = min(map(len, sides))
    if fewest < 2:
        return math.exp(middle), None
    error = math.hypot(*(stdev(logs) / math.sqrt(len(logs)) for logs in sides))
    half = student_t_critical(fewest - 1, CONFIDENCE) * error
    return math.exp(middle), (math.exp(middle - half), math.exp(middle + half))


def ratio_of(
    one: Sequence[float], other: Sequence[float]
) -> tuple[float, tuple[float, float] | None] | None:
    """Return the ratio of two models' figures, by pairs of sessions that followed each other.

    None where a value is not positive, or one of them has none.
    """
    pairs = list(zip(one, other, strict=False))
    if not pairs or any(min(pair) <= 0.0 for pair in pairs):
        return None
    return geometric([ours / theirs for ours, theirs in pairs])
