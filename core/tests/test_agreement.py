"""How judges agree, by hand-worked cases and against a plain reference."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import permutations

import pytest

from evalctl.stats import agreement_counts, krippendorff_alpha, unanimity

Ratings = Sequence[Sequence[float | None]]
"""Of each unit, what each judge gave."""


def summed(units: Ratings) -> dict[str, float]:
    counts: dict[str, float] = {}
    for unit in units:
        for name, count in agreement_counts([one for one in unit if one is not None]).items():
            counts[name] = counts.get(name, 0.0) + count
    return counts


def plain_alpha(units: Ratings) -> float:
    """Return alpha as its definition has it: over all ordered pairs of values."""
    given = [[one for one in unit if one is not None] for unit in units]
    pairable = [unit for unit in given if len(unit) > 1]
    values = [value for unit in pairable for value in unit]
    observed = sum(
        (a - b) ** 2 / (len(unit) - 1) for unit in pairable for a, b in permutations(unit, 2)
    ) / len(values)
    expected = sum((a - b) ** 2 for a, b in permutations(values, 2))
    return 1 - observed / (expected / (len(values) * (len(values) - 1)))


# Four observers and twelve units, as in Krippendorff 2011, "Computing Krippendorff's
# alpha-reliability", section C; its interval alpha is 0.849.
PUBLISHED: Ratings = list(
    zip(
        (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
        (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
        (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
        (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
        strict=True,
    )
)


@pytest.mark.parametrize(
    ("units", "alpha"),
    [
        # W = 1 + 1, N = 4, S1 = 6, S2 = 14: 1 - 3 * 2 / (56 - 36).
        ([(0, 1), (2, 3)], 0.7),
        # One unit of two who differ: 1 - 1 * 1 / (2 * 1 - 1).
        ([(0, 1)], 0.0),
        # Always the opposite: W = 2, N = 4, S1 = 2, S2 = 2: 1 - 3 * 2 / (8 - 4).
        ([(0, 1), (1, 0)], -0.5),
        ([(3, 3), (7, 7), (9, 9)], 1.0),
        # Three judges; the unit of one says nothing: W = 3 * 2 / 2, N = 5, S1 = 11, S2 = 31.
        ([(1, 2, 3), (2.5, 2.5, None), (9, None, None)], 1 - 4 * 3 / (5 * 26.5 - 121)),
    ],
)
def test_alpha_is_what_was_worked_out_by_hand(units: Ratings, alpha: float) -> None:
    assert krippendorff_alpha(summed(units)) == pytest.approx(alpha)


def test_alpha_is_the_published_one() -> None:
    assert krippendorff_alpha(summed(PUBLISHED)) == pytest.approx(0.849, abs=5e-4)


@pytest.mark.parametrize("seed", range(20))
def test_alpha_is_that_of_the_plain_definition(seed: int) -> None:
    chance = random.Random(seed)
    units = [
        [chance.choice((None, *range(1, 11))) for _ in range(chance.randint(2, 5))]
        for _ in range(30)
    ]
    assert krippendorff_alpha(summed(units)) == pytest.approx(plain_alpha(units), abs=1e-9)


@pytest.mark.parametrize("units", [[], [(1, None)], [(5, 5), (5, 5)]])
def test_alpha_is_not_defined_without_any_difference_to_agree_on(units: Ratings) -> None:
    assert krippendorff_alpha(summed(units)) is None


def test_unanimity_counts_units_that_two_or_more_judged() -> None:
    assert unanimity(summed([(1, 1), (0, 1), (0.5, 0.5, 0.5), (1, None)])) == pytest.approx(2 / 3)
    assert unanimity(summed([(1, None)])) is None
