"""Where an answer stands among the words of a page: the span that a model's scores are highest for.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MOST_TOKENS = 64
"""A longer span is no answer."""
BEST_STARTS = 20
"""So many of the likeliest beginnings and ends are looked at: the rest is far below."""


class FoundSpan(NamedTuple):
    """A span of words."""

    score: float
    """Of its beginning and its end together; only to be compared with others of the same page."""
    first: int
    """Number of its first word, from 0."""
    last: int
    """Number of its last word."""


def best_span(
    starts: Sequence[float], ends: Sequence[float], words: Sequence[int | None]
) -> FoundSpan | None:
    """Return the span with the highest score; None where no token is of a word.

    Args:
        starts: By token, how likely an answer begins there.
        ends: By token, how likely one ends there.
        words: By token, the number of its word on the page; None for all that is no word of it.
    """
    inside = [number for number, word in enumerate(words) if word is not None]
    found: FoundSpan | None = None
    last = sorted(inside, key=lambda number: -ends[number])[:BEST_STARTS]
    for start in sorted(inside, key=lambda number: -starts[number])[:BEST_STARTS]:
        for end in last:
            first_word, last_word = words[start], words[end]
            if not 0 <= end - start < MOST_TOKENS or first_word is None or last_word is None:
                continue
            score = starts[start] + ends[end]
            if found is None or score > found.score:
                found = FoundSpan(score, first_word, last_word)
    return found or _likeliest_word(starts, words, inside)


def _likeliest_word(
    starts: Sequence[float], words: Sequence[int | None], inside: Sequence[int]
) -> FoundSpan | None:
    """Return the word that an answer begins with, where no likely end stands behind it."""
    if not inside:
        return None
    at = max(inside, key=lambda number: starts[number])
    word = words[at]
    return None if word is None else FoundSpan(2 * starts[at], word, word)
