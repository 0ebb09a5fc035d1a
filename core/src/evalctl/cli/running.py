"""Carrying out what `evalctl run` was asked for, and telling what came out.

The flags are in `run.py`, which imports this when they have been read: help and shell completion
need no more than the flags.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from evalctl import plan as planning
from evalctl.cli.arguments import flag_of
from evalctl.cli.progress import make_observer
from evalctl.cli.resuming import resume, tell_how_to_resume
from evalctl.cli.show_plan import print_plan
from evalctl.cli.speciality import print_disagreements
from evalctl.cli.start import load_plugins
from evalctl.errors import ConfigError
from evalctl.estimates import Estimates, estimate_plan
from evalctl.plan import Plan, RunSpec
from evalctl.reporters.figures import printable
from evalctl.reporters.terminal import print_result
from evalctl.results import ModelResult, RunResult, n_unjudged
from evalctl.run import execute, new_run_folder, with_baseline
from evalctl.scales import counted

EXIT_CODES = {"complete": 0, "failed": 1, "out_of_budget": 3, "interrupted": 130}


class Shown(NamedTuple):
    """How it is told what came out."""

    as_json: bool
    """As JSON, which holds all texts."""
    unsafe: bool = False
    """With texts that may hurt, where people read it."""


def begin(asked: RunSpec, shown: Shown, *, is_dry: bool, with_probe: bool) -> None:
    """Make the plan, and carry it out unless only the plan is wanted."""
    with redirect_stdout(sys.stderr):  # what a plugin's code prints is no result
        plan = with_baseline(planning.make(asked, load_plugins()))
    if is_dry:
        estimates = look_ahead(plan, with_probe=with_probe)
        print_plan(plan, estimates, as_json=shown.as_json, shows_unsafe=shown.unsafe)
        return
    finish(*carry_out(plan, is_quiet=shown.as_json), shown)


def go_on(name: str, asked: RunSpec, shown: Shown, *, accepts_changes: bool) -> NoReturn:
    """Carry out what is missing of a run, and print what came out of all of it."""
    done = resume(name, asked, accepts_changes=accepts_changes, is_quiet=shown.as_json)
    finish(*done, shown)


def carry_out(plan: Plan, *, is_quiet: bool) -> tuple[RunResult, Path]:
    """Execute a plan with its progress on standard error; return the result and its folder."""
    folder = new_run_folder(plan)
    try:
        with make_observer(is_quiet=is_quiet) as observer, redirect_stdout(sys.stderr):
            result = execute(plan, folder, observer)
    except KeyboardInterrupt:
        tell_how_to_resume(folder.path)
        raise
    return result, folder.path


def finish(result: RunResult, folder: Path, shown: Shown) -> NoReturn:
    """Print what came out, and how to go on where something is missing; exit with its code."""
    if shown.as_json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        console = Console(highlight=False, emoji=False)
        print_result(console, result, shows_unsafe=shown.unsafe)
        print_disagreements(console, folder, result)
        console.print(f"results: {folder}", soft_wrap=True, style="dim")
    is_ended = result.status in {"interrupted", "out_of_budget"}
    if is_ended or any(map(_lacks_any, result.models)):
        more = "--max-cost MORE" if result.status == "out_of_budget" else ""
        tell_how_to_resume(folder, more)
    for model in result.models:
        if not is_ended and model.recording and (gaps := _unrecorded(model)):
            sys.stderr.write(f"{printable(model.recording)} lacks outputs for {gaps}; once it has")
            sys.stderr.write(" them,\n")
            tell_how_to_resume(folder, "--accept-changes")
    raise typer.Exit(EXIT_CODES[result.status])


def _lacks_any(model: ModelResult) -> bool:
    """Whether something is missing that asking again may bring."""
    if model.error:
        return True
    is_whole = all(
        one.n_done == one.n_samples
        and not (one.failures.engine and not model.recording)
        and not n_unjudged(one)
        for one in model.datasets
    )
    return not is_whole


def _unrecorded(model: ModelResult) -> str:
    """Return of how many samples a recording has no outputs, in words; empty where it has all."""
    return ", ".join(
        f"{one.failures.engine - one.n_lost:,} of {counted(one.n_samples, 'sample')} of "
        f"{one.dataset}"
        for one in model.datasets
        if one.failures.engine > one.n_lost
    )


def look_ahead(plan: Plan, *, with_probe: bool) -> Estimates:
    """Return what a plan will take; a probe tells on standard error what it is waiting for."""

    def tell(text: str) -> None:
        sys.stderr.write(f"probe: {printable(text)}\n")

    with redirect_stdout(sys.stderr):
        return estimate_plan(plan, tell if with_probe else None)


def check_modes(*, dry_run: bool, probe: bool, resume: str | None, accept_changes: bool) -> None:
    """Refuse flags that do not go together.

    Raises:
        ConfigError: Some do not.
    """
    if dry_run and resume is not None:
        raise ConfigError("--dry-run goes without --resume; `evalctl show` tells about a run")
    if accept_changes and resume is None:
        raise ConfigError("--accept-changes goes with --resume RUN")
    if probe and not dry_run:
        raise ConfigError("--probe goes with --dry-run; a run measures its own speed")


def pairs(options: Sequence[str]) -> dict[str, str]:
    """Return the options that `KEY=VALUE` texts give.

    Raises:
        ConfigError: One is not of that form, or is given twice.
    """
    pairs: dict[str, str] = {}
    for option in options:
        key, separator, value = option.partition("=")
        if not separator or not key:
            raise ConfigError(f"--engine-option {option!r}: write it as KEY=VALUE")
        if key in pairs:
            raise ConfigError(f"--engine-option {key} is given twice")
        pairs[key] = value
    return pairs


def asked_for(values: Mapping[str, object]) -> RunSpec:
    """Return what was asked for, by the fields of `RunSpec`; `samples` may be `all`.

    Raises:
        ConfigError: A value does not fit; the message names its flag.
    """
    if str(values["samples"]).lower() == "all":
        values = {**values, "samples": None, "all_samples": True}
    try:
        return RunSpec.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        flag = flag_of(str(problem["loc"][0]))
        reason = (
            "give a whole number, 1 or more, or `all`" if flag == "--samples" else problem["msg"]
        )
        raise ConfigError(f"{flag} {problem['input']}: {reason}") from None
