"""What a planned model costs by the million tokens, and the limit that a run may not go beyond."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from evalctl.config import UserConfig
from evalctl.config.overrides import Price
from evalctl.engines.api.address import ANTHROPIC, OPENAI, split_path
from evalctl.errors import ConfigError
from evalctl.plan.asked import RunSpec
from evalctl.plan.planned import PlannedModel
from evalctl.plan.price_table import PRICES
from evalctl.protocols import ModelRef

_SNAPSHOT = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$")
"""Ends of names that mean one day's state of a model, which costs what the model costs."""

_VENDORS = frozenset(urlsplit(vendor.url).hostname for vendor in (OPENAI, ANTHROPIC))
"""Hosts that the table's prices are of."""


def price_of(model: ModelRef, own: Mapping[str, Price]) -> Price | None:
    """Return the price of a model; None where none is known, or none is paid.

    The user's own prices hold for any model, the table's for vendors' own servers alone.

    Args:
        model: The model; looked up by its registered name, its path, the path without the server's
            URL, and the last part of that, each also without the day of a snapshot.
        own: The user's prices.
    """
    path, _, url = split_path(model.path)
    names = [model.name, model.path, path, path.rpartition("/")[2]]
    names += [_SNAPSHOT.sub("", name) for name in names]
    is_vendors = model.kind == "api" and (not url or urlsplit(url).hostname in _VENDORS)
    tables = (own, PRICES) if is_vendors else (own,)
    found = (table[name] for table in tables for name in names if name in table)
    return next(found, None)


def max_cost_of(asked: RunSpec, config: UserConfig) -> float | None:
    """Return what a run may cost: the flag's limit before the file's; None limits nothing."""
    return asked.max_cost if asked.max_cost is not None else config.limits.max_cost


def check_prices(
    models: Sequence[PlannedModel], max_cost: float | None, notices: list[str]
) -> None:
    """Refuse a limit that could not be kept.

    Args:
        models: All that will be asked, a judge among them.
        max_cost: The limit; None limits nothing.
        notices: Receives that nothing costs anything, where it does not.

    Raises:
        ConfigError: A hosted model's price is not known, or prices are in several currencies.
    """
    if max_cost is None:
        return
    unknown = dict.fromkeys(m.name for m in models if m.ref.kind == "api" and m.price is None)
    if unknown:
        raise ConfigError(
            f"--max-cost {max_cost:g}: no price is known of {', '.join(unknown)}. Give it in a "
            "file for --config, in any currency, for a million tokens:\n"
            + "\n".join(["prices:", *map(_entry, unknown)])
        )
    currencies = sorted(set(_currencies(models)))
    if len(currencies) > 1:
        raise ConfigError(
            f"--max-cost {max_cost:g}: the prices of this run are in {' and '.join(currencies)}; "
            "give them all in one currency"
        )
    if not currencies:
        notices.append("--max-cost limits nothing: no model of this run has a price")


def _entry(name: str) -> str:
    engine, mark, path = name.partition(":")
    known = split_path(path)[0] if mark else engine
    return f'  "{known}": {{input_per_million: 1.00, output_per_million: 2.00}}'


def _currencies(models: Sequence[PlannedModel]) -> Iterator[str]:
    return (model.price.currency for model in models if model.price is not None)
