"""How figures are told: shares in percent, all else as it is."""

from __future__ import annotations

import math

import pytest

from evalctl.scales import Scale


@pytest.mark.parametrize(
    ("lower", "upper", "value", "told"),
    [
        (0.0, 1.0, 0.7425, "74.2"),
        (-1.0, 1.0, -0.5, "-50.0"),
        (1.0, 10.0, 7.4249, "7.42"),
        (0.0, None, 1.5, "1.50"),
        (None, 1.0, -0.25, "-0.25"),
        (0.0, math.inf, 12.0, "12.00"),
        (0.0, 100.0, 74.25, "74.25"),
        (0.0, 1.0, None, "–"),
    ],
)
def test_what_lies_within_minus_one_and_one_is_told_in_percent(
    lower: float | None, upper: float | None, value: float | None, told: str
) -> None:
    assert Scale.of(lower, upper).told(value) == told


@pytest.mark.parametrize(
    ("lower", "upper", "span"),
    [
        (0.0, 1.0, (0.0, 1.0)),
        (-1.0, 1.0, (0.0, 1.0)),
        (1.0, 10.0, (1.0, 9.0)),
        (0.0, None, (0.0, 1.0)),
        (0.0, math.inf, (0.0, 1.0)),
        (5.0, 5.0, (0.0, 1.0)),
    ],
)
def test_a_category_has_ratings_as_their_share_of_the_way(
    lower: float | None, upper: float | None, span: tuple[float, float]
) -> None:
    assert Scale.of_category(lower, upper) == span


def test_units_stand_behind_shares_alone() -> None:
    assert (Scale().unit, Scale().points) == (" %", " points")
    assert (Scale.of(-1, 1).unit, Scale.of(-1, 1).points) == ("", " points")
    assert (Scale.of(1, 10).unit, Scale.of(1, 10).points) == ("", "")
    assert Scale.of(1, 10).interval((1.5, 2.25), " to ") == "1.50 to 2.25"
    assert Scale.of(1, 10).signed(-0.5) == "-0.50"
