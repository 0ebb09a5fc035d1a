"""What estimated tokens come to."""

from __future__ import annotations

import pytest

from evalctl.config.overrides import Price
from evalctl.estimates.costs import cost
from evalctl.estimates.records import DatasetEstimate, MeasuringEstimate

OWN = Price(input_per_million=1.0, output_per_million=2.0)


def test_each_completion_pays_for_its_prompt() -> None:
    dataset = DatasetEstimate(
        dataset="sums",
        prompts=100,
        completions=400,
        prompt_tokens=250_000,
        prompt_tokens_source="characters",
        prompts_measured=100,
        longest_prompt_tokens=3000,
        output_tokens=2_000_000,
        output_tokens_source="rule",
        output_tokens_low=1,
        output_tokens_high=1,
        output_tokens_at_most=3_000_000,
    )
    found = cost(OWN, (dataset,))
    assert found.expected == pytest.approx(1.0 * 1 + 2.0 * 2)
    assert found.at_most == pytest.approx(1.0 * 1 + 3.0 * 2)


def test_measuring_and_what_a_probe_learns_from_are_paid_for() -> None:
    dataset = DatasetEstimate(
        dataset="moods",
        prompts=10,
        completions=10,
        prompt_tokens=1_000_000,
        training_rows=20,
        training_tokens=2_000_000,
        prompt_tokens_source="characters",
        prompts_measured=10,
        longest_prompt_tokens=3000,
        output_tokens=0,
        output_tokens_source="none",
        output_tokens_low=0,
        output_tokens_high=0,
        output_tokens_at_most=0,
    )
    measuring = MeasuringEstimate(
        sessions=1,
        prompts=10,
        prompts_low=5,
        prompts_high=20,
        prompt_tokens=1_000_000,
        prompt_tokens_at_most=2_000_000,
        output_tokens=1_000_000,
        output_tokens_at_most=4_000_000,
        expected_seconds=None,
        low_seconds=None,
        high_seconds=None,
    )
    found = cost(OWN, (dataset,), measuring)
    assert found.expected == pytest.approx(3 + 1 + 2 * 1)
    assert found.at_most == pytest.approx(3 + 2 + 2 * 4)
