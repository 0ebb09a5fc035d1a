"""How figures of a metric are told: in percent where it is a share, otherwise as they are."""

from __future__ import annotations

import math
from typing import NamedTuple


class Scale(NamedTuple):
    """What a metric's values are multiplied by, and how many decimals are told."""

    factor: float = 100.0
    digits: int = 1
    unit: str = " %"
    """What stands behind a single figure."""

    @classmethod
    def of(cls, lower: float | None, upper: float | None) -> Scale:
        """Return the scale of a metric of that range; None is no bound.

        What lies within 0 to 1 is a share. What goes below to -1, such as a correlation or a bias,
        is no percentage, but told times 100 as well.
        """
        if lower is None or upper is None or lower < -1.0 or upper > 1.0:
            return cls(1.0, 2, "")
        return cls() if lower >= 0.0 else cls(unit="")

    @classmethod
    def of_category(cls, lower: float | None, upper: float | None) -> tuple[float, float]:
        """Return where a metric's values begin and how wide their range is, as a category has them.

        A category's score is a mean of shares: a rating of 1 to 10 counts as its share of the way.
        Shares, and what has no bounds, count as they are.
        """
        if lower is None or upper is None or not -math.inf < lower < upper < math.inf:
            return 0.0, 1.0
        if cls.of(lower, upper).is_hundredths:
            return 0.0, 1.0
        return lower, upper - lower

    @property
    def is_hundredths(self) -> bool:
        """Whether figures are told times 100."""
        return self.factor == 100.0

    @property
    def points(self) -> str:
        """What differences are called, after a space; empty where they have no name."""
        return " points" if self.is_hundredths else ""

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
