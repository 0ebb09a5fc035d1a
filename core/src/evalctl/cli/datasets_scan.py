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

ScannedFolder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder to look through.")]


def scan(
    folder: ScannedFolder,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where anything with rows is not ready.")
    ] = False,
    show_unsafe: ShowUnsafe = False,
    as_json: AsJson = False,
) -> None:
    """Tell which data sets a folder holds, whether every row can be run, and what is wrong.

    Files are recognised by what their rows hold; names only help. Nothing in the folder is run,
    unpickled or written, and links out of it are not followed.
    """
    registry = load_plugins().registry
    with watching() as watch:
        report = scanner.scan(folder, registry, watch)
    if as_json:
        written = report.model_dump(mode="json")
        sys.stdout.write(json.dumps(written, indent=2, ensure_ascii=False) + "\n")
    else:
        print_scan(report, shows_unsafe=show_unsafe)
    raise typer.Exit(1 if strict and not report.is_ready else 0)
