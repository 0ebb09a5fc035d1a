"""A run's own report: where what its models are declared to be good at is not what came out."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from evalctl import config
from evalctl.cli.start import load_plugins
from evalctl.comparing import declared, measure, open_side
from evalctl.config import UserConfig
from evalctl.errors import EvalctlError
from evalctl.reporters.figures import printable
from evalctl.results import RunResult
from evalctl.store import RunFolder

MOST_SAMPLES = 200_000
"""Over all models; a larger run is left to `evalctl specialization`, as all are read again."""


def print_disagreements(console: Console, folder: Path, result: RunResult) -> None:
    """Print a line for each declared speciality that a run of several models does not bear out."""
    n_done = sum(dataset.n_done for model in result.models for dataset in model.datasets)
    if len(result.models) < 2 or n_done > MOST_SAMPLES:
        return
    try:
        lines = _disagreements(folder)
    except EvalctlError:  # the report is not the place where a run folder is judged
        return
    for line in lines:
        console.print(Text.assemble(("speciality: ", "bold yellow"), printable(line)))


def _disagreements(folder: Path) -> list[str]:
    sides = open_side(str(folder), folder.parent)
    registry = load_plugins(is_quiet=True).registry
    find = partial(declared, registry=registry, config=_settings(folder))
    if not any(find(side.model).weights for side in sides):
        return []
    return [f"{row.model}: {row.remark}" for row in measure(sides, find).rows if row.remark]


def _settings(folder: Path) -> UserConfig:
    """Return the run's own configuration, whatever stands in its file now."""
    manifest = RunFolder(folder).manifest()
    if manifest.config is None:
        return UserConfig()
    return config.load(Path(str(manifest.asked.get("config"))), manifest.config)
