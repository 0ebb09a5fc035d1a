"""`evalctl export RUN`: a run in the form that another tool reads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from evalctl.cli import candidates
from evalctl.cli.arguments import RUNS, RunName, RunsFolder
from evalctl.errors import OutputError
from evalctl.exporting import FORMATS, ExportOptions, ExportSource, export, format_named
from evalctl.reporters.figures import printable
from evalctl.store import open_run

STANDARD_OUTPUT = Path("-")


class StandardOutput:
    """Standard output as UTF-8; on a terminal without what could steer it."""

    def __init__(self) -> None:
        """Take it as it is."""
        self._is_terminal = sys.stdout.isatty()

    def write(self, text: str, /) -> None:
        """Write a piece.

        Raises:
            Exit: It cannot be written, or nobody reads it any more: the rest is not made.
        """
        shown = printable(text) if self._is_terminal else text
        sys.stdout.buffer.write(shown.encode())
        if getattr(getattr(sys.stdout.buffer, "raw", None), "problem", None) is not None:
            raise typer.Exit(1)


def export_run(  # noqa: PLR0913  # one parameter a flag
    run: RunName,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=f"One of {', '.join(FORMATS)}.",
            autocompletion=candidates.export_formats,
        ),
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Where to write; - is standard output; else below RUN/exports.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Export this model of the run alone.",
            autocompletion=candidates.models_of_run,
        ),
    ] = None,
    is_forced: Annotated[
        bool, typer.Option("--force", help="Replace an export that is there already.")
    ] = False,
    is_raw: Annotated[
        bool,
        typer.Option("--raw", help="csv: leave cells that begin like a formula as they are."),
    ] = False,
    out: RunsFolder = RUNS,
) -> None:
    """Write a run in the form that another tool reads.

    The target is complete or not there; what was there before is kept, unless --force is given.
    """
    wanted = format_named(form)
    if is_raw and wanted.name != "csv":
        raise OutputError(f"--raw is for csv; {wanted.name} holds every text as it is, always")
    if to == STANDARD_OUTPUT and wanted.kind != "text":
        raise OutputError(f"{wanted.name} is no text that could go to standard output; give --to")
    source = ExportSource.read(open_run(run, out), model)
    target = wanted.default_target(source) if to is None else to
    sink = StandardOutput() if to == STANDARD_OUTPUT else target
    noticed = export(source, wanted, sink, ExportOptions(is_raw=is_raw), is_forced=is_forced)
    for warning in (*source.warnings, *noticed):
        sys.stderr.write(f"warning: {printable(warning)}\n")
    if to != STANDARD_OUTPUT:
        sys.stdout.write(f"{target}\n")
