"""What a hosted model will cost, from its tokens and the price of a million."""

from __future__ import annotations

from collections.abc import Sequence

from evalctl.config.overrides import Price
from evalctl.estimates.records import (
    DatasetEstimate,
    JudgeEstimate,
    LimitEstimate,
    LimitVerdict,
    MeasuringEstimate,
    ModelEstimate,
    PriceEstimate,
)

_MILLION = 1_000_000


def cost(
    price: Price, datasets: Sequence[DatasetEstimate], measuring: MeasuringEstimate | None = None
) -> PriceEstimate:
    """Return what datasets and measuring cost. Each completion pays for its prompt.

    Vendors that write several completions for one prompt may charge it once; most do not offer it.
    """
    read = sum(
        one.prompt_tokens * one.completions / max(one.prompts, 1) + one.training_tokens
        for one in datasets
    )
    written = sum(dataset.output_tokens for dataset in datasets)
    at_most = sum(dataset.output_tokens_at_most for dataset in datasets)
    if measuring is None:
        return price_of_tokens(price, (read, read), (written, at_most))
    return price_of_tokens(
        price,
        (read + measuring.prompt_tokens, read + measuring.prompt_tokens_at_most),
        (written + measuring.output_tokens, at_most + measuring.output_tokens_at_most),
    )


def price_of_tokens(
    price: Price, read: tuple[float, float], written: tuple[float, float]
) -> PriceEstimate:
    """Return what tokens cost.

    Args:
        price: Of a million of them.
        read: Tokens of prompts, as expected and at most.
        written: Tokens of answers, likewise.
    """
    expected, at_most = (
        prompts * price.input_per_million / _MILLION + answers * price.output_per_million / _MILLION
        for prompts, answers in zip(read, written, strict=True)
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


def against_limit(
    max_cost: float, models: Sequence[ModelEstimate], judges: Sequence[JudgeEstimate] = ()
) -> LimitEstimate:
    """Return what models and judges cost together, and whether that is within a limit."""
    every = (*(model.price for model in models), *(judge.price for judge in judges))
    prices = [price for price in every if price is not None]
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
