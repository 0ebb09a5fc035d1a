"""`evalctl compare RUN RUN`: which model is better, and how sure that is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evalctl.cli import candidates
from evalctl.cli.arguments import RUNS, AsJson, RunNames, RunsFolder
from evalctl.comparing import RunSide, compare, open_side, open_sides
from evalctl.errors import UsageError
from evalctl.reporters.comparison import print_comparison


def compare_runs(
    runs: RunNames,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="Compare each with this one, and not all pairs.",
            autocompletion=candidates.sides,
        ),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="One more metric besides the headline ones; repeatable.",
            autocompletion=candidates.metrics,
        ),
    ] = None,
    out: RunsFolder = RUNS,
    as_json: AsJson = False,
) -> None:
    """Compare models on the samples that they share.

    Every model of every run is a side; a single run with several models is compared with itself.
    Only samples that both sides have are counted, so that the questions are the same.
    """
    sides = open_sides(runs, out)
    reference = _baseline(baseline, out) if baseline is not None else None
    if reference is not None:
        sides = tuple(side for side in sides if side.key != reference.key)
    comparison = compare(sides, baseline=reference, metrics=metric or ())
    if as_json:
        sys.stdout.write(comparison.model_dump_json(indent=2) + "\n")
        return
    print_comparison(Console(highlight=False, emoji=False), comparison)


def _baseline(argument: str, out: Path) -> RunSide:
    sides = open_side(argument, out)
    if len(sides) > 1:
        models = ", ".join(f"{argument}:{side.model}" for side in sides)
        raise UsageError(f"--baseline {argument} has several models; name one: {models}")
    return sides[0]
