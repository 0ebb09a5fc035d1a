"""What a hosted model will cost, from its tokens and the price of a million."""

from __future__ import annotations

from collections.abc import Sequence

from evalctl.config.overrides import Price
from evalctl.estimates.records import DatasetEstimate, PriceEstimate

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
