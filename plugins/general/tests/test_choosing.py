"""Accuracies worked out by hand."""

from __future__ import annotations

import math

import pytest

from evalctl import Continuation, Sample
from evalctl_general import choosing

SAMPLE = Sample(id="1", input="?", target="B", choices=("ab", "abcdefgh", "ääää", ""))
"""2, 8, 4 and 0 characters; 2, 8, 8 and 0 bytes."""


def given(*logprobs: float) -> tuple[Continuation, ...]:
    """Return continuations with these log-likelihoods."""
    return tuple(Continuation(logprob=one, tokens=1, is_greedy=False) for one in logprobs)


@pytest.mark.parametrize(
    ("logprobs", "likeliest", "by_characters", "by_bytes"),
    [
        # Over 2, 8, 4 characters: -1.5, -1, -0.75; over 2, 8, 8 bytes: -1.5, -1, -0.375.
        ((-3.0, -8.0, -3.0, -90.0), "A", "C", "C"),
        # -2, -0.5, -0.6; -2, -0.5, -0.3.
        ((-4.0, -4.0, -2.4, -9.0), "C", "B", "C"),
        # -4, -1, -2; -4, -1, -1: the first of equals.
        ((-8.0, -8.0, -8.0, -8.0), "A", "B", "B"),
        # A choice of no length is none by length, however likely it is.
        ((-8.0, -8.0, -9.0, -1.0), "D", "B", "B"),
    ],
)
def test_length_decides_what_is_chosen(
    logprobs: tuple[float, ...], likeliest: str, by_characters: str, by_bytes: str
) -> None:
    for judge, letter in (
        (choosing.by_likelihood, likeliest),
        (choosing.by_characters, by_characters),
        (choosing.by_bytes, by_bytes),
    ):
        score = judge(SAMPLE, given(*logprobs))
        assert score.answer == letter
        assert score.value == float(letter == "B")


def truthful(mc1: list[int], mc2: list[int]) -> Sample:
    """Return a sample of TruthfulQA with four answers."""
    choices = ("one", "two", "three", "four")
    return SAMPLE.model_copy(update={"choices": choices, "metadata": {"mc1": mc1, "mc2": mc2}})


@pytest.mark.parametrize(
    ("logprobs", "value"),
    [
        ((-1.0, -5.0, -2.0, -9.0), 1.0),  # the likeliest of all is none of MC1's
        ((-1.0, -2.0, -5.0, -9.0), 0.0),
        ((-9.0, -5.0, -4.0, -3.0), 0.0),
        ((-1.0, -2.0, -2.0, -2.0), 1.0),  # the first of equals, in MC1's order
    ],
)
def test_mc1_looks_at_its_own_answers_alone(logprobs: tuple[float, ...], value: float) -> None:
    sample = truthful([2, 1, 3], [1, 0, 1, 0])

    assert choosing.truthful_mc1(sample, given(*logprobs)).value == value


def test_mc2_is_the_share_of_probability_on_true_answers() -> None:
    sample = truthful([0, 1], [1, 0, 1, 0])
    logprobs = [math.log(one) for one in (0.1, 0.2, 0.3, 0.2)]

    score = choosing.truthful_mc2(sample, given(*logprobs))

    assert score.value == pytest.approx(0.4 / 0.8)
    assert score.answer == ""


def test_mc2_stands_log_likelihoods_whose_probabilities_no_float_holds() -> None:
    sample = truthful([0, 1], [1, 0, 0, 0])

    score = choosing.truthful_mc2(sample, given(-9000.0, -9000.0 + math.log(3), -9900.0, -9999.0))

    assert score.value == pytest.approx(0.25)


def test_right_choice_and_false_answer_are_texts() -> None:
    sample = truthful([0, 2], [1, 0, 0, 0]).model_copy(update={"target": "A"})

    assert choosing.right_choice(sample) == "one"
    assert choosing.false_answer(sample) == "three"


def test_another_number_of_log_likelihoods_than_of_choices_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        choosing.by_characters(SAMPLE, given(-1.0, -2.0))
