"""How far categories are models' specialities, as a table with remarks below it."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evalctl.reporters.figures import percent, printable
from evalctl.specializations import OverGeneral, OverOwn, Specialization, SpecializationTable

_HEADINGS = ("declared", "score", "over own", "over general", "n")


def print_specialization(console: Console, table: SpecializationTable) -> None:
    """Print each category's models, what they are compared with, and where claims fail."""
    for category in dict.fromkeys(row.category for row in table.rows):
        rows = [row for row in table.rows if row.category == category]
        console.print(_fitting(console, category, rows))
        for against in dict.fromkeys(map(_against, rows)):
            names = ", ".join(row.model for row in rows if _against(row) == against)
            console.print(Text(printable(f"{names}: {against}"), "dim"))
        for row in rows:
            if row.remark:
                console.print(Text(printable(f"{row.model}: {row.remark}."), "yellow"))
        console.print()
    for notice in table.notices:
        console.print(Text.assemble(("note: ", "bold yellow"), printable(notice)))
    more = f"; remarks count {table.n_tests} tests (Holm)" if table.n_tests > 1 else ""
    console.print(f"differences in percentage points with 95 % intervals{more}", style="dim")


def _fitting(console: Console, category: str, rows: list[Specialization]) -> Table | Text:
    """A table; lines where it would have to be cut."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column(printable(category), no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(Text(printable(row.model)), *_cells(row))
    natural = console.measure(table, options=console.options.update(max_width=1000))
    if natural.maximum <= console.width:
        return table
    lines = Text(f"{printable(category)}\n", "bold")
    for row in rows:
        cells = zip(_HEADINGS, _cells(row), strict=True)
        told = ", ".join(f"{heading} {cell}" for heading, cell in cells)
        lines.append(f"{printable(row.model)}: {told}\n", "not bold")
    lines.rstrip()
    return lines


def _cells(row: Specialization) -> tuple[str, ...]:
    weight = "–" if row.declared_weight is None else f"{row.declared_weight:g}"
    n_shared = f"{row.over_general.n_shared:,}" if row.over_general else "–"
    return weight, percent(row.score), _points(row.over_own), _points(row.over_general), n_shared


def _points(found: OverOwn | OverGeneral | None) -> str:
    if found is None:
        return "–"
    if found.interval is None:
        return f"{100 * found.value:+.1f}"
    low, high = found.interval
    return f"{100 * found.value:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def _against(row: Specialization) -> str:
    """Return what a row's figures are compared with, in words."""
    own = ", ".join(row.over_own.categories) if row.over_own else "none"
    general = ", ".join(row.over_general.models) if row.over_general else "none"
    return f"own mean over {own}; general models: {general}"
