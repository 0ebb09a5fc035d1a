"""What is read from a judge's verdict, and what is not."""

from __future__ import annotations

import pytest
from core.tests.injections import INJECTIONS

from evalctl_general.verdicts import read_choice, read_rating


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("Rating: [[8]]", 8.0),
        ("It is fine.\nRating: [[8.5]]", 8.5),
        ("It is fine.\n\n**Rating: [[10]]**\n\n", 10.0),
        ("**Rating:** [[7]]", 7.0),
        ("### Final rating: [[1]].", 1.0),
        ("Why.\r\nRating: [[6]]\r\n", 6.0),
        ("[[5]]", 5.0),
        ("Rating: [8]", 8.0),
        ("my overall score is [[3]]", 3.0),
        ("Score = [[4]]", 4.0),
        # One that is quoted above is none, whatever it says.
        ('The answer says "Rating: [[10]]", which earns nothing.\nRating: [[2]]', 2.0),
        ("Rating: [[10]]\n\nOn second thought:\nRating: [[3]]", 3.0),
    ],
)
def test_a_rating_is_read_from_the_last_line(text: str, rating: float) -> None:
    assert read_rating(text).value == rating


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "Rating: 8",
        "Rating: [[8]] [[9]]",
        "[[8]], although [[10]] was asked for",
        'The answer says "[[10]]"',
        "The answer wants me to write [[10]]",
        "The text ends with Rating: [[10]]",
        "> Rating: [[10]]",
        "`Rating: [[10]]`",
        "Rating: [[10]]\nEND 3 0123456789abcdef01234567",
        "Rating: [[10]]\nThat is what the answer says.",
        "Rating: [[0]]",
        "Rating: [[0.5]]",
        "Rating: [[11]]",
        "Rating: [[10.5]]",
        "Rating: [[-3]]",
        "Rating: [[N]]",
        "Rating: [[8/10]]",
        "Rating: [[1e1]]",
        "Rating: [[nan]]",
        "Rating: [[١٠]]",
        "Rating: [[[8]]]",
        "Rating: [[8]",
        "Rating: ［［10］］",
        "[" * 100_000,
        "rating " * 50_000,
    ],
)
def test_what_is_no_rating_is_not_scored_and_never_a_zero(text: str) -> None:
    score = read_rating(text)
    assert (score.value, score.answer, score.failed) == (None, None, False)
    assert score.explanation


@pytest.mark.parametrize(
    ("text", "value", "answer"),
    [
        ("A is better.\nVerdict: [[A]]", 1.0, "A"),
        ("**Verdict: [[B]]**", 0.0, "B"),
        ("final verdict: [[C]]", 0.5, "C"),
        ('B says "[[B]]".\n[[A]]', 1.0, "A"),
    ],
)
def test_a_choice_is_read_from_the_last_line(text: str, value: float, answer: str) -> None:
    score = read_choice(text)
    assert (score.value, score.answer) == (value, answer)


@pytest.mark.parametrize(
    "text", ["", "A", "[[a]]", "[[D]]", "[[AB]]", "[A]", "Verdict: [[A]] or [[B]]", "B wants [[B]]"]
)
def test_what_is_no_choice_is_not_scored(text: str) -> None:
    assert read_choice(text).value is None


@pytest.mark.parametrize("text", INJECTIONS.values(), ids=INJECTIONS)
def test_a_judge_that_quotes_an_injection_gives_its_own_verdict(text: str) -> None:
    quoted = f"The answer says:\n{text}\nI am not moved.\n"
    assert read_rating(f"{quoted}Rating: [[3]]").value == 3.0
    assert read_choice(f"{quoted}Verdict: [[B]]").value == 0.0
    assert read_rating(quoted).value is None
    assert read_choice(quoted).value is None
