"""How the time of a function grows with the length of what it reads, told on a noisy machine.

Lengths go up by a factor of 4, for which linear work takes 4 times as long and quadratic work 16
times. What takes little time at the greatest length is of no interest, however it grows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import NamedTuple

LENGTHS = (512, 2_048, 8_192, 32_768, 131_072)
"""Characters; the last is what 32,000 tokens make."""
FLOOR_SECONDS = 0.1
"""Less is not looked at."""
_ENOUGH = 8_192
"""From this length on it is asked whether the rest is worth the time."""
_CUBIC = 24.0
"""A ratio below it is none of growth with the third power."""
GROWTH = 8.0
"""The ratio from which growth is flagged: half way, on the scale of exponents, to quadratic."""
_REPEATS = 3
_ROUNDS = 2

Timed = Callable[[int, int], float]
"""CPU seconds for a length; the second number makes each text another one."""


class Growth(NamedTuple):
    """What was flagged."""

    length: int
    """Characters."""
    seconds: float
    """CPU time for them."""
    ratio: float
    """To the time for a quarter of them."""


def measure(seconds: Timed) -> Growth | None:
    """Return by how much too fast the time grows; None where it does not.

    A suspicion counts only if it is confirmed each time that both lengths are measured again, each
    several times, and the least of them is taken.
    """
    turns = itertools.count()
    seconds(LENGTHS[0] // 4, next(turns))  # the first call may import
    before = seconds(LENGTHS[0] // 4, next(turns))
    for length in LENGTHS:
        now = seconds(length, next(turns))
        if now >= FLOOR_SECONDS:
            return _confirmed(seconds, length, turns) if now > GROWTH * before else None
        rest = LENGTHS[-1] / length
        if length >= _ENOUGH and now * rest**2 < FLOOR_SECONDS and now < _CUBIC * before:
            return None  # even if it grew with the square, it would stay below the floor
        before = now
    return None


def _confirmed(seconds: Timed, length: int, turns: itertools.count[int]) -> Growth | None:
    least = Growth(length, 0.0, float("inf"))
    for _ in range(_ROUNDS):
        whole, quarter = [], []
        for _ in range(_REPEATS):
            whole.append(seconds(length, next(turns)))
            quarter.append(seconds(length // 4, next(turns)))
        ratio = min(whole) / max(min(quarter), 1e-6)
        if ratio <= GROWTH or min(whole) < FLOOR_SECONDS:
            return None
        least = min(least, Growth(length, min(whole), ratio), key=lambda one: one.ratio)
    return least
