"""Prices: whose, for which name, and limits that cannot be kept."""

from __future__ import annotations

from datetime import date

import pytest

from evalctl.config.overrides import Price
from evalctl.plan.price_table import PRICES
from evalctl.plan.prices import price_of
from evalctl.protocols import ModelKind, ModelRef

OWN = Price(input_per_million=1.0, output_per_million=2.0)


def hosted(path: str, name: str = "x", kind: ModelKind = "api") -> ModelRef:
    return ModelRef(name=name, path=path, kind=kind)


@pytest.mark.parametrize(
    "path",
    [
        "gpt-5-mini",
        "gpt-5-mini-2025-08-07",
        "gpt-5-mini-20250807",
        "gpt-5-mini-latest",
        "openai/gpt-5-mini",
    ],
)
def test_a_snapshot_costs_what_its_model_costs(path: str) -> None:
    assert price_of(hosted(path), {}) == PRICES["gpt-5-mini"]


@pytest.mark.parametrize("path", ["gpt-5-mini-2", "my-gpt-5-mini", "claude-opus-5-6", "gpt-5"])
def test_a_name_that_only_looks_alike_has_no_price(path: str) -> None:
    assert price_of(hosted(path), {}) is None


def test_the_table_is_for_hosted_models_and_ones_own_prices_for_any() -> None:
    local = hosted("gpt-5-mini", "mine", "decoder")
    assert price_of(local, {}) is None
    assert price_of(local, {"mine": OWN}) == OWN


def test_ones_own_price_wins_over_the_table() -> None:
    assert price_of(hosted("gpt-5-mini"), {"gpt-5-mini": OWN}) == OWN


def test_every_price_of_the_table_has_its_day_and_page() -> None:
    for name, price in PRICES.items():
        assert price.as_of is not None, name
        assert price.as_of >= date(2026, 1, 1)
        assert price.page.startswith("https://")
        assert 0 < price.input_per_million < price.output_per_million


def test_the_table_is_for_vendors_own_servers_alone() -> None:
    assert price_of(hosted("gpt-5-mini@https://api.openai.com/v1"), {}) == PRICES["gpt-5-mini"]
    assert price_of(hosted("gpt-5-mini@http://127.0.0.1:8000/v1"), {}) is None


def test_ones_own_price_is_found_by_the_name_that_a_server_knows() -> None:
    assert price_of(hosted("team/small@http://127.0.0.1/v1"), {"team/small": OWN}) == OWN
    assert price_of(hosted("team/small@http://127.0.0.1/v1"), {"small": OWN}) == OWN
