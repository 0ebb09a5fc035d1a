"""Percentiles, figures over sessions, and ratios."""

from __future__ import annotations

import math

import pytest

from evalctl.measuring.figures import over_sessions, percentile, ratio_of, ratio_of_runs


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.5, 2.5), (0.9, 3.7), (0.99, 3.97), (1.0, 4.0)]
)
def test_a_percentile_lies_between_two_values(share: float, expected: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == pytest.approx(expected)


def test_a_single_value_is_every_percentile() -> None:
    assert percentile([7.0], 0.99) == 7.0


def test_percentiles_are_those_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    values = [((n * 7919) % 101) / 7 for n in range(57)]
    for share in (0.1, 0.5, 0.9, 0.99):
        assert percentile(values, share) == pytest.approx(float(numpy.quantile(values, share)))


def test_a_figure_is_the_geometric_mean_with_students_interval_of_its_logarithms() -> None:
    figure = over_sessions([1.0, 2.0, 4.0])

    # ln 1, ln 2, ln 4: mean ln 2, standard deviation ln 2; t(2) at 95 % is 4.302653.
    half = 4.302653 * math.log(2) / math.sqrt(3)
    assert figure.value == pytest.approx(2.0)
    assert figure.interval == pytest.approx((2 * math.exp(-half), 2 * math.exp(half)), rel=1e-6)
    assert figure.sessions == (1.0, 2.0, 4.0)


def test_one_session_has_no_interval() -> None:
    assert over_sessions([3.0]).interval is None
    assert over_sessions([3.0]).value == pytest.approx(3.0)


def test_no_session_is_no_figure() -> None:
    assert over_sessions([]).value is None


def test_a_ratio_is_of_pairs_so_that_what_both_suffer_cancels() -> None:
    found = ratio_of([2.0, 20.0, 200.0], [1.0, 10.0, 100.0])

    assert found is not None
    assert found[0] == pytest.approx(2.0)
    assert found[1] == pytest.approx((2.0, 2.0))


def test_a_ratio_over_nothing_is_none() -> None:
    assert ratio_of([1.0], [0.0]) is None
    assert ratio_of([], []) is None


def test_a_ratio_of_runs_takes_no_pairs() -> None:
    found = ratio_of_runs([2.0, 4.0, 8.0], [1.0, 1.0])

    # ln 4 and ln 2 (twice ln 2 apart from neighbours): standard error ln 2 / sqrt 3 and 0; t(1).
    half = 12.7062047 * math.log(2) / math.sqrt(3)
    assert found is not None
    assert found[0] == pytest.approx(4.0)
    assert found[1] == pytest.approx((4 * math.exp(-half), 4 * math.exp(half)), rel=1e-6)


def test_a_ratio_of_runs_of_one_session_has_no_interval() -> None:
    assert ratio_of_runs([2.0], [1.0, 1.0]) == (pytest.approx(2.0), None)
    assert ratio_of_runs([], [1.0]) is None
