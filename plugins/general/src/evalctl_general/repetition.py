"""How much of a text says again what was said before. Pure functions, linear in the text.

Nothing here knows what a text is about: a refrain, a table or a program repeats itself as well, so
that those who read these figures must leave room for that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

GRAM = 4
"""Units of an n-gram, as in seq-rep-4. Source: Welleck et al. 2019, "Neural Text Generation with
Unlikelihood Training", section 4.2."""
FEWEST = 12
"""Units that a text must have before anything is said of it."""
LOOPS = 3
"""So many times in a row must something stand at the end of a text to be a loop."""
_SHORTEST_LOOP = 8
"""Units that a loop has: `ha ha ha` is none."""

MOST_CHARACTERS = 50_000
"""Of a longer text so many are read: half of them from its beginning, half up to its end."""

_LONGEST = 32
"""Characters of a unit; of a longer run there are several."""
_UNIT = re.compile(
    "[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e01-\u0e4e\U00020000-\U0003ffff"
    "\u2600-\u27bf\U0001f000-\U0001faff]"
    rf"|\w{{1,{_LONGEST}}}|[^\w\s]{{1,{_LONGEST}}}"
)
"""A character of a script that puts no spaces between words (Han, Kana, Thai), an emoji, a word, or
signs."""
_SENTENCE = re.compile("[^.!?\\n\u3002\uff01\uff1f]+")
_MARK = re.compile(r"^\W*(?:\d{1,6}|[A-Za-z])?[.):\]\-]?\s+|[\W_]+$|^\W+")
"""What stands around a sentence: the number or the mark of an item of a list, signs at its end."""


def units_of(text: str) -> list[str]:
    """Return words, signs, emoji, and characters of scripts without spaces, in small letters.

    A text that hardly has any, as it is one long run, is told by its characters. Of a very long
    text the beginning and the end are read.
    """
    read = _bounded(text).casefold()
    units = _UNIT.findall(read)
    if len(units) < FEWEST and any(len(unit) == _LONGEST for unit in units):
        return [sign for sign in read if not sign.isspace()]
    if len(units) > 1 and len(units[-1]) < len(units[-2]) and units[-2].startswith(units[-1]):
        units.pop()  # a run of letters that was taken apart, or a word that was cut off
    return units


def repeated_share(units: Sequence[str]) -> float:
    """Return the share of n-grams that stood before: seq-rep-4, in 0..1.

    Source: Welleck et al. 2019, section 4.2; one less the distinct-n of Li et al. 2016 ("A
    Diversity-Promoting Objective Function"), for n of 4. A text of few units has none.
    """
    grams = _grams(units)
    if len(units) < FEWEST:
        return 0.0
    return 1.0 - len(set(grams)) / len(grams)


def loop_share(units: Sequence[str]) -> float:
    """Return the share of a text that is its end saying something a second time and on.

    The longest end counts that is made of one thing three times or more in a row, as of a model
    that no longer stops; its first time is none of it. A text of few units has none.
    """
    if len(units) < FEWEST:
        return 0.0
    backwards, longest = units[::-1], 0
    borders = [0] * len(backwards)
    length = 0
    for place in range(1, len(backwards)):
        while length and backwards[place] != backwards[length]:
            length = borders[length - 1]
        length += backwards[place] == backwards[length]
        borders[place] = length
        period = place + 1 - length
        if place + 1 >= LOOPS * period and length > longest:
            longest = length
    return longest / len(units) if longest >= _SHORTEST_LOOP else 0.0


def repeated_sentences(text: str) -> float:
    """Return the share of a text, in characters, that is sentences or lines that stood before.

    The numbers of a list's items make no difference; sentences below four words do not count.
    """
    seen: set[str] = set()
    total = again = 0
    for match in _SENTENCE.finditer(_bounded(text)):
        sentence = " ".join(_MARK.sub("", match.group().strip().casefold()).split())
        total += len(sentence)
        if len(_UNIT.findall(sentence)) < GRAM:
            continue
        if sentence in seen:
            again += len(sentence)
        seen.add(sentence)
    return again / total if total else 0.0


def likeness(units: Sequence[str], others: Sequence[str]) -> float:
    """Return how far two texts are the same, in 0..1: the share of n-grams that the other has too.

    The lesser one of both, so that a text that holds a shorter one whole is not the same.
    """
    ours, theirs = _grams(units), _grams(others)
    if not ours or not theirs:
        return 0.0
    known, wanted = set(ours), set(theirs)
    return min(
        sum(one in wanted for one in ours) / len(ours),
        sum(one in known for one in theirs) / len(theirs),
    )


def _bounded(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    half = MOST_CHARACTERS // 2
    return f"{text[:half]}\n{text[-half:]}"


def _grams(units: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(units[start:] for start in range(GRAM)), strict=False))
