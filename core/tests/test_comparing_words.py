"""Verdicts in words."""

from __future__ import annotations

import pytest

from evalctl.comparing.words import Finding, p_words, verdict, verdict_words

SEEN = Finding("math", -0.032, (-0.053, -0.011), 0.004, 0.004, 0.03, 500)


@pytest.mark.parametrize(
    ("p_value", "words"),
    [(0.5, "p = 0.500"), (0.0421, "p = 0.042"), (0.00042, "p = 0.0004"), (1e-9, "p < 0.0001")],
)
def test_a_p_value_is_written_with_the_digits_that_matter(p_value: float, words: str) -> None:
    assert p_words(p_value) == words


@pytest.mark.parametrize(
    ("changes", "n_tests", "words"),
    [
        ({}, 1, "B is better than A on math by 3.2 points (1.1 to 5.3), p = 0.004"),
        (
            {"difference": 0.032, "interval": (0.011, 0.053), "p_holm": 0.012},
            3,
            "A is better than B on math by 3.2 points (1.1 to 5.3), p = 0.004 "
            "(p = 0.012 corrected for 3 tests)",
        ),
        (
            {"p_value": 0.03, "p_holm": 0.09, "detectable": 0.041},
            3,
            "cannot tell A from B on math, p = 0.030 (p = 0.090 corrected for 3 tests): "
            "at this sample size only differences above 4.1 points show",
        ),
        (
            {"p_holm": 1.0, "p_value": 1.0, "detectable": None, "n_shared": 4},
            1,
            "cannot tell A from B on math, p = 1.000: 4 samples are too few to show any difference",
        ),
        ({"interval": None}, 1, "B is better than A on math by 3.2 points, p = 0.004"),
    ],
)
def test_a_verdict_is_one_plain_sentence(
    changes: dict[str, object], n_tests: int, words: str
) -> None:
    finding = SEEN._replace(**changes)
    assert verdict_words(finding, "A", "B", is_score=True, n_tests=n_tests) == words


def test_other_metrics_are_higher_and_not_better() -> None:
    words = verdict_words(SEEN, "A", "B", is_score=False, n_tests=1)
    assert words.startswith("B is higher than A on math")


def test_the_verdict_follows_the_corrected_p_value() -> None:
    assert verdict(SEEN) == "b_better"
    assert verdict(SEEN._replace(p_holm=0.05)) == "b_better"
    assert verdict(SEEN._replace(p_holm=0.0501)) == "unclear"
