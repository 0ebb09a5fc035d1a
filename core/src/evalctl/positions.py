"""A set of positions in a dataset, one bit each: a million of them are 125 kB."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable


class Positions:
    """Which samples of a dataset are dealt with, by their position from 0."""

    def __init__(self, positions: Iterable[int] = ()) -> None:
        """Begin with these."""
        self._bits = bytearray()
        self._count = 0
        self._first_gap = 0
        for position in positions:
            self.add(position)

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    def __contains__(self, position: int) -> bool:
        """Return whether a position is among them."""
        at = position >> 3
        return at < len(self._bits) and bool(self._bits[at] >> (position & 7) & 1)

    def add(self, position: int) -> bool:
        """Add a position; return whether it was new."""
        if position in self:
            return False
        at = position >> 3
        if at >= len(self._bits):
            self._bits.extend(bytes(max(at + 1 - len(self._bits), len(self._bits))))
        self._bits[at] |= 1 << (position & 7)
        self._count += 1
        return True

    @property
    def first_gap(self) -> int:
        """The first position that is not among them."""
        at = self._first_gap >> 3
        while at < len(self._bits) and self._bits[at] == 0xFF:
            at += 1
        self._first_gap = max(self._first_gap, at << 3)
        while self._first_gap in self:
            self._first_gap += 1
        return self._first_gap

    def copy(self) -> Positions:
        """Return another set with the same positions."""
        other = Positions()
        other._bits = bytearray(self._bits)
        other._count = self._count
        return other

    def to_text(self) -> str:
        """Return it as text that `from_text` reads."""
        return base64.b64encode(self._bits.rstrip(b"\0")).decode("ascii")

    @classmethod
    def from_text(cls, text: str) -> Positions:
        """Return what `to_text` wrote.

        Raises:
            ValueError: The text is none of it.
        """
        found = cls()
        try:
            found._bits = bytearray(base64.b64decode(text, validate=True))
        except binascii.Error as error:
            raise ValueError(f"no set of positions: {error}") from None
        found._count = int.from_bytes(found._bits, "little").bit_count()
        return found
