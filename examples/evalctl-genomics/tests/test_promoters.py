"""How answers are read, and metrics against values worked by hand."""

from __future__ import annotations

import time

import pytest

from evalctl import Completion, Sample
from evalctl_genomics.promoters import correlation, read_answer, score, sensitivity, specificity

READ = [
    ("Yes", "yes"),
    ("no.", "no"),
    ("**Yes**, it does.", "yes"),
    ("Yes there is one", "yes"),
    ("No, there is no -10 box.", "no"),
    ("Yes. No other boxes were found.", "yes"),
    ("No obvious -35 box stands here, but the answer is: **yes**.", "yes"),
    ("TTGACA is at 12, but there is no TATAAT at the right distance.\n\nAnswer: no", "no"),
    ("First answer: yes. On second thoughts, final answer: No!", "no"),
    ("Both boxes are there, 17 bases apart, so: yes", "yes"),
    ("Both boxes are too far apart, hence my verdict is **no**.", "no"),
    ("> Yes\n", "yes"),
]
UNREAD = [
    "",
    "I cannot tell.",
    "No obvious box stands here, though one may.",
    "nothing, nobody, yesterday",
    "The answer is unclear.",
    "да",
]


@pytest.mark.parametrize(("output", "answer"), READ)
def test_an_answer_is_read(output: str, answer: str) -> None:
    assert read_answer(output) == answer


@pytest.mark.parametrize("output", UNREAD)
def test_what_is_no_answer_is_not_read(output: str) -> None:
    assert read_answer(output) is None


@pytest.mark.parametrize("piece", ["answer ", "answer is ", "yes no ", "*** ", "no\n", "\u0130"])
def test_a_huge_output_is_read_in_linear_time(piece: str) -> None:
    began = time.perf_counter()
    read_answer(piece * 100_000)
    assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize(
    ("output", "target", "value", "cell"),
    [
        ("yes", "yes", 1.0, "tp"),
        ("no", "yes", 0.0, "fn"),
        ("no", "no", 1.0, "tn"),
        ("yes", "no", 0.0, "fp"),
        ("who knows", "yes", 0.0, "fn"),
        ("who knows", "no", 0.0, "fp"),
    ],
)
def test_an_answer_counts_into_one_cell_and_silence_into_the_wrong_one(
    output: str, target: str, value: float, cell: str
) -> None:
    judged = score(Sample(id="1", input="ACGT", target=target), Completion(text=output))
    assert (judged.value, judged.counts) == (value, {cell: 1.0})


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        ({"tp": 5, "tn": 5}, 1.0),
        ({"fp": 5, "fn": 5}, -1.0),
        ({"tp": 5, "fp": 5}, 0.0),  # yes to everything
        ({"tp": 1, "fn": 1, "tn": 1, "fp": 1}, 0.0),
        ({"tp": 6, "fn": 2, "fp": 1, "tn": 3}, 0.4780914437),  # 16 / sqrt(7 * 8 * 4 * 5)
        ({"tp": 3, "fn": 2}, None),  # no sequence without a promoter
        ({}, None),
    ],
)
def test_correlation_is_as_worked_by_hand(cells: dict[str, float], value: float | None) -> None:
    found = correlation(cells)
    assert found == (None if value is None else pytest.approx(value))


def test_shares_are_of_their_own_class() -> None:
    cells = {"tp": 6.0, "fn": 2.0, "fp": 1.0, "tn": 3.0}
    assert (sensitivity(cells), specificity(cells)) == (0.75, 0.75)
    assert (sensitivity({"tn": 1.0}), specificity({"tp": 1.0})) == (None, None)
