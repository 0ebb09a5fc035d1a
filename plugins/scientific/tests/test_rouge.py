"""ROUGE by the library on cases worked by hand, and against plain definitions."""

from __future__ import annotations

import time

import pytest

from evalctl import Completion, Sample
from evalctl_scientific import rouge
from evalctl_scientific.rouge import MAX_WORDS, judge_summary, mean_of

BY_HAND = [
    # Reference, summary, ROUGE-1, ROUGE-2, ROUGE-Lsum; each is 2 * common / (both lengths).
    ("the cat sat", "the cat sat", 1.0, 1.0, 1.0),
    ("the cat sat", "a dog ran", 0.0, 0.0, 0.0),
    ("the cat sat", "the cat", 4 / 5, 2 / 3, 4 / 5),
    ("the cat sat", "sat cat the", 1.0, 0.0, 2 / 6),
    ("the cat sat", "THE CAT SAT!", 1.0, 1.0, 1.0),
    ("parsing models", "parsed model", 1.0, 1.0, 1.0),
    ("the the the cat", "the cat", 4 / 6, 2 / 4, 4 / 6),
    ("one two three. four five six.", "four five six. one two three.", 1.0, 8 / 10, 1.0),
    ("one two three four", "one x two y three", 6 / 9, 0.0, 6 / 9),
    ("one two. three four.", "one three. two four.", 1.0, 0.0, 1.0),
    ("one two three four.", "one. two. five.", 4 / 7, 2 / 5, 4 / 7),
]


@pytest.mark.parametrize(("target", "summary", "one", "two", "lsum"), BY_HAND)
def test_rouge_worked_by_hand(
    target: str, summary: str, one: float, two: float, lsum: float
) -> None:
    found = rouge.rouge(summary, [target])

    assert found == {
        "rouge1": pytest.approx(one),
        "rouge2": pytest.approx(two),
        "rougeLsum": pytest.approx(lsum),
    }


def test_of_several_references_each_measure_takes_its_best() -> None:
    found = rouge.rouge("one two three four", ["four three two one", "one two six ten"])

    assert found["rouge1"] == 1.0
    assert found["rouge2"] == pytest.approx(2 / 6)


def test_a_sample_has_a_value_by_measure() -> None:
    sample = Sample(id="1", input="?", target="the cat sat")
    scores = tuple(
        judge_summary(sample, Completion(text=text)) for text in ("the cat sat", "the cat", "")
    )

    assert [score.value for score in scores] == pytest.approx([1.0, 0.8, 0.0])
    assert [score.answer for score in scores] == ["the cat sat", "the cat", None]
    assert mean_of(scores, measure="rouge2") == pytest.approx((1 + 2 / 3) / 3)
    assert mean_of((), measure="rouge2") is None


def test_a_megabyte_takes_little_time_and_only_its_beginning_counts() -> None:
    target = "a parser of text . " * 100
    began = time.process_time()

    found = rouge.rouge("parser " * 200_000, [target])

    assert time.process_time() - began < 6.0
    assert found["rouge1"] == pytest.approx(2 * 100 / (MAX_WORDS + 400))
