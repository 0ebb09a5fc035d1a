"""Counts of spans that agree: by hand, and against all pairings there are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from random import Random

import pytest
from core.tests.spans.conlleval import random_spans

from evalctl import Span, count_spans, span_f1, span_precision, span_recall, span_rows

GOLD = (Span("A", 0, 2), Span("B", 3, 5), Span("A", 6, 9))
CASES = {
    "nothing found": ((), (0, 0, 0, 0)),
    "all right": (GOLD, (3, 3, 3, 3)),
    "another label": ((Span("B", 0, 2),), (0, 1, 1, 0)),
    "shorter": ((Span("A", 6, 8),), (0, 0, 0.5, 1)),
    "shorter, with another label": ((Span("B", 6, 8),), (0, 0, 0.5, 0)),
    "beside it": ((Span("A", 2, 3),), (0, 0, 0, 0)),
    "two on one": ((Span("A", 6, 7), Span("A", 8, 9)), (0, 0, 0.5, 1)),
    "one on two": ((Span("A", 0, 9),), (0, 0, 0.5, 1)),
    "said twice": ((Span("A", 0, 2), Span("A", 0, 2)), (1, 1, 1, 1)),
    "right and an overlap": ((Span("A", 0, 2), Span("A", 1, 2)), (1, 1, 1, 1)),
    "nowhere": ((Span("A", -1, -1),), (0, 0, 0, 0)),
    "with the label of a neighbour": ((Span("A", 4, 7),), (0, 0, 0.5, 1)),
}


@pytest.mark.parametrize(("found", "right"), CASES.values(), ids=CASES)
def test_found_spans_are_counted(found: tuple[Span, ...], right: tuple[float, ...]) -> None:
    counts = count_spans(GOLD, found)

    assert (counts["gold"], counts["found"]) == (3, len(found))
    assert tuple(counts[key] for key in ("strict", "boundary", "partial", "type")) == right


def test_counts_are_told_by_label() -> None:
    counts = count_spans(GOLD, (Span("A", 0, 2), Span("B", 6, 9), Span("C", 3, 5)))

    assert {key: value for key, value in counts.items() if ":" in key} == {
        "gold:A": 2,
        "gold:B": 1,
        "found:A": 1,
        "found:B": 1,
        "found:C": 1,
        "strict:A": 1,
        "rows:A": 1,
        "rows:B": 1,
    }
    assert (span_rows(counts, "A"), span_rows(counts, "C")) == (1, 0)
    assert span_f1(counts, label="A") == pytest.approx(2 / 3)
    assert span_f1(counts, label="B") == 0.0
    assert span_f1(counts, label="D") is None


def test_f1_is_that_of_sums() -> None:
    counts = {"gold": 10.0, "found": 5.0, "strict": 3.0, "partial": 4.5}

    assert span_f1(counts) == pytest.approx(2 * 0.6 * 0.3 / (0.6 + 0.3))
    assert span_f1(counts, "partial") == pytest.approx(9 / 15)
    assert (span_precision(counts), span_recall(counts)) == (0.6, 0.3)


def test_without_spans_there_is_no_f1() -> None:
    counts = count_spans((), ())

    assert (span_f1(counts), span_precision(counts), span_recall(counts)) == (None, None, None)


def best_pairing(gold: Sequence[Span], found: Sequence[Span], *, is_typed: bool) -> int:
    """The most pairs of overlapping spans, out of all pairings."""
    short, long = sorted((gold, found), key=len)
    return max(
        sum(
            one.start < other.end
            and other.start < one.end
            and (one.label == other.label or not is_typed)
            for one, other in zip(short, order, strict=True)
        )
        for order in permutations(long, len(short))
    )


def test_as_many_pairs_are_found_as_there_can_be() -> None:
    random = Random(5)
    for _ in range(400):
        gold, found = ([Span(*one) for one in random_spans(random, 9)][:5] for _ in range(2))
        same = {span[1:] for span in gold} & {span[1:] for span in found}
        rest = [[span for span in side if span[1:] not in same] for side in (gold, found)]

        counts = count_spans(gold, found)

        assert counts["strict"] == len(set(gold) & set(found))
        assert counts["boundary"] == len(same)
        assert counts["type"] == best_pairing(gold, found, is_typed=True)
        assert counts["partial"] == len(same) + best_pairing(*rest, is_typed=False) / 2
