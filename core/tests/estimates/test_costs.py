"""What estimated tokens come to."""

from __future__ import annotations

import pytest

from evalctl.config.overrides import Price
from evalctl.estimates.costs import cost
from evalctl.estimates.records import DatasetEstimate

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
