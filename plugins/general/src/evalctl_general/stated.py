r"""Answers that a reply states in so many words: `the answer is 5`, `Answer: (B)`, `\boxed{7}`.

Read is only what can be held against another answer: a number, the letter of a choice, yes or no.
Pure functions, linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

_SAID = r"[\s*_$`\"'(:=]{0,8}(?:still |indeed |therefore |exactly |about |approximately )?"
_STATEMENT = re.compile(
    rf"\b(?:the|my|our|final|correct|right) answer(?: is| was| remains|\s?:|\s?=){_SAID}"
    rf"|^[ \t*#>_]{{0,6}}answer[*]{{0,2}}\s?:{_SAID}"
    r"|\\boxed\{",
    re.IGNORECASE | re.MULTILINE,
)
_MOST_SAID = 60
_MOST_BEFORE = 80

_NUMBER = re.compile(
    r"\\?\$?\s?(?P<number>[-+\u2212]?\d{1,3}(?:,\d{3}){1,8}(?:\.\d{1,20})?"
    r"|[-+\u2212]?\d{1,30}(?:\.\d{1,20})?)"
    r"(?:\s?/\s?(?P<under>\d{1,30}))?(?P<percent>\s?\\?%)?"
)
_GOES_ON = re.compile(
    r"[A-Za-z^\u00b2\u00b3\u03c0\u221a\\]|\s?[-+*/:,\u00d7\u2013]\s?[\w\\]|\s{1,2}(?:or|to|and)\b"
)
"""What makes a number a part of something else: `5x`, `5 + 2`, `5, 6`, `5 or 6`."""
_LETTER = re.compile(r"(?:option |choice )?\(?([A-H])(?:[).,:;*\]}]|\s*$|\s*\n)", re.IGNORECASE)
_WORD = re.compile(
    r"(yes|no|true|false|uncertain)\b(?! (?:one|of|more|matter|longer))", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"\b(?:first|second|third|last|part|parts|question|questions|case|cases|if|when|unless|suppose|"
    r"assum\w{1,6}|would|could|might|may|alternativ\w{1,5}|depend\w{1,4}|similarly|each|step|wrong|"
    r"incorrect|not|user|they|he|she|someone)\b|\([a-h]\)",
    re.IGNORECASE,
)
"""What says that an answer is to another question, on a condition, or somebody else's."""
_ITEM = re.compile(r"^[ \t]{0,8}(?:#{1,6}\s|\(?(?:\d{1,3}|[a-hA-H])[.):]\s)", re.MULTILINE)


class Stated(NamedTuple):
    """An answer that a reply states."""

    kind: str
    """`number`, `percent`, `letter` or `word`; others cannot be held against each other."""
    value: str
    """As it is compared."""
    start: int
    """Where its statement begins."""
    end: int
    """Where it ends."""

    def excludes(self, other: Stated) -> bool:
        """Return whether both cannot be right; numbers may be rounded."""
        if self.kind != other.kind:
            return False
        if self.kind not in {"number", "percent"}:
            return self.value != other.value
        one, two = Fraction(self.value), Fraction(other.value)
        decimals = min(_decimals(self.value), _decimals(other.value))
        return abs(one - two) > Fraction(1, 2 * 10**decimals) if decimals else one != two


def stated_answers(text: str) -> Iterator[Stated]:
    """Yield the answers that a text states as its own, without condition, in their order."""
    for match in _STATEMENT.finditer(text):
        before = text[max(match.start() - _MOST_BEFORE, 0) : match.start()]
        clause = re.split(r"[.!?;\n]", before)[-1]
        said = text[match.end() : match.end() + _MOST_SAID]
        if "boxed" in match.group():
            said = said.partition("}")[0]
        read = _read(said)
        if read is None or _ELSEWHERE.search(clause) or _ELSEWHERE.search(_line(said)):
            continue
        yield Stated(*read, match.start(), match.end() + _MOST_SAID)


def of_one_question(text: str, one: Stated, other: Stated) -> bool:
    """Return whether nothing between two statements begins another item or section."""
    return _ITEM.search(text, one.start, other.start) is None


def _read(said: str) -> tuple[str, str] | None:
    """Return kind and value of what stands behind a statement's begin."""
    if (match := _NUMBER.match(said)) is not None:
        if _GOES_ON.match(said, match.end()):
            return None
        return _number(match)
    if (match := _LETTER.match(said)) is not None:
        return "letter", match[1].upper()
    if (match := _WORD.match(said)) is not None:
        return "word", match[1].lower()
    return None


def _number(match: re.Match[str]) -> tuple[str, str] | None:
    value = match["number"].replace(",", "").replace("\u2212", "-")
    if match["under"]:
        if not int(match["under"]):
            return None
        value = str(Fraction(value) / int(match["under"]))
    return "percent" if match["percent"] else "number", value


def _line(said: str) -> str:
    """Return what is said up to the end of its sentence or line."""
    return re.split(r"[.!?;]\s|\n", said)[0]


def _decimals(value: str) -> int:
    return len(value.partition(".")[2])
