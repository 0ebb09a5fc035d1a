"""Reading the chosen letter out of what a model wrote. Pure functions, linear in the text.

Rules, first match counts: the last place that says which the answer is (`Answer: B`, `the answer is
(B)`, a box); a text that is a letter, or begins with one set apart (`B. because …`); a choice's own
text as the whole answer; the only letter that stands alone in a short text.
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


_OPEN = r"[\s*_`\"'(\[$]{0,6}"
_SAID = re.compile(
    rf"(?:answer|choice|option)[*_`\"']{{0,3}}(?:\s{{1,3}}is|\s{{0,2}}:|\s{{0,2}}=)"
    rf"(?:\s{{1,3}}(?:option|choice|letter))?:?{_OPEN}(?:\\boxed\{{|\\text\{{|\\mathrm\{{)?{_OPEN}"
    r"([A-Za-z])(?![A-Za-z0-9'’])",
    re.IGNORECASE,
)
_BOXED = re.compile(r"\\boxed\{\s{0,3}(?:\\text\{|\\mathrm\{)?\s{0,3}\(?([A-Za-z])\)?\s{0,3}\}")
_FIRST = re.compile(rf"{_OPEN}([A-Za-z])(?:[*_`\"')\]$]{{0,4}}(?:[.:,)\]](?!\w)|\s*$|\s*\n))")
_ALONE = re.compile(r"(?<![A-Za-z0-9'’])\(?([B-Z])\)?(?![A-Za-z0-9'’])|\(A\)|(?<!\w)A[.)](?!\w)")
_SHORT = 200


def read_letter(text: str, choices: Sequence[str]) -> Read | None:
    """Return the letter that a text chooses; None where it chooses none.

    Args:
        text: What the model wrote, without its reasoning.
        choices: Texts of the choices; letters beyond them are none.
    """
    known = LETTERS[: len(choices)]
    for pattern, rule in ((_SAID, "says which the answer is"), (_BOXED, "is in a box")):
        found = [m[1].upper() for m in pattern.finditer(text) if m[1].upper() in known]
        if found:
            return Read(found[-1], rule)
    stripped = text.strip()
    first = _FIRST.match(stripped)
    if first is not None and first[1].upper() in known:
        return Read(first[1].upper(), "comes first")
    bare = _plain(stripped)
    same = [
        letter for letter, choice in zip(known, choices, strict=False) if _plain(choice) == bare
    ]
    if bare and len(same) == 1:
        return Read(same[0], "is a choice's own text")
    return _only_one(stripped, known)


def _only_one(text: str, known: str) -> Read | None:
    if len(text) > _SHORT:
        return None
    found = {(match[1] or "A") for match in _ALONE.finditer(text)} & set(known)
    return Read(found.pop(), "is the only one") if len(found) == 1 else None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .*_`\"'")


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
