"""Where a conversation takes back what it said, as far as that can be told by rule.

In English alone, and only what is put plainly: two answers to one question, another answer to the
same question asked again, and words that take an earlier reply back. Whether two sentences exclude
each other by what they mean is nothing that a rule can see, so that a conversation without a
finding is not proven to be free of contradictions. Pure functions, linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from evalctl_general.stated import Stated, of_one_question, stated_answers

MOST_CHARACTERS = 50_000
"""Of a longer reply only the end is read, where answers stand."""
EXCLUDES = 1.0
"""Of answers that exclude each other."""
TAKEN_BACK = 0.5
"""Of what was taken back, and may have been put right."""
_FEWEST_AGAIN = 3
"""Words that a question must have to be the same as another one."""


class Contradiction(NamedTuple):
    """Something that contradicts what was said."""

    weight: float
    """How much of coherence it costs, in 0..1."""
    what: str
    """What it is, for people."""


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_FAULT = r"(?:mistakes?|errors?|oversight|confusion|miscalculation|misunderstanding|inaccuracy)"
_WRONG = r"(?:wrong|incorrect|mistaken|inaccurate|flawed|erroneous|not (?:correct|right|accurate))"
_TAKES_BACK = _any_of(
    r"\b(?:apologi[sz]e|apologies|sorry) for (?:the|my|any|this|that) "
    rf"(?:earlier |previous |initial )?{_FAULT}\b",
    r"\bmy (?:previous|earlier|last|first|initial|original|prior) (?:answer|response|reply"
    rf"|statement|calculation|solution|explanation|claim) (?:was|is) (?:\w{{1,12}}ly )?{_WRONG}\b",
    rf"\bI (?:have )?made (?:a|an) (?:\w{{1,15}} )?{_FAULT} (?:in|earlier|before|above|when)\b",
    r"\bI was (?:wrong|mistaken) (?:earlier|before|above|in my|when I said)\b",
    r"\bI (?:stand corrected|misspoke|take (?:that|it) back)\b",
    r"\b(?:wait|hold on|actually|oops|hmm)[,.! ]{1,3}(?:no[,.! ]{1,3})?(?:that|this|it)"
    rf"(?:'s|\u2019s| is| was) {_WRONG}\b",
    r"\bscratch that\b",
    r"\blet me correct (?:myself|that|my)\b",
)
_ASKS_FOR_FAULTS = _any_of(
    rf"\b(?:{_FAULT}|{_WRONG}|faults?|flaws?|bugs?|debug|fix|correct|corrected|correction|revise"
    r"|review|check|verify|critique|criticize|criticise|improve)\b"
)
"""What a user says who asks for what is wrong, or says that something is: to own up to it then
contradicts nothing."""
_ASKS_AGAIN = _any_of(
    r"\bare you (?:really |quite |absolutely |very )?(?:sure|certain|confident)\b",
    r"\bis (?:that|this|it) (?:really )?(?:right|true|your final answer)\b",
    r"^\W*really\W*$",
    r"\b(?:say|state|give|repeat|tell)(?: me| us)? (?:that|it|(?:your|the) (?:final )?answer)"
    r" (?:again|once more)\b",
    r"\brepeat (?:your|the) (?:final )?answer\b",
    r"^\W*(?:so|and|then|again)?\W*what (?:is|was) (?:your|the) (?:final )?answer(?: again)?\W*$",
)
_SPACES = re.compile(r"\W+")


def contradictions(turns: Sequence[str], replies: Sequence[str]) -> Iterator[Contradiction]:
    """Yield what contradicts in a conversation.

    Args:
        turns: What the user said.
        replies: What was replied, as many.
    """
    by_question: dict[str, Stated] = {}
    previous: Stated | None = None
    for number, (turn, reply) in enumerate(zip(turns, replies, strict=False)):
        text = reply[-MOST_CHARACTERS:]
        stated = list(stated_answers(text))
        yield from _within(text, stated)
        is_asked_to = number > 0 and _ASKS_FOR_FAULTS.search(turn) is not None
        if not is_asked_to and (match := _TAKES_BACK.search(text)) is not None:
            yield Contradiction(TAKEN_BACK, f"takes back what it said: {match.group()!r}")
        question = _asked(turn)
        before = previous if _ASKS_AGAIN.search(turn) else by_question.get(question)
        if number and before and stated and stated[-1].excludes(before):
            answers = f"{before.value!r} first and {stated[-1].value!r} then"
            yield Contradiction(EXCLUDES, f"asked the same again, answers {answers}")
        previous = stated[-1] if stated else previous
        if stated:
            by_question[question] = stated[-1]


def _within(text: str, stated: Sequence[Stated]) -> Iterator[Contradiction]:
    """Yield two answers of one reply that exclude each other, the first such pair alone."""
    for one, other in pairwise(stated):
        is_taken_back = _TAKES_BACK.search(text, one.start, other.start) is not None
        if one.excludes(other) and of_one_question(text, one, other) and not is_taken_back:
            answers = f"{one.value!r} and with {other.value!r}"
            yield Contradiction(EXCLUDES, f"answers one question with {answers}")
            return


def _asked(turn: str) -> str:
    """Return a question as it is compared; a very short one is like no other."""
    words = _SPACES.split(turn.casefold().strip())
    return " ".join(words) if len(words) >= _FEWEST_AGAIN else ""
