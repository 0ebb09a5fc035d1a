"""Stop strings in a text that comes in pieces, watched outside its reasoning alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from evalctl.engines.reasoning_markers import (
    BY_OPEN,
    CLOSES,
    EITHER,
    IMPLIED,
    LONGEST,
    canonical,
    may_open,
)


class _Spot(NamedTuple):
    """Where a stop string is found; ordered by its end."""

    end: int
    begin: int


class StopWatcher:
    """Looks for stop strings in a text that comes in pieces, but not inside its reasoning.

    However the text is cut into pieces, the same stop is found: the one that ends first, and of
    those the one that begins first.
    """

    def __init__(
        self,
        stops: Iterable[str],
        *,
        starts_inside: bool = False,
        knows_reasoning: bool = True,
    ) -> None:
        """Watch for `stops`; empty ones are ignored.

        Args:
            stops: The stop strings.
            starts_inside: Whether the prompt ended with an opening marker.
            knows_reasoning: False for models that do not reason: then markers are plain text.
        """
        self._stops = tuple(stop for stop in stops if stop)
        self._knows_reasoning = knows_reasoning
        self._keep = max([LONGEST, *map(len, self._stops)])
        self._inside = starts_inside
        self._depth = 1 if starts_inside else 0
        self._closes = CLOSES
        self._has_answered = False
        self._held: int | None = None
        self._aside: int | None = None
        self._text = ""
        self._offset = 0
        self._from = 0

    def feed(self, delta: str) -> int | None:
        """Take the next piece; return where in the whole text a stop begins, or None.

        A stop that may yet turn out to be part of an opening marker or of a reasoning is held back
        until more text or `finish` decides.
        """
        if not self._stops:
            return None
        self._text += delta
        found = self._scan(is_last=False)
        cut = len(self._text) - self._keep
        if found is None and cut > 0:
            if not self._inside:
                self._note_answer(cut)
            self._text = self._text[cut:]
            self._offset += cut
            self._from = max(0, self._from - cut)
        return found

    def finish(self, *, is_finished: bool = False) -> int | None:
        """Return where a stop begins that was held back, now that no more text comes.

        Args:
            is_finished: Whether the model ended the text by itself; see `split`.
        """
        found = self._scan(is_last=True)
        return self._aside if found is None and is_finished and self._inside else found

    def _scan(self, *, is_last: bool) -> int | None:
        while True:
            if self._inside:
                if not self._leave():
                    return None
                continue
            stop = self._first_stop() if self._held is None else None
            mark = self._next_mark(stop)
            if mark is not None:
                if self._held is not None and canonical(mark.group()) in BY_OPEN:
                    return self._held
                self._pass(mark)
            elif self._held is not None:
                return self._held if is_last else None
            elif stop is None or (not is_last and self._may_open_by(stop.begin)):
                return None
            elif not self._depth:
                return self._offset + stop.begin
            else:  # a marker may follow that closes what was opened inside the last reasoning
                self._held = self._offset + stop.begin

    def _next_mark(self, stop: _Spot | None) -> re.Match[str] | None:
        """Return the next marker that counts outside a reasoning, unless the stop comes first."""
        if not self._knows_reasoning:
            return None
        for match in EITHER.finditer(self._text, self._from):
            marker = canonical(match.group())
            if marker in BY_OPEN or (self._depth and marker in self._closes):
                is_late = stop is not None and match.start() > stop.begin
                return None if is_late and stop and match.end() >= stop.end else match
        return None

    def _pass(self, mark: re.Match[str]) -> None:
        """Go into a reasoning, or behind what turned out to belong to the last one."""
        marker = canonical(mark.group())
        if marker in BY_OPEN:
            self._note_answer(mark.start())
            self._inside, self._depth = True, 1
            self._closes = frozenset({BY_OPEN[marker].close})
        else:
            self._depth -= 1
        self._held, self._from = None, mark.end()

    def _leave(self) -> bool:
        """Go on behind the reasoning's end; False where it is not there yet."""
        if self._has_answered and self._aside is None:
            stop = self._first_stop()
            self._aside = None if stop is None else self._offset + stop.begin
        for match in EITHER.finditer(self._text, self._from):
            marker = canonical(match.group())
            self._from = match.end()
            if marker in self._closes:
                self._depth = self._depth - 1 if marker in IMPLIED else 0
                self._inside, self._aside, self._closes = False, None, frozenset({marker})
                return True
            close = BY_OPEN[marker].close if marker in BY_OPEN else ""
            self._depth += close in self._closes and close in IMPLIED
        return False

    def _note_answer(self, end: int) -> None:
        """Note whether the text up to `end`, which is outside, is more than blanks."""
        self._has_answered = self._has_answered or bool(self._text[self._from : end].strip())

    def _first_stop(self) -> _Spot | None:
        """Return the stop that ends first, in the text that is kept."""
        spots = [
            _Spot(begin + len(stop), begin)
            for stop in self._stops
            if (begin := self._text.find(stop, self._from)) >= 0
        ]
        return min(spots, default=None)

    def _may_open_by(self, stop: int) -> bool:
        """Return whether a marker may be about to open at or before `stop`."""
        first = max(self._from, len(self._text) - LONGEST + 1)
        return self._knows_reasoning and any(
            may_open(self._text[begin:]) for begin in range(first, min(stop + 1, len(self._text)))
        )
