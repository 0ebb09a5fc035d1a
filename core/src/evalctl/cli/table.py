"""Rows on standard output: a table that fits 80 columns, or JSON and nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from evalctl.cli.harmless import harmless

RowT = TypeVar("RowT")


def print_json(rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows as a JSON array of objects."""
    sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


def print_table(
    rows: Sequence[RowT], columns: Mapping[str, Callable[[RowT], str]], *, empty: str
) -> None:
    """Print rows as a table. The first column is never broken; the others are folded.

    Args:
        rows: What is shown, in order.
        columns: By heading, a cell's text.
        empty: What is printed where there are no rows.
    """
    if not rows:
        sys.stdout.write(f"{empty}\n")
        return
    from rich.console import Console  # not needed for JSON
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, heading in enumerate(columns):
        table.add_column(heading, overflow="fold", no_wrap=index == 0)
    for row in rows:
        table.add_row(*(Text(harmless(cell(row))) for cell in columns.values()))
    Console(highlight=False, emoji=False).print(table)
