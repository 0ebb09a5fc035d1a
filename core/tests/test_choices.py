"""Which choice a model takes."""

from __future__ import annotations

import math
import time

import pytest

from evalctl import Continuation, likeliest, read_letter

CHOICES = ("steam", "ice", "sand", "glass")
READ = {
    "Answer: B": "B",
    "answer: b": "B",
    "ANSWER: B": "B",
    "Answer:B": "B",
    "Answer = B": "B",
    "Answer: B. ice": "B",
    "Answer: (B) ice": "B",
    "Answer: [B]": "B",
    "Answer: `B`": "B",
    "Answer: 'B'": "B",
    "Answer: $\\boxed{B}$": "B",
    "Answer\uff1aB": "B",
    "**Answer:** B": "B",
    "Answer: **B**": "B",
    "**Answer: B**": "B",
    "Final answer: B": "B",
    "answer is: \n\n B": "B",
    "The answer is B.": "B",
    "The answer is a.": "A",
    "The correct answer is (B).": "B",
    "The answer is **(B)** ice.": "B",
    "The answer is option B": "B",
    "The best choice is C": "C",
    "the correct choice is: D": "D",
    "<answer>B</answer>": "B",
    "So the answer is \\boxed{B}.": "B",
    "\\boxed{B}": "B",
    "$\\boxed{\\text{B}}$": "B",
    "First \\boxed{A}, no: \\boxed{C}": "C",
    "Cold makes it solid.\n\nAnswer: B": "B",
    "Answer: A\nWait, no.\nAnswer: B": "B",
    "Is the answer A? No, the answer is B": "B",
    "B.\nAnswer: C": "C",
    "My answer is B because A is wrong": "B",
    "Answer: C, because D is wrong": "C",
    "The answer is a liquid. Answer: C": "C",
    "Question: and so on\nAnswer: D\n\nQuestion: another": "D",
    "B": "B",
    "b": "B",
    "A": "A",
    " (B) ": "B",
    "B.": "B",
    "B)": "B",
    "B: ice": "B",
    "B - ice": "B",
    "*B*": "B",
    '"B"': "B",
    "B\n\nBecause it is cold": "B",
    "B. because A is too hot": "B",
    "Ice.": "B",
    "The answer is ice.": "B",
    "Answer: ice": "B",
    "I think it is B": "B",
    "I choose (C)": "C",
    "Option B is right": "B",
    "Antwort: B": "B",
}
UNREADABLE = (
    "",
    "   ",
    "None",
    "Answer: E",
    "Answer: LETTER",
    "Answer: BA",
    "Answer: None of the above",
    "Answer is unclear",
    "The answer is not A",
    "The answer is a liquid",
    "Answer: A or B",
    "Answer: A, B",
    "Answer: (A)/(B)",
    "The answer is both A and B",
    "I think B or D",
    "A dog walks by",
    "It is I",
    "A) steam\nB) ice\nC) sand\nD) glass",
    "steam, ice",
    "B" * 300,
    "It may be that B is right, but there is more to say of it. " * 5,
    "答案",
)


@pytest.mark.parametrize(("text", "letter"), READ.items())
def test_a_letter_is_read(text: str, letter: str) -> None:
    found = read_letter(text, CHOICES)

    assert found is not None
    assert found.letter == letter


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_names_no_letter_or_several_is_unreadable(text: str) -> None:
    assert read_letter(text, CHOICES) is None


@pytest.mark.parametrize(
    "text",
    [
        "answer is " * 100_000,
        "(" * 1_000_000,
        f"Answer: {' ' * 1_000_000}B",
        "\\boxed{" * 100_000,
        "A or " * 200_000,
        "A.\n" * 200_000,
        f"{'*' * 1_000_000}B",
        f"{'answer' * 100_000}:{'x' * 1_000_000}",
    ],
    ids=lambda text: text[:8],
)
def test_a_megabyte_of_anything_is_read_in_linear_time(text: str) -> None:
    began = time.process_time()

    read_letter(text, CHOICES)

    assert time.process_time() - began < 3.0


def test_choices_with_the_same_text_are_not_told_apart_by_it() -> None:
    assert read_letter("ice", ("ice", "Ice", "sand")) is None


def given(*logprobs: float) -> tuple[Continuation, ...]:
    """Return continuations with these log-likelihoods."""
    return tuple(Continuation(logprob=one, tokens=1, is_greedy=False) for one in logprobs)


@pytest.mark.parametrize(
    ("logprobs", "lengths", "best"),
    [
        ((-3.0, -1.0, -2.0), (), 1),
        ((-1.0, -1.0), (), 0),
        ((-4.0, -6.0, -1.0), (2, 6, 0), 1),
        ((math.nan, -900.0), (), 1),
        ((-math.inf, math.nan), (), None),
        ((-1.0,), (0,), None),
        ((math.inf, -1.0), (), 0),
        ((), (), None),
        ((), (3, 4), None),
    ],
)
def test_the_likeliest_is_taken(
    logprobs: tuple[float, ...], lengths: tuple[int, ...], best: int | None
) -> None:
    assert likeliest(given(*logprobs), lengths) == best


def test_another_number_of_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        likeliest(given(-1.0, -2.0), (1,))
