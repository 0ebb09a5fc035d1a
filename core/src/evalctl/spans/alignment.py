"""Where in a source text the entities are that a model named without saying where.

Each is looked for as it is written, then without regard to case and spaces; inside of words only
where it is nowhere else. Where what was named fits into the text in its order, it is placed so,
each entity behind the one before it. Where it does not, longer ones come first, so that `text`
takes no place out of `Japanese text`, and of those of the same length the ones that were named
first, from left to right. Each place is given once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from evalctl.spans.tags import Span

MAX_MENTIONS = 1000
"""More than these are not looked for: no text has them, and time must stay bounded."""

_Place = tuple[int, int]


class Mention(NamedTuple):
    """An entity as a model names it."""

    label: str
    """What it is said to be."""
    text: str
    """Its words."""
    occurrence: int = 0
    """Which of its places in the text is meant, from 1; 0 where that was not said."""


class Placed(NamedTuple):
    """Mentions with their places, in the order in which they were named."""

    spans: tuple[Span, ...]
    """In characters of the source."""
    unplaced: tuple[Mention, ...]
    """Those that are nowhere in the source, or more often than it has them."""


def place_mentions(source: str, mentions: Iterable[Mention]) -> Placed:
    """Return where in a source text mentions are.

    Args:
        source: The text that they were read in.
        mentions: What a model named, in its order.
    """
    named = list(mentions)
    found = _placed(_Source(source), named[:MAX_MENTIONS])
    return Placed(
        tuple(Span(named[at].label, *found[at]) for at in sorted(found)),
        tuple(mention for at, mention in enumerate(named) if at not in found),
    )


def _placed(source: _Source, named: Sequence[Mention]) -> dict[int, _Place]:
    """Return the places of mentions by their number; what has none is left out."""
    if not any(mention.occurrence for mention in named):
        in_order = _in_order(source, named)
        if in_order is not None:
            return in_order
    free, found = _Free(source), {}
    by_length = sorted(
        range(len(named)),
        key=lambda at: (not named[at].occurrence, -len(_squeezed(named[at].text))),
    )
    for at in by_length:
        if (place := free.take(named[at])) is not None:
            found[at] = place
    return found


def _in_order(source: _Source, named: Sequence[Mention]) -> dict[int, _Place] | None:
    """Return places one behind the other, or None where there are none for all that occur."""
    found, cursor = {}, 0
    for at, mention in enumerate(named):
        groups = source.places(mention.text)
        if not any(groups):
            continue
        later = (group[bisect_left(group, (cursor, 0)) :][:1] for group in groups)
        place = next((group[0] for group in later if group), None)
        if place is None:
            return None
        found[at], cursor = place, place[1]
    return found


class _Source:
    """A text, and the places of whatever was looked for in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._loose, self._at = _loosened(text)
        self._known: dict[str, tuple[list[_Place], list[_Place]]] = {}

    def places(self, text: str) -> tuple[list[_Place], list[_Place]]:
        """Return where a text is as it is written, and where it is otherwise, left to right."""
        if text not in self._known:
            self._known[text] = self._find(text)
        return self._known[text]

    def _find(self, text: str) -> tuple[list[_Place], list[_Place]]:
        wanted, loose = text.strip(), _squeezed(text)
        if not loose:
            return [], []
        exact = [(at, at + len(wanted)) for at in _positions(self.text, wanted)]
        folded = [
            (self._at[at], self._at[at + len(loose) - 1] + 1)
            for at in _positions(self._loose, loose)
        ]
        known = set(exact)
        other = [place for place in folded if place not in known]
        whole = [place for place in exact if self._is_whole(place)]
        whole_other = [place for place in other if self._is_whole(place)]
        return (whole, whole_other) if whole or whole_other else (exact, other)

    def _is_whole(self, place: _Place) -> bool:
        return not any(
            0 < at < len(self.text) and self.text[at - 1 : at + 1].isalnum() for at in place
        )


class _Free:
    """The places of a source that are left."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        self._covered = bytearray(len(source.text))
        self._taken: set[_Place] = set()
        self._apart: dict[str, deque[_Place]] = {}
        self._inside: dict[str, deque[_Place]] = {}

    def take(self, mention: Mention) -> _Place | None:
        """Return the place of a mention, and take it: the one that it says, else the first left.

        One that overlaps another mention's place is given only where there is no other.
        """
        exact, other = self._source.places(mention.text)
        if mention.occurrence:
            said = sorted((*exact, *other))[mention.occurrence - 1 : mention.occurrence]
            if said and said[0] not in self._taken:
                return self._take(said[0])
        apart = self._apart.setdefault(mention.text, deque((*exact, *other)))
        inside = self._inside.setdefault(mention.text, deque())
        while apart:
            place = apart.popleft()
            if self._covered.find(1, *place) < 0:
                return self._take(place)
            inside.append(place)
        while inside:
            place = inside.popleft()
            if place not in self._taken:
                return self._take(place)
        return None

    def _take(self, place: _Place) -> _Place:
        self._taken.add(place)
        start, end = place
        self._covered[start:end] = b"\1" * (end - start)
        return place


def _positions(text: str, part: str) -> Iterator[int]:
    """Yield where a part begins, left to right, without overlaps."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + len(part))


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def _loosened(text: str) -> tuple[str, list[int]]:
    """Return a text without spaces and case, and where each of its characters was."""
    parts, places = [], []
    for at, sign in enumerate(text):
        folded = "" if sign.isspace() else sign.casefold()
        parts.append(folded)
        places += [at] * len(folded)
    return "".join(parts), places
