"""`evalctl check DATASET`: prove a dataset's scorer on its real rows."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from evalctl.cli import candidates
from evalctl.cli.arguments import AsJson, DataFolders
from evalctl.cli.start import data_folders, load_plugins
from evalctl.executors.choice import SandboxWish
from evalctl.gold import (
    GoldReport,
    perturbed,
    planned_for_check,
    prove,
    render_gold,
    write_gold,
)
from evalctl.plan import load_dataset, sandbox_for

SHOWN_ROWS = 20


def check(  # noqa: PLR0913  # one parameter a flag
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET", help="Registered name.", autocompletion=candidates.datasets
        ),
    ],
    data: DataFolders = None,
    gold_file: Annotated[
        Path | None,
        typer.Option("--write-gold", metavar="FILE", help="Write the gold answers for `replay`."),
    ] = None,
    wrong_file: Annotated[
        Path | None,
        typer.Option("--write-perturbed", metavar="FILE", help="Write wrong ones likewise."),
    ] = None,
    executor: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Sandbox for programs (the best that works here).",
            autocompletion=candidates.sandboxes,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score a dataset's gold answers, which must be right, and perturbed ones, which must not.

    Exit code 1 where a row does not score as it must.
    """
    registry = load_plugins().registry
    entry = registry.dataset(dataset)
    spec = entry.spec.with_scorers(entry.spec.own_scorers)
    sandbox = sandbox_for((spec,), SandboxWish(executor=executor), registry)
    loaded = load_dataset(spec, entry.category, data_folders(data))
    if gold_file:
        write_gold(loaded, render_gold(spec), gold_file)
    if wrong_file:
        write_gold(loaded, perturbed(spec), wrong_file)
    planned = planned_for_check(loaded)
    right = prove(planned, render_gold(spec), must_be_right=True, sandbox=sandbox)
    wrong = prove(planned, perturbed(spec), must_be_right=False, sandbox=sandbox)
    if as_json:
        report = {"dataset": spec.name, "gold": _plain(right), "perturbed": _plain(wrong)}
        sys.stdout.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    else:
        console = Console(highlight=False, emoji=False)
        console.print(f"{spec.name}: {loaded.n_available:,} rows from {loaded.located.origin}")
        console.print(f"gold answers that score 1.0: {right.n_right:,} of {right.n_rows:,}")
        console.print(f"perturbed answers that do not: {wrong.n_right:,} of {wrong.n_rows:,}")
        _print_rows(console, "gold answers that fall short", right)
        _print_rows(console, "perturbed answers that score 1.0", wrong)
    raise typer.Exit(1 if right.wrong or wrong.wrong else 0)


def _plain(report: GoldReport) -> dict[str, object]:
    rows = [row._asdict() for row in report.wrong]
    return {"n_rows": report.n_rows, "n_right": report.n_right, "wrong": rows}


def _print_rows(console: Console, title: str, report: GoldReport) -> None:
    if not report.wrong:
        return
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for name in ("sample", "gold", "read", "why"):
        table.add_column(name, overflow="fold")
    for row in report.wrong[:SHOWN_ROWS]:
        table.add_row(*(str(cell)[:200] for cell in row))
    console.print(table, markup=False)
    if len(report.wrong) > SHOWN_ROWS:
        console.print(f"and {len(report.wrong) - SHOWN_ROWS} more; --json lists all")
