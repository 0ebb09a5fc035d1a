"""`evalctl gate RUN --policy FILE`: an exit code that a CI job can rely on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evalctl.cli import candidates
from evalctl.cli.arguments import RUNS, AsJson, RunsFolder
from evalctl.comparing import hold_against, open_side
from evalctl.reporters.gate import print_gate

PASSED = 0
SHUT = 1


def gate(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            help="Name of a run, or its folder; RUN:MODEL takes one model of it.",
            autocompletion=candidates.sides,
        ),
    ],
    policy: Annotated[Path, typer.Option(metavar="FILE", help="YAML with what the run must hold.")],
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="The run that `regression` rules compare with.",
            autocompletion=candidates.sides,
        ),
    ] = None,
    out: RunsFolder = RUNS,
    as_json: AsJson = False,
) -> None:
    """Hold a run against a policy: floors, no regression, few failures.

    Exit codes: 0 all rules hold, 1 at least one does not, 2 a mistake in the policy or the command.
    """
    reference = open_side(baseline, out) if baseline is not None else ()
    result = hold_against(open_side(run, out), policy, baseline=reference)
    if as_json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        print_gate(Console(highlight=False, emoji=False), result)
    raise typer.Exit(PASSED if result.passed else SHUT)
