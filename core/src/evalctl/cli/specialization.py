"""`evalctl specialization RUN`: how far categories are models' specialities."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from evalctl import config
from evalctl.cli.arguments import RUNS, AsJson, RunNames, RunsFolder
from evalctl.cli.start import load_plugins
from evalctl.comparing import declared, measure, open_sides
from evalctl.config import UserConfig
from evalctl.errors import OutputError
from evalctl.plan import check_config
from evalctl.reporters.specialization import print_specialization


def specialization(
    runs: RunNames,
    config_file: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="YAML that may change declared weights."),
    ] = None,
    out: RunsFolder = RUNS,
    as_json: AsJson = False,
) -> None:
    """Compare what models are declared to be good at with what they are good at.

    Against their own mean in the other categories, and against general models on the same samples.
    """
    sides = open_sides(runs, out)
    registry = load_plugins().registry
    settings = config.load(config_file) if config_file else UserConfig()
    check_config(settings, registry)
    find = partial(declared, registry=registry, config=settings)
    table = measure(sides, find)
    if not table.rows:
        raise OutputError(f"no model has a category score in {', '.join(runs)}")
    if as_json:
        sys.stdout.write(table.model_dump_json(indent=2) + "\n")
        return
    print_specialization(Console(highlight=False), table)
