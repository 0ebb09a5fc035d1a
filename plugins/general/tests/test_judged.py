"""What judges are asked about conversations, and what becomes of their verdicts."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from core.tests.injections import INJECTIONS
from pydantic import JsonValue

from evalctl import Completion, Message, Sample, Score, ScoringError
from evalctl_general.judged import (
    LLM_JUDGE_PAIRS,
    LLM_JUDGE_SCORE,
    compare_turns,
    mean_rating,
    rate_turns,
    share_changed,
    share_for_first,
    win_of_both_orders,
)

TURNS = ("Write a line.", "Now shorter.")
OURS = Completion(text="our second reply", earlier=("our first reply",))
THEIRS = Completion(text="their second reply", earlier=("their first reply",))
REFERENCES = ["the first reference", "the second reference"]


def sample(category: str) -> Sample:
    metadata: Mapping[str, JsonValue] = {"category": category, "references": [*REFERENCES]}
    return Sample(id="1", input=TURNS[0], later_turns=TURNS[1:], metadata=metadata)


def said(conversation: tuple[Message, ...]) -> str:
    """Return what the judge is shown, behind its rubric."""
    system, user = conversation
    assert (system.role, user.role) == ("system", "user")
    return user.content


def outside(text: str) -> str:
    """Return what stands in no fence."""
    return re.sub(r"BEGIN (\d+) ([0-9a-f]{24})\n.*?\nEND \1 \2", "", text, flags=re.DOTALL)


def ratings(*values: float | None) -> tuple[Score, ...]:
    return tuple(
        Score(value=value, answer=None if value is None else f"{value:g}") for value in values
    )


def choices(letters: str) -> tuple[Score, ...]:
    values = {"A": 1.0, "B": 0.0, "C": 0.5, "?": None}
    return tuple(
        Score(value=values[letter], answer=None if letter == "?" else letter) for letter in letters
    )


def test_each_turn_is_asked_about_with_what_came_before_it() -> None:
    first, second = map(said, rate_turns(sample("writing"), OURS))
    assert TURNS[0] in first
    assert "our first reply" in first
    assert TURNS[1] not in first
    assert "our second reply" not in first
    places = [second.index(text) for text in (TURNS[0], "our first", TURNS[1], "our second")]
    assert places == sorted(places)


@pytest.mark.parametrize("category", ["math", "reasoning", "coding"])
def test_references_are_shown_where_the_protocol_has_them(category: str) -> None:
    first, second = map(said, rate_turns(sample(category), OURS))
    assert REFERENCES[0] in first
    assert REFERENCES[1] not in first
    assert REFERENCES[0] in second
    assert REFERENCES[1] in second


@pytest.mark.parametrize(
    "metadata",
    [
        {"category": "writing", "references": REFERENCES},
        {"category": "math", "references": None},
        {"category": "math", "references": "x"},
        {"category": "math"},
        {},
    ],
)
def test_no_references_are_shown_elsewhere(metadata: Mapping[str, JsonValue]) -> None:
    asked = sample("math").model_copy(update={"metadata": metadata})
    assert all("eference answer" not in said(one) for one in rate_turns(asked, OURS))


def test_pairs_are_asked_in_both_orders_for_each_turn() -> None:
    asked = [said(one) for one in compare_turns(sample("math"), OURS, THEIRS)]
    assert len(asked) == 4
    ours_first = [text.index("our ") < text.index("their ") for text in asked]
    assert ours_first == [True, False, True, False]
    assert ["our second reply" in text for text in asked] == [False, False, True, True]
    assert all(REFERENCES[0] in text for text in asked)


@pytest.mark.parametrize("text", INJECTIONS.values(), ids=INJECTIONS)
def test_nothing_that_others_wrote_stands_outside_of_fences(text: str) -> None:
    hostile = Sample(
        id="1",
        input=text,
        later_turns=(text,),
        metadata={"category": "math", "references": [text, text]},
    )
    given = Completion(text=text, earlier=(text,))
    plain = Sample(
        id="1",
        input="a",
        later_turns=("a",),
        metadata={**hostile.metadata, "references": ["a"] * 2},
    )
    honest = Completion(text="a", earlier=("a",))
    for forged, usual in zip(
        (*rate_turns(hostile, given), *compare_turns(hostile, given, given)),
        (*rate_turns(plain, honest), *compare_turns(plain, honest, honest)),
        strict=True,
    ):
        assert forged[0] == usual[0]
        assert outside(said(forged)) == outside(said(usual))


@pytest.mark.parametrize("asked", [rate_turns, lambda s, c: compare_turns(s, OURS, c)])
def test_a_conversation_that_lacks_replies_cannot_be_judged(asked: object) -> None:
    assert callable(asked)
    with pytest.raises(ScoringError, match="1 replies to 2 turns"):
        asked(sample("writing"), Completion(text="only one"))


def test_the_rating_is_the_mean_of_all_turns() -> None:
    score = mean_rating(ratings(8.0, 7.0))
    assert (score.value, score.answer, score.counts) == (7.5, "8, 7", {"turn_1": 8, "turn_2": 7})


def test_a_conversation_with_an_unread_turn_is_not_rated_but_its_other_turn_is() -> None:
    score = mean_rating(ratings(8.0, None))
    assert (score.value, score.answer, score.counts) == (None, None, {"turn_1": 8.0})
    values = {m.name: m.reduce((score,)) for m in LLM_JUDGE_SCORE.metrics if m.reduce}
    assert values == {"llm_judge_score": None, "first_turn": 8.0, "second_turn": None}


@pytest.mark.parametrize(
    ("letters", "value", "changed"),
    [
        ("AB", 1.0, 0),
        ("BA", 0.0, 0),
        ("CC", 0.5, 0),
        ("AA", 0.5, 1),
        ("BB", 0.5, 1),
        ("AC", 0.5, 1),
        ("CB", 0.5, 1),
        ("ABBA", 0.5, 0),
        ("ABAA", 0.75, 1),
        ("ABCC", 0.75, 0),
    ],
)
def test_a_win_counts_where_both_orders_agree(letters: str, value: float, changed: int) -> None:
    score = win_of_both_orders(choices(letters))
    assert (score.value, score.counts["changed"]) == (value, changed)
    assert score.counts["pairs"] == len(letters) / 2


@pytest.mark.parametrize("letters", ["A?", "?B", "??", "ABA?"])
def test_a_pair_with_an_unread_order_is_not_scored(letters: str) -> None:
    score = win_of_both_orders(choices(letters))
    assert (score.value, score.answer) == (None, None)
    assert bool(score.counts) == (letters == "ABA?")


def test_the_bias_for_a_place_is_that_of_the_verdicts_that_changed() -> None:
    counts: dict[str, float] = {}
    for letters in ("AB", "AA", "AA", "BB", "AC", "CC"):
        for name, count in win_of_both_orders(choices(letters)).counts.items():
            counts[name] = counts.get(name, 0.0) + count
    assert share_changed(counts) == 4 / 6
    assert share_for_first(counts) == 5 / 7  # AA, AA and AC for the first, BB for the second
    assert share_changed({}) is None
    assert share_for_first({"pairs": 3.0, "changed": 0.0, "first": 0.0, "second": 0.0}) is None


def test_pairs_need_a_baseline_and_ratings_do_not() -> None:
    assert (LLM_JUDGE_SCORE.is_paired, LLM_JUDGE_PAIRS.is_paired) == (False, True)
