"""What a hosted model will cost, from its tokens and the price of a million."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from evalctl.config.overrides import Price
from evalctl.estimates.price_table import PRICES
from evalctl.estimates.records import DatasetEstimate, PriceEstimate
from evalctl.protocols import ModelRef

_MILLION = 1_000_000
_SNAPSHOT = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$")
"""Ends of names that mean one day's state of a model, which costs what the model costs."""


def price_of(model: ModelRef, own: Mapping[str, Price]) -> Price | None:
    """Return the price of a model; None where none is known, or none is paid.

    The user's own prices hold for any model, the table's for hosted ones alone.

    Args:
        model: The model; looked up by its registered name, its path, and the path's last part,
            each also without the day of a snapshot.
        own: The user's prices.
    """
    names = [model.name, model.path, model.path.rpartition("/")[2]]
    names += [_SNAPSHOT.sub("", name) for name in names]
    tables = (own, PRICES) if model.kind == "api" else (own,)
    found = (table[name] for table in tables for name in names if name in table)
    return next(found, None)


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
