"""Differences of pooled metrics on two sides: by hand, by brute force, and in simulation."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping, Sequence

import pytest

from evalctl.stats import (
    CountPair,
    Pair,
    PooledDifference,
    PooledMetric,
    paired_difference,
    pooled_difference,
    sign_flip_test,
)


def share(sums: Mapping[str, float]) -> float | None:
    return sums["right"] / sums["all"] if sums.get("all") else None


def f1(sums: Mapping[str, float]) -> float | None:
    hits, wrong = sums.get("tp", 0.0), sums.get("fp", 0.0) + sums.get("fn", 0.0)
    return 2 * hits / (2 * hits + wrong) if hits or wrong else None


SHARE, F1 = PooledMetric(share), PooledMetric(f1)


def answers(values: Sequence[tuple[int, int]], clusters: int | None = None) -> list[CountPair]:
    """Right or wrong on both sides."""
    return [
        CountPair(
            str(n),
            {"right": a, "all": 1},
            {"right": b, "all": 1},
            str(n % clusters) if clusters else None,
        )
        for n, (a, b) in enumerate(values)
    ]


def labels(count: int, seed: int, skill_a: float, skill_b: float) -> list[CountPair]:
    """A rare class that both sides find with some skill."""
    source = random.Random(seed)

    def side(is_gold: bool, skill: float) -> dict[str, float]:
        says = is_gold if source.random() < skill else not is_gold
        return {"tp": is_gold and says, "fp": says and not is_gold, "fn": is_gold and not says}

    golds = [source.random() < 0.3 for _ in range(count)]
    return [
        CountPair(str(n), side(gold, skill_a), side(gold, skill_b)) for n, gold in enumerate(golds)
    ]


def found(
    pairs: Sequence[CountPair], metric: PooledMetric, confidence: float = 0.95
) -> PooledDifference:
    made = pooled_difference("data", pairs, metric, confidence=confidence)
    assert made is not None
    return made


def coins(count: int, seed: int) -> list[tuple[int, int]]:
    source = random.Random(seed)
    return [(source.randint(0, 1), int(source.random() < 0.3)) for _ in range(count)]


@pytest.mark.parametrize("clusters", [None, 5])
def test_a_share_is_compared_as_a_mean_is(clusters: int | None) -> None:
    pairs = answers(coins(200, 1), clusters)
    plain = [Pair(pair.a["right"], pair.b["right"], pair.cluster) for pair in pairs]

    made, mean = found(pairs, SHARE).figures, paired_difference(plain)

    assert (made.value, made.n_units) == (pytest.approx(mean.value), mean.n_units)
    assert made.stderr == pytest.approx(mean.stderr, rel=0.25)


@pytest.mark.parametrize("seed", range(8))
def test_with_few_units_the_test_of_a_share_is_the_exact_one_of_signs(seed: int) -> None:
    values = coins(12, seed)

    made = found(answers(values), SHARE).test

    assert made.name == "exchange_exact"
    assert made.p_value == pytest.approx(sign_flip_test([a - b for a, b in values]).p_value)


def test_with_many_units_the_test_of_a_share_is_close_to_that_of_signs() -> None:
    values = coins(120, 3)

    made = found(answers(values), SHARE).test

    assert made.name == "exchange_sampled"
    assert made.p_value == pytest.approx(
        sign_flip_test([a - b for a, b in values]).p_value, abs=9e-3
    )


@pytest.mark.parametrize("seed", range(6))
def test_f1_is_that_of_all_exchanges_one_by_one(seed: int) -> None:
    pairs = labels(8, seed, 0.9, 0.5)

    def gap(chosen: Sequence[bool]) -> float | None:
        sides: tuple[dict[str, float], dict[str, float]] = ({}, {})
        for pair, is_moved in zip(pairs, chosen, strict=True):
            for side, counts in zip(
                sides, (pair.b, pair.a) if is_moved else pair[1:3], strict=True
            ):
                for name, count in counts.items():
                    side[name] = side.get(name, 0) + count
        values = [f1(side) for side in sides]
        return None if None in values else math.fsum((values[0] or 0.0, -(values[1] or 0.0)))

    seen = gap([False] * 8)
    every = [gap(chosen) for chosen in itertools.product([False, True], repeat=8)]
    extreme = [one is None or abs(one) >= abs(seen or 0.0) - 1e-9 for one in every]

    made = found(pairs, F1)

    assert made.figures.value == pytest.approx(seen)
    assert made.test.p_value == pytest.approx(sum(extreme) / len(extreme))


def test_contributions_of_units_add_up_to_the_difference() -> None:
    pairs = labels(80, 5, 0.9, 0.6)

    made = found(pairs, F1)

    assert len(made.units) == 80
    assert math.fsum(made.units) == pytest.approx(made.figures.value)


def test_contributions_to_a_share_are_the_plain_differences() -> None:
    values = coins(40, 9)

    made = found(answers(values), SHARE)

    assert made.units == pytest.approx([(a - b) / 40 for a, b in values], abs=1e-12)


def test_the_same_answers_are_no_difference() -> None:
    pairs = [pair._replace(b=pair.a) for pair in labels(60, 2, 0.8, 0.8)]

    figures, test, _ = found(pairs, F1)

    assert (figures.value, test.p_value) == (0.0, 1.0)
    assert figures.interval is not None
    low, high = figures.interval
    assert -0.1 < low < 0.0 < high < 0.1


def test_a_clear_difference_is_seen() -> None:
    figures, test, _ = found(labels(150, 4, 0.95, 0.6), F1)

    assert test.p_value < 0.001
    assert figures.interval is not None
    assert 0.0 < figures.interval[0] < figures.value < figures.interval[1] <= 1.0


def test_samples_of_a_cluster_are_exchanged_together() -> None:
    values = [(1, 0)] * 12

    alone, shared = found(answers(values), SHARE), found(answers(values, 2), SHARE)

    assert alone.test.p_value == pytest.approx(2 / 2**12)
    assert (shared.test.p_value, shared.figures.n_units) == (pytest.approx(0.5), 2)


def test_counts_that_define_no_value_are_no_comparison() -> None:
    nothing = [CountPair("0", {"tp": 0}, {"tp": 1})]

    assert pooled_difference("data", nothing, F1) is None
    assert pooled_difference("data", [], F1) is None


def test_a_narrower_interval_is_given_with_less_confidence() -> None:
    pairs = labels(100, 6, 0.9, 0.7)

    wide, narrow = found(pairs, F1).figures.interval, found(pairs, F1, 0.5).figures.interval

    assert wide is not None
    assert narrow is not None
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_where_there_is_no_difference_one_is_seldom_seen() -> None:
    """300 data sets without a difference: the exact test rejects at most in 5 %, but for chance."""
    rejected = sum(
        found(labels(12, seed, 0.7, 0.7), F1).test.p_value <= 0.05 for seed in range(300)
    )

    assert rejected <= 24  # of a binomial with p 0.05 exceeded once in 100


def of_a_class(rows: int) -> PooledDifference | None:
    """100 samples of which so many are of a class that neither side ever gives."""
    gold = [{"fn": 1.0}] * rows + [{"tn": 1.0}] * (100 - rows)
    pairs = [CountPair(str(n), counts, counts) for n, counts in enumerate(gold)]
    rare = PooledMetric(f1, support=lambda sums: sums.get("tp", 0.0) + sums.get("fn", 0.0))
    return pooled_difference("d", pairs, rare)


@pytest.mark.parametrize("rows", [1, 5])
def test_a_class_that_nobody_finds_has_no_interval_and_shows_no_difference(rows: int) -> None:
    made = of_a_class(rows)
    assert made is not None
    assert (made.figures.value, made.test.p_value) == (0.0, 1.0)
    assert (made.figures.interval, made.figures.detectable) == (None, None)
