"""How long texts are: exact up to 2,047, and to 0.05 % above, in memory that does not grow.

A histogram whose cells are single numbers up to 2,047 and then ever wider ones, 1,024 to each
doubling, so that there are at most some 40,000 cells whatever the rows hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from typing import NamedTuple

from evalctl.proving.findings import Seen
from evalctl.records import Record

_EXACT = 2048


class Length(Record):
    """How long one kind of text is over all rows."""

    text: str
    """Which text."""
    unit: str
    """`characters`, `tokens`, or `tokens (estimated)`."""
    count: int
    """How many texts there are."""
    least: int
    """The shortest."""
    median: int
    """Half of them are at most so long."""
    most_of_95: int
    """95 % of them are at most so long."""
    longest: int
    """The longest."""


class Lengths:
    """A histogram of lengths."""

    def __init__(self) -> None:
        """Begin without any."""
        self._cells: dict[int, int] = {}
        self._count = self._longest = 0
        self._least: int | None = None

    def add(self, length: int) -> None:
        """Add one."""
        cell = length
        if length >= _EXACT:
            shift = length.bit_length() - _EXACT.bit_length() + 1
            cell = length >> shift << shift
        self._cells[cell] = self._cells.get(cell, 0) + 1
        self._count += 1
        if length > self._longest:
            self._longest = length
        if self._least is None or length < self._least:
            self._least = length

    def quantile(self, share: float) -> int:
        """Return the least length that at least this share of all do not exceed."""
        missing = ceil(share * self._count)
        for length, count in sorted(self._cells.items()):
            missing -= count
            if missing <= 0:  # a cell is known by its lower end
                return max(length, self._least or 0)
        return 0

    def told(self, text: str, unit: str) -> Length:
        """Return them as figures."""
        return Length(
            text=text,
            unit=unit,
            count=self._count,
            least=self._least or 0,
            median=self.quantile(0.5),
            most_of_95=self.quantile(0.95),
            longest=self._longest,
        )


class Tokens(NamedTuple):
    """How tokens are counted."""

    count: Callable[[str], int]
    """From a text to its number of tokens."""
    is_exact: bool
    """Whether a tokenizer does it, and no rule of thumb."""

    @property
    def unit(self) -> str:
        """What its figures are."""
        return "tokens" if self.is_exact else "tokens (estimated)"


class Measures:
    """The lengths of all texts of a dataset."""

    def __init__(self, tokens: Tokens) -> None:
        """Begin without any."""
        self._unit = tokens.unit
        self._all: dict[tuple[str, str], Lengths] = {}

    def see(self, seen: Seen) -> None:
        """Measure a sample's texts in characters."""
        sample = seen.sample
        self._add("input", "characters", len(sample.input))
        for turn in sample.later_turns:
            self._add("later turn", "characters", len(turn))
        self._add("target", "characters", len(sample.target))
        if seen.gold is not None:
            self._add("gold output", "characters", len(seen.gold))
        self._add("prompt", "characters", len(seen.completion))
        self._add("prompt in chat", "characters", len(seen.chat))

    def add_tokens(self, text: str, length: int) -> None:
        """Take in how many tokens a text has."""
        self._add(text, self._unit, length)

    def told(self) -> Iterator[Length]:
        """Yield the figures of each text, those in characters first."""
        for (text, unit), lengths in sorted(self._all.items(), key=lambda one: one[0][1]):
            yield lengths.told(text, unit)

    def _add(self, text: str, unit: str, length: int) -> None:
        if (lengths := self._all.get((text, unit))) is None:
            lengths = self._all[text, unit] = Lengths()
        lengths.add(length)
