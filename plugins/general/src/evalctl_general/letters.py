"""Reading the chosen letter out of what a model wrote. Pure functions, linear in the text.

Rules, first match counts: the last place that says which the answer is (`Answer: B`, `the answer is
(B)`, a box); a text that is a letter, or begins with one set apart (`B. because …`) and is no list
of choices; a choice's own text as the answer; the only letter that stands alone in a short text.
Two letters at once (`Answer: A or B`) are none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from evalctl import Completion, MetricSpec, Sample, Score, ScorerSpec, mean_value
from evalctl_general.choosing import LETTERS


class Read(NamedTuple):
    """A letter, and the rule that found it."""

    letter: str
    rule: str


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


def read_letter(text: str, choices: Sequence[str]) -> Read | None:
    """Return the letter that a text chooses; None where it chooses none, or several."""
    known = LETTERS[: len(choices)]
    for found, rule in (
        (_said(text, known), "says which the answer is"),
        ([m[1].upper() for m in _BOXED.finditer(text) if m[1].upper() in known], "is in a box"),
    ):
        if found:
            return Read(found[-1], rule) if found[-1] else None
    stripped = text.strip()
    first = _FIRST.match(stripped)
    if first is not None and first[1].upper() in known and not _is_list(stripped, known):
        return Read(first[1].upper(), "comes first")
    said = _TEXT_SAID.findall(text)
    if letter := _letter_of(stripped, choices) or (_letter_of(said[-1], choices) if said else ""):
        return Read(letter, "is a choice's own text")
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


def _only_one(text: str, known: str) -> Read | None:
    if len(text) > _SHORT:
        return None
    found = {(match[1] or "A") for match in _ALONE.finditer(text)} & set(known)
    return Read(found.pop(), "is the only one") if len(found) == 1 else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .*_`\"':")


def judge_letter(sample: Sample, completion: Completion) -> Score:
    """Whether the letter that was chosen is the right one."""
    found = read_letter(completion.text, sample.choices)
    if found is None:
        return Score(value=0.0, explanation="no letter of a choice can be read")
    value = float(found.letter == sample.target)
    return Score(value=value, answer=found.letter, explanation=f"the letter {found.rule}")


letter_accuracy = ScorerSpec(
    name="chosen_letter",
    version="1",
    score=judge_letter,
    metrics=(
        MetricSpec(
            name="letter_accuracy",
            title="share of right choices, by the letter that is written",
            reduce=mean_value,
            proportion=True,
            repeats=True,
        ),
    ),
)
