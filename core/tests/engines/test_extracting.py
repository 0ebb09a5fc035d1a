"""Spans of words with the highest score, by hand."""

from __future__ import annotations

from evalctl.engines.extracting import FoundSpan, best_span

WORDS = [None, None, 0, 0, 1, 2, None]


def test_the_span_with_the_highest_sum_is_taken() -> None:
    starts = [9.0, 0.0, 1.0, 0.0, 3.0, 0.0, 9.0]
    ends = [9.0, 0.0, 0.0, 0.5, 1.0, 2.5, 9.0]

    assert best_span(starts, ends, WORDS) == FoundSpan(5.5, 1, 2)


def test_a_span_does_not_end_before_it_begins() -> None:
    starts = [0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 0.0]
    ends = [0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0]

    found = best_span(starts, ends, WORDS)

    assert found is not None
    assert (found.first <= found.last, found.score) == (True, 5.0)


def test_where_no_token_is_of_a_word_there_is_no_span() -> None:
    assert best_span([1.0, 2.0], [1.0, 2.0], [None, None]) is None


def test_a_span_is_no_longer_than_an_answer() -> None:
    count = 200
    starts = [10.0] + [0.0] * (count - 1)
    ends = [0.0] * (count - 1) + [10.0]

    found = best_span(starts, ends, list(range(count)))

    assert found is not None
    assert found.last - found.first < 64
