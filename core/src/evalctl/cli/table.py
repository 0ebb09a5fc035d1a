"""Rows on standard output: a table that fits 80 columns, or JSON and nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from evalctl.cli.harmless import harmless

RowT = TypeVar("RowT")

_WHOLE_WORD = 26
"""Words of up to so many characters are not broken; longer ones are mostly paths."""
_SHORT = 20
"""Columns that are no wider get all that they need before the others."""
_NARROWEST = 6
"""A first column, which has names to be copied, is whole where so much is left for each other."""
_GAP = 2
"""Columns stand so far apart."""


def print_json(rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows as a JSON array of objects."""
    sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


def print_table(
    rows: Sequence[RowT], columns: Mapping[str, Callable[[RowT], str]], *, empty: str
) -> None:
    """Print rows as a table. Cells are folded, between words where there is room for that.

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

    console = Console(highlight=False, emoji=False)
    cells = [[harmless(cell(row)) for cell in columns.values()] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    room = console.width - _GAP * (len(columns) - 1)
    widths = _widths([[*columns], *cells], room)
    for heading, width in zip(columns, widths, strict=True):
        table.add_column(heading, overflow="fold", width=width)
    for row_cells in cells:
        table.add_row(*map(Text, row_cells))
    console.print(table)


def _widths(cells: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return the columns' widths, together at most `room`, for which few words are broken.

    The first column is whole. Each other gets its longest word, all equally cut where that is too
    much, and of what is left as much as it has use for, short columns and the neediest first.
    """
    from rich.cells import cell_len

    texts = [
        [line for cell in column for line in cell.split("\n")]
        for column in zip(*cells, strict=True)
    ]
    whole = [max(1, *map(cell_len, lines)) for lines in texts]
    if sum(whole) <= room:
        return whole
    words = [
        max((cell_len(word) for line in lines for word in line.split()), default=1)
        for lines in texts
    ]
    is_first_whole = room - whole[0] >= _NARROWEST * (len(whole) - 1)
    first = whole[0] if is_first_whole else room // 2
    for most in range(_WHOLE_WORD, 0, -1):
        widths = [first, *(min(length, most) for length in words[1:])]
        if sum(widths) <= room:
            break
    for _ in range(room - sum(widths)):
        widths[_neediest(widths, whole)] += 1
    return widths


def _neediest(widths: Sequence[int], whole: Sequence[int]) -> int:
    """Return the column that has the least of what it needs; short ones come first."""
    columns = range(len(whole))
    lacking = [at for at in columns if widths[at] < whole[at]]
    short = [at for at in lacking if whole[at] <= _SHORT]
    return min(short or lacking, key=lambda at: widths[at] / whole[at])
