"""What a hosted model will cost, from its tokens and the price of a million."""

from __future__ import annotations

from collections.abc import Sequence

from evalctl.config.overrides import Price
from evalctl.estimates.records import (
    DatasetEstimate,
    LimitEstimate,
    LimitVerdict,
    ModelEstimate,
    PriceEstimate,
)

_MILLION = 1_000_000


def cost(price: Price, datasets: Sequence[DatasetEstimate]) -> PriceEstimate:
    """Return what datasets cost. Each completion pays for its prompt.

    Vendors that write several completions for one prompt may charge it once; most do not offer it.
    """
    prompt_tokens = sum(
        dataset.prompt_tokens * dataset.completions / max(dataset.prompts, 1)
        for dataset in datasets
    )
    read = prompt_tokens * price.input_per_million / _MILLION
    expected, at_most = (
        read + tokens * price.output_per_million / _MILLION
        for tokens in (
            sum(dataset.output_tokens for dataset in datasets),
            sum(dataset.output_tokens_at_most for dataset in datasets),
        )
    )
    return PriceEstimate(
        currency=price.currency,
        expected=expected,
        at_most=at_most,
        input_per_million=price.input_per_million,
        output_per_million=price.output_per_million,
        as_of=price.as_of,
        page=price.page,
    )


def against_limit(max_cost: float, models: Sequence[ModelEstimate]) -> LimitEstimate:
    """Return what models cost together, and whether that is within a limit."""
    prices = [model.price for model in models if model.price is not None]
    expected = sum(price.expected for price in prices)
    at_most = sum(price.at_most for price in prices)
    verdict: LimitVerdict = "will_stop" if expected > max_cost else "may_stop"
    return LimitEstimate(
        max_cost=max_cost,
        currency=prices[0].currency if prices else "",
        expected=expected,
        at_most=at_most,
        verdict="within" if at_most <= max_cost else verdict,
    )
