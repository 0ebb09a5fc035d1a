"""`evalctl datasets scan DIR`: what is in a folder, and whether it can be run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from evalctl import scan as scanner
from evalctl.cli.arguments import AsJson, ShowUnsafe
from evalctl.cli.datasets_report import print_scan
from evalctl.cli.start import load_plugins
from evalctl.cli.watching import watching
from evalctl.scales import counted

Workers = Annotated[int, typer.Option(metavar="N", min=1, help="Processes that read rows.")]
ScannedFolder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder to look through.")]


def scan(  # noqa: PLR0913  # one parameter a flag
    folder: ScannedFolder,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where anything with rows is not ready.")
    ] = False,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Read everything, and keep nothing for later.")
    ] = False,
    workers: Workers = 1,
    near: Annotated[
        bool, typer.Option("--near", help="Also count rows that are nearly what another one is.")
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also look for test rows in the training files there."),
    ] = None,
    show_unsafe: ShowUnsafe = False,
    as_json: AsJson = False,
) -> None:
    """Tell which data sets a folder holds, whether every row can be run, and what is wrong.

    Files are recognised by what their rows hold; names only help. Nothing in the folder is run,
    unpickled or written, and links out of it are not followed. What has not changed since the last
    scan is not read again, and runs with `--data DIR` begin from what was found.
    """
    registry = load_plugins().registry
    with watching() as watch:
        if near or against:
            scanned = scanner.scan(folder, registry, watch, workers=workers)
            report = scanner.look_closer(scanned, near=near, against=against, watch=watch)
        elif afresh:
            report = scanner.scan(folder, registry, watch, workers=workers).report
        else:
            report = scanner.scan_again(folder, registry, watch, workers=workers)
    if as_json:
        written = report.model_dump(mode="json")
        sys.stdout.write(json.dumps(written, indent=2, ensure_ascii=False) + "\n")
    else:
        print_scan(report, shows_unsafe=show_unsafe)
    raise typer.Exit(1 if strict and not report.is_ready else 0)


def index(folder: ScannedFolder, workers: Workers = 1) -> None:
    """Scan a folder for later runs: those with `--data DIR` find its files by what they hold."""
    registry = load_plugins().registry
    with watching() as watch:
        report = scanner.scan_again(folder, registry, watch, workers=workers)
    usable = [one for one in report.sets if one.status in ("ready", "warnings")]
    names = dict.fromkeys(one.dataset for one in usable if one.use == "samples")
    told = f"{len(names)} can be run: {', '.join(names)}" if names else "none can be run"
    sys.stdout.write(f"{folder}: {counted(len(report.sets), 'data set')}; {told}\n")
