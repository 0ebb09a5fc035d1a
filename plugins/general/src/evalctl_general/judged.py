"""Scorers that ask judges about conversations: ratings of each turn, and pairs in both orders.

Source: Zheng et al. 2023, "Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena", and FastChat's
`llm_judge`, for the protocol. The rubrics are ours: see `rubrics.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from evalctl import (
    Completion,
    JudgeSpec,
    Message,
    MetricSpec,
    Sample,
    Score,
    ScorerSpec,
    mean_value,
)
from evalctl_general.rubrics import ask_for_choice, ask_for_rating, dialogues
from evalctl_general.verdicts import HIGHEST, LOWEST, read_choice, read_rating

MAX_VERDICT_TOKENS = 2048
"""As FastChat allows a judge."""

_TIE = 0.5


def rate_turns(sample: Sample, completion: Completion) -> tuple[tuple[Message, ...], ...]:
    """Return a conversation for each turn, which asks for a rating of the reply to it."""
    return tuple(ask_for_rating(sample, one) for one in dialogues(sample, completion))


def mean_rating(ratings: tuple[Score, ...]) -> Score:
    """Return the mean of the ratings of all turns; not scored where one of them lacks.

    What is there of them is in the counts: later turns have lower ratings, so that a mean of some
    would say another thing.
    """
    read = {f"turn_{n}": one.value for n, one in enumerate(ratings, 1) if one.value is not None}
    told = "; ".join(f"turn {n}: {_told(one)}" for n, one in enumerate(ratings, 1))
    if len(read) < len(ratings):
        return Score(value=None, explanation=told, counts=read)
    mean = sum(read.values()) / len(read)
    return Score(value=mean, answer=_listed(ratings), explanation=told, counts=read)


def rating_of_turn(scores: tuple[Score, ...], *, turn: int) -> float | None:
    """Return the mean rating of one turn over the completions."""
    key = f"turn_{turn}"
    found = [score.counts[key] for score in scores if key in score.counts]
    return sum(found) / len(found) if found else None


def compare_turns(
    sample: Sample, completion: Completion, baseline: Completion
) -> tuple[tuple[Message, ...], ...]:
    """Return two conversations for each turn: the completion first, and the baseline first."""
    pairs = zip(dialogues(sample, completion), dialogues(sample, baseline), strict=True)
    return tuple(
        asked
        for own, other in pairs
        for asked in (ask_for_choice(sample, own, other), ask_for_choice(sample, other, own))
    )


def win_of_both_orders(choices: tuple[Score, ...]) -> Score:
    """Return how the completion did against the baseline: 1 won, 0.5 a tie, 0 lost; over turns.

    A turn is won or lost where both orders say so; a verdict that changes with the order is a tie.
    Not scored where the verdict on some order cannot be read; counted are the turns with both.
    """
    counts = {"pairs": 0.0, "changed": 0.0, "first": 0.0, "second": 0.0}
    outcomes = []
    for forward, backward in zip(choices[::2], choices[1::2], strict=True):
        if forward.value is None or backward.value is None:
            continue
        counts["pairs"] += 1
        if forward.value == 1.0 - backward.value:
            outcomes.append(forward.value)
            continue
        outcomes.append(_TIE)
        counts["changed"] += 1
        counts["first"] += (forward.value == 1.0) + (backward.value == 1.0)
        counts["second"] += (forward.value == 0.0) + (backward.value == 0.0)
    told = _listed(choices)
    if 2 * len(outcomes) < len(choices):
        read = counts if outcomes else {}
        return Score(value=None, explanation=f"verdicts: {told}", counts=read)
    return Score(value=sum(outcomes) / len(outcomes), answer=told, counts=counts)


def share_changed(counts: Mapping[str, float]) -> float | None:
    """Return the share of pairs whose verdict changed with the order; None without any pair."""
    pairs = counts.get("pairs", 0.0)
    return counts.get("changed", 0.0) / pairs if pairs else None


def share_for_first(counts: Mapping[str, float]) -> float | None:
    """Return the share for the first place among those verdicts of changed pairs that name one."""
    first, second = counts.get("first", 0.0), counts.get("second", 0.0)
    return first / (first + second) if first + second else None


def _told(rating: Score) -> str:
    return rating.explanation if rating.value is None else f"{rating.value:g}"


def _listed(scores: tuple[Score, ...]) -> str:
    return ", ".join(score.answer or "?" for score in scores)


LLM_JUDGE_SCORE = ScorerSpec(
    name="llm_judge_score",
    version="1",
    judge=JudgeSpec(
        prompts=rate_turns,
        parse=read_rating,
        combine=mean_rating,
        version="1",
        max_tokens=MAX_VERDICT_TOKENS,
    ),
    metrics=(
        MetricSpec(
            name="llm_judge_score",
            title="a judge's ratings from 1 to 10, the mean of all turns",
            reduce=mean_value,
            lower=LOWEST,
            upper=HIGHEST,
        ),
        *(
            MetricSpec(
                name=f"{name}_turn",
                title=f"its ratings of the {name} turn",
                reduce=partial(rating_of_turn, turn=turn),
                lower=LOWEST,
                upper=HIGHEST,
            )
            for turn, name in ((1, "first"), (2, "second"))
        ),
    ),
)
"""Ratings of each turn, as MT-Bench has them."""

LLM_JUDGE_PAIRS = ScorerSpec(
    name="llm_judge_pairs",
    version="1",
    judge=JudgeSpec(
        pair=compare_turns,
        parse=read_choice,
        combine=win_of_both_orders,
        version="1",
        max_tokens=MAX_VERDICT_TOKENS,
    ),
    metrics=(
        MetricSpec(
            name="win_rate",
            title="wins against the baseline, a tie counting one half",
            reduce=mean_value,
        ),
        MetricSpec(
            name="position_inconsistency",
            title="share of pairs whose verdict changed with the order",
            pooled=share_changed,
        ),
        MetricSpec(
            name="first_place_preference",
            title="share of the first place among the verdicts that changed; 0.5 is no preference",
            pooled=share_for_first,
        ),
    ),
)
"""Each reply against the baseline's, in both orders."""
