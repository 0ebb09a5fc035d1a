"""What hosted models cost by the million tokens: facts with their page and day.

A small table for orientation. Prices change, and a user's own (`prices:` in the configuration) win
over it. Only prices that were seen on the vendor's own page are here, and only of plain requests:
caching, batches, other regions and priority cost less or more.

Read on 2026-11-25 in stored copies of the pages, which may be some weeks older: those of Claude are
not older than 2026-10-07 (they list a model of that day), those of OpenAI name models of September
2026. Prices of OpenAI's other models could not be seen on its own pages, and were left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from evalctl.config.overrides import Price

_SEEN = date(2026, 11, 25)
_CLAUDE = "https://platform.claude.com/docs/en/models/overview"
_OPENAI = "https://developers.openai.com/api/docs/models/"


def _claude(input_price: float, output_price: float) -> Price:
    return Price(
        input_per_million=input_price, output_per_million=output_price, as_of=_SEEN, page=_CLAUDE
    )


def _openai(name: str, input_price: float, output_price: float) -> Price:
    return Price(
        input_per_million=input_price,
        output_per_million=output_price,
        as_of=_SEEN,
        page=_OPENAI + name,
    )


PRICES: Mapping[str, Price] = MappingProxyType(
    {
        "claude-opus-5-5": _claude(4.00, 20.00),
        "claude-opus-5": _claude(5.00, 25.00),
        "claude-sonnet-5-5": _claude(2.00, 10.00),
        "claude-sonnet-5": _claude(2.00, 10.00),
        "claude-haiku-5-5": _claude(0.10, 0.50),  # of prompts up to 100,000 tokens
        "claude-haiku-4-5": _claude(1.00, 5.00),
        "gpt-5-mini": _openai("gpt-5-mini", 0.25, 2.00),
        "gpt-5-nano": _openai("gpt-5-nano", 0.05, 0.40),
    }
)
"""By the name that the vendor's interface takes."""
