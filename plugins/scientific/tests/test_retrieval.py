"""Orders of candidates against hand-worked values and scikit-learn, and whose they are."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from evalctl import Row
from evalctl.plan import load_dataset
from evalctl_scientific.rankings import average_precision, ndcg, ranks_of
from evalctl_scientific.retrieval import (
    citation_retrieval,
    judge_order,
    mean_ndcg,
    paper_and_cited,
    scitldr_retrieval,
)


def test_worked_by_hand() -> None:
    ranks = ranks_of((0.9, 0.1, 0.8, 0.7), {0, 3})

    assert ranks == [1, 3]
    assert average_precision(ranks) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert ndcg(ranks) == pytest.approx((1 + 1 / 2) / (1 + 1 / math.log2(3)))
    assert ndcg(ranks, cut=2) == pytest.approx(1 / (1 + 1 / math.log2(3)))
    assert ndcg([11]) == 0.0


def test_equally_near_candidates_count_against_the_relevant_one() -> None:
    assert ranks_of((0.5, 0.5, 0.5), {0}) == [3]


def test_orders_are_judged_as_by_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    chance = random.Random(1)
    for _ in range(200):
        near = tuple(chance.random() for _ in range(30))
        relevant = set(chance.sample(range(30), chance.randint(1, 12)))
        gold = [int(at in relevant) for at in range(30)]

        ranks = ranks_of(near, relevant)

        assert average_precision(ranks) == pytest.approx(
            metrics.average_precision_score(gold, near)
        )
        assert ndcg(ranks) == pytest.approx(metrics.ndcg_score([gold], [near], k=10))


def test_a_row_names_what_a_paper_cites_and_what_not() -> None:
    row = Row({"query": "A parser", "positive": ["Trees"], "negative": ["Ice", "Sea"]}, 3, "", "x")

    sample = paper_and_cited(row)

    assert (sample.input, sample.choices) == ("A parser", ("Trees", "Ice", "Sea"))
    score = judge_order(sample, (0.2, 0.9, 0.1))
    assert (score.value, score.answer) == (0.5, "2")
    assert mean_ndcg((score,)) == pytest.approx(1 / math.log2(3))


def test_an_order_that_lacks_candidates_is_not_scored() -> None:
    sample = citation_retrieval.examples[0].sample

    assert judge_order(sample, (0.2,)).value is None


def test_a_row_without_papers_that_are_not_cited_is_refused() -> None:
    row = Row({"query": "A parser", "positive": ["Trees"], "negative": []}, 3, "", "x")

    with pytest.raises(ValueError, match="papers that are cited and papers that are not"):
        paper_and_cited(row)


def test_every_summary_has_its_title_among_thirty(benchmark_data: Path) -> None:
    samples = list(load_dataset(scitldr_retrieval, "scientific", [benchmark_data]).samples())

    assert len(samples) == 618
    places = [sample.choices.index(sample.target) for sample in samples]
    assert {len(set(sample.choices)) for sample in samples} == {30}
    assert [sample.metadata["relevant"] for sample in samples] == [[place] for place in places]
    assert len(set(places)) == 30  # no place gives it away
