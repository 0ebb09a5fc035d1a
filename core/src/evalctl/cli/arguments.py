"""Arguments and options that several commands take, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalctl.cli import candidates

RUNS = Path("runs")
"""Where run folders are, unless `--out` says otherwise."""

RunName = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="Name of a run, or its folder.", autocompletion=candidates.runs
    ),
]

RunNames = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN...",
        help="Names or folders of runs; RUN:MODEL takes one model of a run.",
        show_default=False,
        autocompletion=candidates.sides,
    ),
]

RunsFolder = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="The folder of runs; receives new ones.")
]

DataFolders = Annotated[
    list[Path] | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Where datasets' own files are; repeatable; also EVALCTL_DATA.",
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]

ShowUnsafe = Annotated[
    bool,
    typer.Option("--show-unsafe", help="Show texts that may hurt, which are hidden otherwise."),
]

_FLAGS = {
    "categories": "--category",
    "models": "--model",
    "datasets": "--dataset",
    "all_samples": "--samples",
    "cache": "--no-cache",
    "judges": "--judge",
    "engine_options": "--engine-option",
    "data_folders": "--data",
}
"""Flags of `evalctl run` that are not called as the field of `RunSpec` is."""


def flag_of(field: str) -> str:
    """Return the flag of `evalctl run` that fills a field of `RunSpec`."""
    return _FLAGS.get(field, f"--{field.replace('_', '-')}")
