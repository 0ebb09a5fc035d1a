"""Reading yes, no or maybe out of what a model wrote. A pure function, linear in the text.

Rules, first match counts: the last place that says which the answer is (`Answer: yes`, `the answer
is **no**`, a box); a last line that is the word; a text that begins with the word set apart (`Yes,
because …`); the only one of the words that stands alone in a short text. Two words at once
(`Answer: yes or no`) are none, and neither is a `no` that belongs to what follows (`no evidence`),
but right behind `Answer:`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class ReadWord(NamedTuple):
    """A word that was read."""

    word: str
    """In lower case."""
    rule: str
    """Where it stood, in words that go on after `the word`."""


_WORD = r"(yes|no|maybe)(?![\w-]|['\u2019]\w)"
_DRESS = r"[\s*_`\"'\u201c\u2018(\[$<]{0,8}"
_TEX = r"(?:\\boxed\{|\\text\{|\\textbf\{|\\mathrm\{){0,2}"
_ASIDE = r"(?:\s{0,2}\([^()\n]{0,40}\))?"
_MARK = r"[*_`\"']{0,3}"
_COLON = re.compile(
    rf"(?:answer|conclusion|verdict|decision|label){_MARK}{_ASIDE}{_MARK}\s{{0,2}}[:=\uff1a]{_DRESS}"
    rf"{_TEX}{_DRESS}{_WORD}",
    re.IGNORECASE,
)
_IS = re.compile(
    rf"(?:answer|conclusion|verdict|decision){_ASIDE}(?:\s[^.:\n]{{0,80}}?)?"
    rf"\s(?:is|would be|must be|should be|has to be|remains){_MARK}:?{_DRESS}{_TEX}{_DRESS}{_WORD}",
    re.IGNORECASE,
)
_BOXED = re.compile(
    r"\\boxed\{\s{0,3}(?:\\text\{|\\textbf\{|\\mathrm\{)?\s{0,3}(yes|no|maybe)\s{0,3}\}",
    re.IGNORECASE,
)
_APART = r"[*_`\"'\u201d\u2019)\]}$>]{0,5}(?:\s{0,3}(?:[.,;:!)\u2013\u2014-]|$)|\s{0,3}\n)"
_FIRST = re.compile(rf"{_DRESS}{_WORD}{_APART}", re.IGNORECASE)
_ALSO = re.compile(
    rf"{_MARK}\s{{0,3}}(?:,|/|\||&|or\b|and\b){_DRESS}{_WORD}(?!\s{{1,3}}(?!or\b|and\b)\w)",
    re.IGNORECASE,
)
_EITHER = re.compile(rf"{_MARK}\s{{0,3}}(?:/|\||or\b){_DRESS}{_WORD}", re.IGNORECASE)
_GOES_ON = re.compile(r"[*_`]{0,3}\s{1,3}(?!because|since|as\b|and\b|but\b)\w", re.IGNORECASE)
_LONGER = re.compile(r"[*_`]{0,3}\s{1,3}longer\b", re.IGNORECASE)
_ALONE = re.compile(rf"(?<![\w'\u2019-])(?<!not ){_WORD}", re.IGNORECASE)
_SHORT = 200
_EDGES = " \t\r\n.*_`\"'!#>\u201c\u201d\u2018\u2019()[]{}"


def read_word(text: str, words: Sequence[str]) -> ReadWord | None:
    """Return the word that a text answers with; None where it is none, or several.

    Args:
        text: What a model wrote.
        words: Those that are possible, out of `yes`, `no` and `maybe`.
    """
    said = _said(text)
    if said:
        return ReadWord(said[-1], "is said to be the answer") if said[-1] in words else None
    lines = text.rstrip().rsplit("\n", 1)
    last = lines[-1].strip(_EDGES).casefold()
    if last in words:
        return ReadWord(last, "is the last line")
    first = _FIRST.match(text.lstrip())
    if first is not None and not _ALSO.match(text.lstrip(), first.end(1)):
        word = first[1].casefold()
        return ReadWord(word, "comes first") if word in words else None
    return _only_one(text.strip(), words)


def _said(text: str) -> list[str]:
    """Return the words that are said to be the answer, in order; empty ones for two at once."""
    found = [(m.start(1), _told(text, m, is_direct=True)) for m in _COLON.finditer(text)]
    found += [(m.start(1), _told(text, m, is_direct=False)) for m in _IS.finditer(text)]
    found += [(m.start(1), m[1].casefold()) for m in _BOXED.finditer(text)]
    return [word for _, word in sorted(found) if word is not None]


def _told(text: str, match: re.Match[str], *, is_direct: bool) -> str | None:
    """Return the word of a match, an empty one where a second stands beside it, None for none."""
    word = match[1].casefold()
    if _ALSO.match(text, match.end(1)) or _EITHER.match(text, match.end(1)):
        return ""
    goes_on = (_LONGER if is_direct else _GOES_ON).match(text, match.end(1))
    return None if word == "no" and goes_on else word


def _only_one(text: str, words: Sequence[str]) -> ReadWord | None:
    if len(text) > _SHORT:
        return None
    found = {
        m[1].casefold()
        for m in _ALONE.finditer(text)
        if m[1].casefold() != "no" or not re.match(r"\s{1,3}\w", text[m.end(1) :])
    }
    if len(found) != 1 or not found <= set(words):
        return None
    return ReadWord(found.pop(), "is the only one")
