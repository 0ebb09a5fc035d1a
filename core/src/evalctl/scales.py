"""How figures of a metric are told: in percent where it is a share, otherwise as they are."""

from __future__ import annotations

import math
from typing import NamedTuple


class Scale(NamedTuple):
    """What a metric's values are multiplied by, and how many decimals are told."""

    factor: float = 100.0
    digits: int = 1

    @classmethod
    def of(cls, lower: float | None, upper: float | None) -> Scale:
        """Return the scale of a metric of that range; None is no bound.

        What lies within -1 to 1 is a share, or a difference of shares.
        """
        is_share = lower is not None and upper is not None and lower >= -1.0 and upper <= 1.0
        return cls() if is_share else cls(1.0, 2)

    @classmethod
    def of_category(cls, lower: float | None, upper: float | None) -> tuple[float, float]:
        """Return where a metric's values begin and how wide their range is, as a category has them.

        A category's score is a mean of shares: a rating of 1 to 10 counts as its share of the way.
        Shares, and what has no bounds, count as they are.
        """
        if lower is None or upper is None or not -math.inf < lower < upper < math.inf:
            return 0.0, 1.0
        if cls.of(lower, upper) == cls():
            return 0.0, 1.0
        return lower, upper - lower

    @property
    def unit(self) -> str:
        """What stands behind a single figure."""
        return " %" if self.factor == 100.0 else ""

    @property
    def points(self) -> str:
        """What differences are called, after a space; empty where they have no name."""
        return " points" if self.factor == 100.0 else ""

    def told(self, value: float | None) -> str:
        """Return a value without its unit; a dash for None."""
        return "–" if value is None else f"{self.factor * value:.{self.digits}f}"

    def signed(self, value: float) -> str:
        """Return a difference with its sign."""
        return f"{self.factor * value:+.{self.digits}f}"

    def interval(self, bounds: tuple[float, float] | None, between: str = "–") -> str:
        """Return an interval; a dash for None."""
        return "–" if bounds is None else between.join(map(self.told, bounds))


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with the noun that it takes, such as `1 row` or `1,319 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


SHARE = Scale()
"""Of shares: percent."""
