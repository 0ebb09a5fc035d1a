"""When a name that a model gives is one of the gold names, and BioASQ's measures made of that.

Source: BioASQ, `Evaluation-Measures`, `QuestionAnswerEvaluator.java` (version 5 of the challenge).
There, two names are the same if they are but for upper and lower case, and a system may give
several names of one answer. Here spaces, articles and marks at the edges make no difference either,
and a name in parentheses, or before a colon or a dash, counts as another name of the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

Synonyms = Sequence[str]

MOST_CANDIDATES = 5
"""Of a factoid question."""

_ARTICLE = re.compile(r"^(?:the|an|a)\s+(?=\S)")
_ASIDE = re.compile(r"\(([^()]{1,200})\)")
_CUT = re.compile(r"\s[-\u2013\u2014]\s|:\s")
_EDGES = " \t\r\n.,;:!?'\"()[]{}*_`\u2018\u2019\u201c\u201d"


def plain(name: str) -> str:
    """Return a name as it is compared."""
    spaced = " ".join(name.casefold().split()).strip(_EDGES)
    return _ARTICLE.sub("", spaced) or spaced


def names_of(answer: str) -> frozenset[str]:
    """Return all names that an answer gives, as they are compared."""
    before = _CUT.split(answer, maxsplit=1)[0]
    asides = _ASIDE.findall(answer)
    without = _ASIDE.sub(" ", answer)
    given = (answer, before, without, _CUT.split(without, maxsplit=1)[0], *asides)
    return frozenset(name for one in given if (name := plain(one)))


def first_right(answers: Sequence[str], gold: Sequence[Synonyms]) -> int | None:
    """Return the position of the first of the candidates that is right, from 0; None without."""
    right = {plain(name) for names in gold for name in names}
    for position, answer in enumerate(answers[:MOST_CANDIDATES]):
        if names_of(answer) & right:
            return position
    return None


class Overlap(NamedTuple):
    """How a list agrees with the gold one."""

    precision: float
    recall: float
    f1: float


def overlap(answers: Sequence[str], gold: Sequence[Synonyms]) -> Overlap:
    """Return precision, recall and F1 of a list; each gold entry is found once."""
    waiting = [{plain(name) for name in names} for names in gold]
    found = 0
    for answer in answers:
        given = names_of(answer)
        at = next((n for n, names in enumerate(waiting) if names & given), None)
        if at is not None:
            del waiting[at]
            found += 1
    if not found:
        return Overlap(0.0, 0.0, 0.0)
    precision, recall = found / len(answers), found / len(gold)
    return Overlap(precision, recall, 2 * precision * recall / (precision + recall))


def mentioned(text: str, gold: Sequence[Synonyms]) -> float:
    """Return the share of gold entries of which a text mentions a name, as whole words."""
    words = f" {_words(text)} "
    hits = sum(
        any((bare := _words(name)) and f" {bare} " in words for name in names) for names in gold
    )
    return hits / len(gold)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
