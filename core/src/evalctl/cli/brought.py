"""Who brought what, in listings for people: only what another plugin than the usual one brought."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Sequence

from evalctl.cli.rows import (
    AdditionRow,
    BroughtRow,
    CategoryRow,
    EngineRow,
    ExecutorRow,
    MetricRow,
    ModelRow,
    Service,
)

WIDTH = 80
"""Columns of the lines below a table."""


def by(row: BroughtRow) -> str:
    """Return that a plugin brought something, as it stands in a cell."""
    return f"by {row['plugin']}"


def by_other(row: MetricRow | EngineRow | ExecutorRow) -> str:
    """Return who added something, as one more line of a cell; empty where nobody did."""
    return f"\n{by(row)}" if row["is_added"] else ""


def services(row: ModelRow, category: str | None) -> str:
    """Return what is shown of the categories that a model serves, and who added it to them."""
    lines = []
    for plugin in dict.fromkeys(_adder(service) for service in row["categories"]):
        shown = [
            service["category"]
            if category is None
            else f"{service['priority']}, {service['specialization_weight']:g}"
            for service in row["categories"]
            if _adder(service) == plugin
        ]
        lines.append(", ".join(shown))
        if plugin:
            lines.append(f"by {plugin}")
    return "\n".join(lines)


def _adder(service: Service) -> str:
    return service["plugin"] if service["is_added"] else ""


def print_bringers(rows: Iterable[BroughtRow]) -> None:
    """Print what was installed with pip, of the plugins that a table names."""
    told = {row["plugin"]: f"{row['distribution']} {row['distribution_version']}" for row in rows}
    if told:
        _print(["", *(f"by {plugin}: {installed}" for plugin, installed in sorted(told.items()))])


def print_additions(rows: Sequence[CategoryRow]) -> None:
    """Print what plugins added to the categories of others, plugin by plugin."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        mine: dict[str, list[AdditionRow]] = {}
        for one in row["added"]:
            installed = f"{one['distribution']} {one['distribution_version']}"
            mine.setdefault(f"{one['plugin']} ({installed})", []).append(one)
        for plugin, added in mine.items():
            found.setdefault(plugin, {}).setdefault(_told(added), []).append(row["name"])
    for plugin, told in sorted(found.items()):
        lines = [f"  {', '.join(categories)}: {what}" for what, categories in told.items()]
        _print(["", f"added by {plugin}", *lines])


def _told(added: Sequence[AdditionRow]) -> str:
    """Return what one plugin added to one category: `datasets a, b; scorer c of a`."""
    parts = []
    for kind in ("model", "dataset"):
        names = [one["name"] for one in added if one["kind"] == kind]
        if names:
            parts.append(f"{kind}{'s' if len(names) > 1 else ''} {', '.join(names)}")
    homes: dict[str, list[str]] = {}
    for one in added:
        if one["dataset"] is not None:
            homes.setdefault(one["name"], []).append(one["dataset"])
    parts.extend(f"scorer {name} of {', '.join(datasets)}" for name, datasets in homes.items())
    return "; ".join(parts)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        indent = " " * (2 + len(line) - len(line.lstrip()))
        sys.stdout.write(textwrap.fill(line, WIDTH, subsequent_indent=indent) + "\n")
