"""How often the 95 % intervals hold the truth, summed over all outcomes where these are few."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from scipy import stats as reference

from evalctl.stats import Estimate, ExactSum, Moments, combine, estimate, wilson_interval

SIZES = (50, 200, 1000)
SHARES = (0.05, 0.5, 0.95)
LEAST, MOST = 0.935, 0.965
NEGLIGIBLE = 1e-8
"""Outcomes as unlikely as this are left out, as if they were missed."""

Outcomes = Iterator[tuple[float, tuple[float, float] | None]]
"""The chance and the interval of each outcome."""


def likely(count: int, share: float) -> Iterator[tuple[int, float]]:
    """The numbers of successes that are not negligible, with their chance."""
    chances = reference.binom.pmf(range(count + 1), count, share)
    return ((hits, float(each)) for hits, each in enumerate(chances) if each > NEGLIGIBLE)


def coverage(outcomes: Outcomes, truth: float) -> float:
    return sum(
        chance for chance, found in outcomes if found is not None and found[0] <= truth <= found[1]
    )


def proportions(count: int, share: float) -> Outcomes:
    for hits, chance in likely(count, share):
        yield chance, wilson_interval(hits / count, count)


def means_of_two(count: int, share: float) -> Outcomes:
    """Samples that are answered twice: 0, 1/2 or 1."""
    for unequal, first in likely(count, 2 * share * (1 - share)):
        of_rest = share**2 / (share**2 + (1 - share) ** 2)
        for both, second in likely(count - unequal, of_rest):
            halves = ExactSum(unequal + 2 * both, 1)
            moments = Moments(count, halves, ExactSum(unequal + 4 * both, 2))
            if first * second > NEGLIGIBLE:
                yield first * second, estimate(moments, proportion=False).interval


def category_of_two(count: int, share: float) -> Outcomes:
    """Two datasets of the same difficulty."""
    parts = [
        (Estimate(hits / count, 0.1, wilson_interval(hits / count, count), "wilson"), chance)
        for hits, chance in likely(count, share)
    ]
    for a, first in parts:
        for b, second in parts:
            if first * second > NEGLIGIBLE:
                yield first * second, combine([a, b]).interval


# Successes are whole numbers, so that the coverage jumps from share to share and from size to size.
WILSON = {
    (50, 0.05): 0.9622, (50, 0.5): 0.9351, (50, 0.95): 0.9622,
    (200, 0.05): 0.9672, (200, 0.5): 0.9440, (200, 0.95): 0.9672,
    (1000, 0.05): 0.9504, (1000, 0.5): 0.9463, (1000, 0.95): 0.9504,
}  # fmt: skip


@pytest.mark.parametrize(("count", "share"), WILSON)
def test_coverage_of_wilsons_interval_at_nine_points(count: int, share: float) -> None:
    found = coverage(proportions(count, share), share)
    assert found == pytest.approx(WILSON[count, share], abs=1e-4)
    # Two of the nine are a little on the safe side, none is below.
    assert LEAST <= found <= MOST + 0.0025


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("share", SHARES)
def test_mean_coverage_of_wilsons_interval_around_nine_points(count: int, share: float) -> None:
    """Over the shares within 0.02, since no model has a share of exactly 0.05."""
    shares = [share + step / 1000 for step in range(-20, 21)]
    mean = sum(coverage(proportions(count, each), each) for each in shares) / len(shares)
    assert LEAST <= mean <= MOST


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("share", SHARES)
def test_coverage_of_a_mean_of_two_completions(count: int, share: float) -> None:
    """Student's symmetric interval has 0.881 at 50 samples and a share of 0.05, this one 0.973."""
    most = MOST if count > 50 else MOST + 0.01
    assert LEAST <= coverage(means_of_two(count, share), share) <= most


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("share", SHARES)
def test_coverage_of_the_category_score(count: int, share: float) -> None:
    assert LEAST <= coverage(category_of_two(count, share), share) <= MOST


def clustered(source: random.Random, n_clusters: int, share: float) -> Moments:
    """Clusters of five samples, each cluster with a difficulty of its own."""
    moments = Moments()
    for name in range(n_clusters):
        own = source.betavariate(4 * share, 4 * (1 - share))
        for _ in range(5):
            moments.add(float(source.random() < own), str(name))
    return moments


def held(make: Callable[[], Moments], truth: float) -> bool:
    low, high = estimate(make(), proportion=True).interval or (1.0, 0.0)
    return low <= truth <= high


@pytest.mark.parametrize(("share", "seed"), [(0.2, 1), (0.5, 2), (0.9, 3)])
def test_coverage_of_the_clustered_interval(share: float, seed: int) -> None:
    source = random.Random(seed)
    hits = sum(held(partial(clustered, source, 40, share), share) for _ in range(400))
    assert 0.925 <= hits / 400 <= 0.975
