"""How coherent a conversation is, as far as rules can tell without a model.

Three figures in 0..1, the worst of which is the score: that no reply repeats itself, that no later
reply is an earlier one over again, and that nothing is contradicted or taken back. They see the
failures that models show on the surface; whether a text makes sense they do not see. A judge does
that (`coherence_judge.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from evalctl import Completion, MetricSpec, Sample, Score, ScorerSpec
from evalctl_general import repetition
from evalctl_general.contradiction import contradictions

_GRAMS_FREE = 0.4
"""A share of repeated 4-grams up to which nothing is held against a text: tables, code and
calculations repeat themselves. Of the 60 texts of MT-Bench's references it is 0.34 at most."""
_GRAMS_WORST = 0.9
"""The share from which a text is all repetition."""
_SENTENCES_FREE = 0.15
"""Likewise of repeated sentences: 0.09 at most in those texts."""
_LIKENESS_FREE = 0.9
"""How like an earlier reply a later one may be. Of those references 0.73 at most."""
_CODE_SHARE = 0.5
"""A reply that is mostly a program may change it in one place only."""


class Judgement(NamedTuple):
    """What was found in one conversation."""

    unrepeated: float
    """1 where no reply repeats itself."""
    uncopied: float
    """1 where no later reply is an earlier one over again."""
    uncontradicted: float
    """1 where nothing is contradicted or taken back."""
    reasons: tuple[str, ...]
    """What was found."""

    @property
    def value(self) -> float:
        """The worst of them."""
        return min(self.unrepeated, self.uncopied, self.uncontradicted)


def judge(turns: Sequence[str], replies: Sequence[str]) -> Judgement:
    """Return how coherent a conversation is.

    Args:
        turns: What the user said.
        replies: What was replied, as many.
    """
    units = [repetition.units_of(reply) for reply in replies]
    reasons: list[str] = []
    unrepeated = uncopied = uncontradicted = 1.0
    for number, (reply, own) in enumerate(zip(replies, units, strict=True), 1):
        lost, why = _repeats(reply, own)
        unrepeated = min(unrepeated, 1.0 - lost)
        reasons += [f"reply {number} {why}"] if lost else ()
    for number in range(1, len(replies)):
        lost = max(_copies(replies[number], units[number], one) for one in units[:number])
        uncopied = min(uncopied, 1.0 - lost)
        reasons += [f"reply {number + 1} is an earlier one over again"] if lost else ()
    for found in contradictions(turns, replies):
        uncontradicted = min(uncontradicted, 1.0 - found.weight)
        reasons.append(found.what)
    return Judgement(unrepeated, uncopied, uncontradicted, tuple(reasons))


def score(sample: Sample, completion: Completion) -> Score:
    """Return the coherence of a conversation; one with a reply that says nothing has none."""
    replies = (*completion.earlier, completion.text)
    silent = [number for number, reply in enumerate(replies, 1) if not reply.strip()]
    if silent:
        return Score(value=0.0, explanation=f"reply {silent[0]} says nothing", counts=_NOTHING)
    found = judge((sample.input, *sample.later_turns), replies)
    return Score(
        value=found.value,
        answer=f"{found.value:.2f}",
        explanation="; ".join(found.reasons)[:1000] or "nothing found",
        counts={name: getattr(found, name) for name in _PARTS},
    )


_PARTS = ("unrepeated", "uncopied", "uncontradicted")
_NOTHING = dict.fromkeys(_PARTS, 0.0)


def _repeats(text: str, units: list[str]) -> tuple[float, str]:
    """Return how much a reply repeats itself, in 0..1, and how; a very short one does not."""
    if len(units) < repetition.FEWEST:
        return 0.0, ""
    grams = _above(repetition.repeated_share(units), _GRAMS_FREE, _GRAMS_WORST)
    sentences = _above(repetition.repeated_sentences(text), _SENTENCES_FREE, _GRAMS_WORST)
    loop = repetition.loop_share(units)
    kinds = (
        (loop, f"ends in a loop ({loop:.0%} of it)"),
        (sentences, "says whole sentences again"),
        (grams, "says the same words again and again"),
    )
    lost = max(share for share, _ in kinds)
    return lost, next(why for share, why in kinds if share >= lost - 0.1)


def _copies(text: str, units: list[str], earlier: list[str]) -> float:
    """Return how far a reply is an earlier one over again, in 0..1; very short ones are not."""
    if min(len(units), len(earlier)) < repetition.FEWEST:
        return 0.0
    if units == earlier:
        return 1.0
    if _is_code(text):
        return 0.0
    return _above(repetition.likeness(units, earlier), _LIKENESS_FREE, 1.0)


def _is_code(text: str) -> bool:
    """Return whether most of a reply stands in fences."""
    parts = text.split("```")
    return sum(map(len, parts[1::2])) > _CODE_SHARE * len(text)


def _above(share: float, free: float, worst: float) -> float:
    """Return how far a share is from what is free to what is worst, in 0..1."""
    return min(max((share - free) / (worst - free), 0.0), 1.0)


def mean_value(scores: tuple[Score, ...]) -> float | None:
    """Return the mean of a sample's values; None where it has none."""
    values = [one.value for one in scores if one.value is not None]
    return sum(values) / len(values) if values else None


def mean_part(part: str, scores: tuple[Score, ...]) -> float | None:
    """Return the mean of one of the three figures."""
    values = [one.counts[part] for one in scores if part in one.counts]
    return sum(values) / len(values) if values else None


def unrepeated(scores: tuple[Score, ...]) -> float | None:
    """Return how far replies do not repeat themselves."""
    return mean_part("unrepeated", scores)


def uncopied(scores: tuple[Score, ...]) -> float | None:
    """Return how far later replies are not earlier ones over again."""
    return mean_part("uncopied", scores)


def uncontradicted(scores: tuple[Score, ...]) -> float | None:
    """Return how far nothing is contradicted or taken back."""
    return mean_part("uncontradicted", scores)


COHERENCE = ScorerSpec(
    name="coherence",
    version="2",
    score=score,
    metrics=(
        MetricSpec(name="coherence", title="Coherent, by rule", reduce=mean_value),
        MetricSpec(name="unrepeated", title="No reply repeats itself", reduce=unrepeated),
        MetricSpec(name="uncopied", title="No reply is an earlier one again", reduce=uncopied),
        MetricSpec(name="uncontradicted", title="Nothing taken back", reduce=uncontradicted),
    ),
)
