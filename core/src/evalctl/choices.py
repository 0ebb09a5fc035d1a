"""Which choice a model takes: the likeliest one, or the letter that it writes.

Pure functions, linear in what they read. Rules for a written letter, first match counts: the last
place that says which the answer is (`Answer: B`, `the answer is (B)`, a box); a text that is a
letter, or begins with one set apart (`B. because …`) and is no list of choices; a choice's own text
as the answer; the only letter that stands alone in a short text. Two letters at once (`Answer: A or
B`) are none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from evalctl.records import Continuation

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def likeliest(given: Sequence[Continuation], lengths: Sequence[int] = ()) -> int | None:
    """Return the position of the likeliest continuation, the first one of equals.

    Args:
        given: What each is given; what is no number is as unlikely as can be.
        lengths: What each log-likelihood is divided by (characters, bytes); one of length 0 is
            never taken. Empty divides by nothing.

    Returns:
        None where nothing can be read: none is given, or none is likely at all.
    """
    values = [-math.inf if math.isnan(one.logprob) else one.logprob for one in given]
    if lengths:
        pairs = zip(values, lengths, strict=bool(given))
        values = [value / length if length else -math.inf for value, length in pairs]
    best = max(range(len(values)), key=values.__getitem__, default=None)
    return None if best is None or values[best] == -math.inf else best


class ReadLetter(NamedTuple):
    """A letter that was read."""

    letter: str
    """A to Z."""
    rule: str
    """Where it stood, in words that go on after `the letter`."""


_OPEN = r"[\s*_`\"'(\[$<]{0,6}"
_IS = r"(?:\s{1,3}is|\s{0,2}[:=\uff1a]|>)"
_KIND = r"(?:\s{1,3}(?:option|choice|letter))?:?"
_TEX = r"(?:\\boxed\{|\\text\{|\\mathrm\{)?"
_END = r"(?!['\u2019]?[A-Za-z0-9])"
_SAID = re.compile(
    rf"(?:answer|choice|option)[*_`\"']{{0,3}}{_IS}{_KIND}{_OPEN}{_TEX}{_OPEN}([A-Za-z]){_END}",
    re.IGNORECASE,
)
_TEXT_SAID = re.compile(rf"answer[*_`\"']{{0,3}}{_IS}([^\n]{{1,400}})", re.IGNORECASE)
_BOXED = re.compile(r"\\boxed\{\s{0,3}(?:\\text\{|\\mathrm\{)?\s{0,3}\(?([A-Za-z])\)?\s{0,3}\}")
_ALSO = re.compile(
    r"[)*_`\"'\]}]{0,3}\s{0,3}(?:,|/|&|or|and|nor)\s{0,3}[(*]{0,3}([A-Z])(?![A-Za-z0-9])"
)
_GOES_ON = re.compile(r"\s{1,3}[A-Za-z]")
_FIRST = re.compile(rf"{_OPEN}([A-Za-z])(?:[*_`\"')\]$]{{0,4}}(?:[.:,)\]](?!\w)|\s*$|\s*\n))")
_LISTED = re.compile(r"^[\s*_(]{0,4}([A-Z])[.):]", re.MULTILINE)
_ALONE = re.compile(
    r"(?<![A-Za-z0-9'\u2019])\(?([B-Z])\)?(?!['\u2019]?[A-Za-z0-9])"
    r"|\(A\)|(?<!\w)A[.)](?!\w)"
    r"|(?<!\w)A(?=\s{0,3}(?:,|/|&|or\b|and\b|nor\b))|\b(?:or|and|nor)\s{1,3}A(?!\w)"
)
_SHORT = 200


def read_letter(text: str, choices: Sequence[str]) -> ReadLetter | None:
    """Return the letter that a text chooses; None where it chooses none, or several."""
    known = LETTERS[: len(choices)]
    for found, rule in (
        (_said(text, known), "says which the answer is"),
        ([m[1].upper() for m in _BOXED.finditer(text) if m[1].upper() in known], "is in a box"),
    ):
        if found:
            return ReadLetter(found[-1], rule) if found[-1] else None
    stripped = text.strip()
    first = _FIRST.match(stripped)
    if first is not None and first[1].upper() in known and not _is_list(stripped, known):
        return ReadLetter(first[1].upper(), "comes first")
    said = _TEXT_SAID.findall(text)
    if letter := _letter_of(stripped, choices) or (_letter_of(said[-1], choices) if said else ""):
        return ReadLetter(letter, "is a choice's own text")
    return _only_one(stripped, known)


def _said(text: str, known: str) -> list[str]:
    """Return the letters that are said to be the answer; empty ones for two at once."""
    found = []
    for match in _SAID.finditer(text):
        letter, behind = match[1].upper(), text[match.end() : match.end() + 40]
        # "The answer is a liquid" names no letter.
        if letter not in known or (match[1].islower() and _GOES_ON.match(behind)):
            continue
        also = _ALSO.match(behind)
        found.append("" if also and also[1] in known and also[1] != letter else letter)
    return found


def _is_list(text: str, known: str) -> bool:
    """Whether it begins with several choices one below the other, as the question does."""
    return len({letter for letter in _LISTED.findall(text) if letter in known}) > 1


def _letter_of(text: str, choices: Sequence[str]) -> str:
    """Return the letter of the one choice that a text is; empty where it is none."""
    bare = _plain(text)
    same = [
        letter for letter, choice in zip(LETTERS, choices, strict=False) if _plain(choice) == bare
    ]
    return same[0] if bare and len(same) == 1 else ""


def _only_one(text: str, known: str) -> ReadLetter | None:
    if len(text) > _SHORT:
        return None
    found = {(match[1] or "A") for match in _ALONE.finditer(text)} & set(known)
    return ReadLetter(found.pop(), "is the only one") if len(found) == 1 else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .*_`\"':")
