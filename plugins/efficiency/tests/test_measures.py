"""The metrics, against values worked out by hand."""

from __future__ import annotations

import pytest

from evalctl_efficiency.measures import (
    METRICS,
    accuracy_per_active_parameter,
    accuracy_per_parameter,
    efficiency_score,
    latency,
)

MIXTURE = {
    "accuracy": 0.6,
    "parameters": 8e9,
    "active_parameters": 2e9,
    "latency_seconds": 0.5,
    "memory_bytes": float(16 << 30),
}


def test_accuracy_per_parameter_is_points_for_each_billion() -> None:
    assert accuracy_per_parameter(MIXTURE) == pytest.approx(7.5)


def test_accuracy_per_active_parameter_counts_those_that_work() -> None:
    assert accuracy_per_active_parameter(MIXTURE) == pytest.approx(30.0)


def test_latency_is_the_time_of_an_answer() -> None:
    assert latency(MIXTURE) == 0.5


def test_the_score_is_accuracy_over_the_geometric_mean_of_costs() -> None:
    # 0.5 s, 16 GiB and 8 billion: their product is 64, its cube root 4; 60 / 4 = 15.
    assert efficiency_score(MIXTURE) == pytest.approx(15.0)


@pytest.mark.parametrize("cost", ["latency_seconds", "memory_bytes", "parameters"])
def test_an_eighth_of_any_cost_doubles_the_score(cost: str) -> None:
    cheaper = {**MIXTURE, cost: MIXTURE[cost] / 8}

    assert efficiency_score(cheaper) == pytest.approx(2 * efficiency_score(MIXTURE))


def test_a_model_that_is_always_wrong_scores_nothing() -> None:
    assert efficiency_score({**MIXTURE, "accuracy": 0.0}) == 0.0


def test_each_metric_needs_no_more_than_it_names() -> None:
    for metric in METRICS:
        assert metric.compute({name: MIXTURE[name] for name in metric.inputs}) > 0.0
