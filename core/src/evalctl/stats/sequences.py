"""A confidence sequence for the mean of bounded values: 95 % however often one looks at it.

The interval of a fixed number of samples (`intervals.py`) holds for one look. Whoever looks after
each sample, and stops when it is narrow, must use the one here. When to stop is in `stopping.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from evalctl.stats.intervals import ALPHA

_STEPS = 64
"""Intervals of the grid of candidate means; between them the capital is interpolated."""
_GRID = tuple(step / _STEPS for step in range(_STEPS + 1))
_WIN = 2.0 / ALPHA
"""A candidate is given up when the capital staked against it, on either side, is as large."""
_LARGEST = 1e300
"""Capital is not let grow beyond this, so that it stays a number that JSON has."""
_BOLDEST = 0.95
"""Largest share of the capital that may be lost in one round."""
_DOUBT = 2.0
"""Made-up samples, half of them 0 and half 1, that temper the bets of the first rounds."""


@dataclass(slots=True)
class ConfidenceSequence:
    """A 95 % interval of a mean that holds at all sample counts at once.

    For every candidate mean m on a grid over the range two games are played, one that pays when
    samples lie above m and one that pays when they lie below. Were m the true mean, neither game
    could be expected to gain, so that with 95 % neither ever multiplies its capital by 40: the
    candidates for which none has done so make the interval. How much is staked decides only how
    narrow it gets, never whether it holds; it is Kelly's stake against the ends of an interval of
    `width` around the mean seen so far, which makes it narrowest when it has shrunk to that width.

    Of a dataset of a known size the samples are drawn without replacement, and each that was seen
    tells about those that are left: then the interval is of the mean of the whole dataset, and is
    a single point when all of it was seen. It needs no independence of the samples, but their
    order must be random. Samples without a value are left out of the mean, and cost no validity.

    Memory is constant, and a sample costs about 30 microseconds.

    Source: Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting",
    Journal of the Royal Statistical Society B 86(1), the hedged capital process and the section on
    sampling without replacement (arXiv:2010.09686). The stake for a wanted width, and values that
    are lacking, are our own: with s = 1 for samples that have a value x, the numbers s (x - m)
    add up to 0 over the dataset exactly where m is the mean.
    """

    width: float
    """The width that the stakes aim at, as a share of the range, above 0 and below 1."""
    population: int | None = None
    """Samples of the whole dataset; None where there is no end of them."""
    seen: int = 0
    """Samples added."""
    scored: int = 0
    """How many of them have a value."""
    total: float = 0.0
    """Sum of the values."""
    squares: float = 0.0
    """Sum of their squares."""
    rising: list[float] = field(default_factory=lambda: [1.0] * (_STEPS + 1))
    """By candidate, the capital of the game that pays when values are higher."""
    falling: list[float] = field(default_factory=lambda: [1.0] * (_STEPS + 1))
    """By candidate, the capital of the game that pays when values are lower."""

    def add(self, value: float | None) -> None:
        """Add the next sample in the random order.

        Args:
            value: From 0 to 1; None for a sample without one.

        Raises:
            ValueError: The value is out of range, or the dataset has no further sample.
        """
        if value is not None and not 0.0 <= value <= 1.0:
            raise ValueError(f"{value} is not in the range from 0 to 1")
        if self.population is not None and self.seen >= self.population:
            raise ValueError(f"all {self.population} samples were added")
        self._play(value)
        self.seen += 1
        if value is not None:
            self.scored += 1
            self.total += value
            self.squares += value * value

    @property
    def mean(self) -> float | None:
        """The mean of the values; None without any."""
        return self.total / self.scored if self.scored else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval as it stands, which holds the mean of the values; None without any."""
        mean = self.mean
        if mean is None:
            return None
        low = _last_given_up(self.rising) / _STEPS
        high = 1.0 - _last_given_up(self.falling[::-1]) / _STEPS
        if self.population is not None:
            open_ = self.population - self.seen
            low = max(low, self.total / (self.scored + open_))
            high = min(high, (self.total + open_) / (self.scored + open_))
        return min(low, mean), max(high, mean)

    def _play(self, value: float | None) -> None:
        """Play one round of all games.

        What the sample brings beyond what was to be expected is, for a candidate m,
        `brought - m * slope`; where it is m that is true, this is 0 on average.
        """
        brought, slope, sharpening = value or 0.0, float(value is not None), 1.0
        if self.population is not None:
            left = self.population - self.seen
            brought += self.total / left
            slope += self.scored / left
            sharpening = self.population / left
        up, down = self._stakes(sharpening)
        self.rising = _staked(self.rising, up * brought, up * slope)
        self.falling = _staked(self.falling, -down * brought, -down * slope)

    def _stakes(self, sharpening: float) -> tuple[float, float]:
        """Return the shares of the capital to stake on higher and on lower values.

        They rest on earlier samples alone.
        """
        count = self.scored + _DOUBT
        mean = (self.total + _DOUBT / 2) / count
        spread = max((self.squares + _DOUBT / 2) / count - mean * mean, 0.0)
        evenness = spread / (mean * (1.0 - mean))  # 1 where all values are 0 or 1
        half = self.width / 2
        below = max(half, self.width - (1.0 - mean))  # an end beyond the range leaves its part
        above = max(half, self.width - mean)
        return (
            _stake(below * sharpening, mean - below, evenness),
            _stake(above * sharpening, mean + above, evenness),
        )


def _staked(capital: list[float], gain: float, slope: float) -> list[float]:
    """Return what becomes of the capital of all games of one side, of which the most bold end at 0.

    A factor below 0 means that the candidate cannot be true any more, whatever is to come.
    """
    factors = [1.0 + gain - slope * candidate for candidate in _GRID]
    if min(factors[0], factors[-1]) < 0.0:
        factors = [max(factor, 0.0) for factor in factors]
    made = [each * factor for each, factor in zip(capital, factors, strict=True)]
    if max(made[0], made[-1]) > _LARGEST:
        made = [min(each, _LARGEST) for each in made]
    return made


def _stake(edge: float, candidate: float, evenness: float) -> float:
    """Return Kelly's stake on a coin, for values that spread less than a coin's scaled up."""
    spread = evenness * candidate * (1.0 - candidate)
    return min(edge / spread, _BOLDEST) if spread > 0.0 else _BOLDEST


def _last_given_up(capital: list[float]) -> float:
    """Return how far along the grid candidates are given up, where capital falls along it.

    The logarithm of the capital is concave in the candidate, so that a straight line between two
    grid points is never above it: what is given up is given up rightly.
    """
    index = next((i for i, each in enumerate(capital) if each < _WIN), len(capital))
    if index in {0, len(capital)}:
        return float(max(index - 1, 0))
    if capital[index] <= 0.0:
        return float(index - 1)
    before, after = math.log(capital[index - 1]), math.log(capital[index])
    return index - 1 + (before - math.log(_WIN)) / (before - after)
