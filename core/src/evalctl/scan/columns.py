"""What types the columns of a file's rows hold, and where that changes within the file."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import NamedTuple

from evalctl.proving import Finding
from evalctl.proving.findings import Cases
from evalctl.scales import counted
from evalctl.sources import Row

_SHAPES = 512
"""Different shapes of rows that are told apart."""
_SAID: dict[type, str] = {float: "number", str: "text", dict: "object", bool: "true or false"}
_NUMBERS: dict[type, type] = {int: float}
"""Types that are taken for others: whole numbers among fractions are numbers."""


class _Shape(NamedTuple):
    """What rows of one part may have in common."""

    part: str
    names: tuple[str, ...]
    types: tuple[type, ...]


class Columns:
    """Counts the shapes of rows: which columns they have, and of which types."""

    def __init__(self) -> None:
        """Begin without any."""
        self._shapes: dict[_Shape, int] = {}
        self._nan = Cases()

    def see(self, row: Row) -> None:
        """Take a row in."""
        values = row.data.values()
        types = tuple(map(type, values))
        shape = _Shape(row.part, tuple(row.data), types)
        if shape in self._shapes or len(self._shapes) < _SHAPES:
            self._shapes[shape] = self._shapes.get(shape, 0) + 1
        if float in types:
            for column, value in row.data.items():
                if isinstance(value, float) and isnan(value):
                    self._nan.add(row.location, f"column {column!r} is not a number")

    def findings(self) -> Iterator[Finding]:
        """Yield what a person should know of."""
        if self._nan.total:
            told = counted(self._nan.total, "value is", "values are")
            yield self._nan.finding("nan", "look", f"{told} NaN")
        if mixed := self._mixed():
            told = "; ".join(f"{column!r} holds {types}" for column, types in mixed.items())
            yield Finding(name="types", verdict="look", text=f"mixed types: {told}")

    def _mixed(self) -> dict[str, str]:
        types: dict[tuple[str, str], dict[type, int]] = {}
        for shape, count in self._shapes.items():
            for name, found in zip(shape.names, shape.types, strict=True):
                if found is not type(None):
                    counts = types.setdefault((shape.part, name), {})
                    one = _NUMBERS.get(found, found)
                    counts[one] = counts.get(one, 0) + count
        return {
            name: " and ".join(
                f"{_SAID.get(one, one.__name__)} ({n:,})" for one, n in counts.items()
            )
            for (_, name), counts in types.items()
            if len(counts) > 1
        }
