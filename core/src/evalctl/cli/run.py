"""`evalctl run`: from flags to a plan, from a plan to a result."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from evalctl import plan as planning
from evalctl.cli.arguments import flag_of
from evalctl.cli.progress import make_observer
from evalctl.cli.resuming import resume as go_on_with
from evalctl.cli.resuming import tell_how_to_resume
from evalctl.cli.show_plan import print_plan
from evalctl.cli.speciality import print_disagreements
from evalctl.cli.start import data_folders, load_plugins
from evalctl.errors import ConfigError
from evalctl.estimates import Estimates, estimate_plan
from evalctl.plan import Plan, RunSpec
from evalctl.reporters.terminal import print_result, printable
from evalctl.results import RunResult
from evalctl.run import execute, new_run_folder

EXIT_CODES = {"complete": 0, "failed": 1, "out_of_budget": 3, "interrupted": 130}

_WHAT = "What to run"
_HOW = "How to ask"
_ENGINE = "Engine"
_WHERE = "Files and limits"


def run(  # noqa: PLR0913  # one parameter a flag: the command line is this wide
    category: Annotated[
        list[str] | None,
        typer.Option(
            "--category", "-c", help="Short or long name; repeatable.", rich_help_panel=_WHAT
        ),
    ] = None,
    all_categories: Annotated[
        bool, typer.Option("--all-categories", help="Every category.", rich_help_panel=_WHAT)
    ] = False,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            help="Registered name, or ENGINE:PATH; repeatable.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    min_specialization: Annotated[
        float | None,
        typer.Option(
            metavar="WEIGHT",
            help="Only registered models of at least this specialization weight (0 to 1).",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option("--dataset", "-d", help="Registered name; repeatable.", rich_help_panel=_WHAT),
    ] = None,
    samples: Annotated[
        str | None,
        typer.Option(
            "--samples",
            "-n",
            help="Samples per dataset (100), a fixed random subset; or `all`.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    only_recorded: Annotated[
        bool,
        typer.Option(
            "--only-recorded",
            help="Of recorded outputs (replay:FILE), only samples that the file has.",
            rich_help_panel=_WHAT,
        ),
    ] = False,
    until_width: Annotated[
        float | None,
        typer.Option(
            "--until-width",
            metavar="W",
            help="Stop a dataset once its 95 % interval is as narrow, such as 0.04.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(help="Completions per sample: avg@k, pass@k, maj@k.", rich_help_panel=_HOW),
    ] = None,
    pass_k: Annotated[
        str | None,
        typer.Option(
            metavar="K,...",
            help="The k's of pass@k, such as 1,10; needs as many --repeats.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of all sampling.", rich_help_panel=_HOW)] = 0,
    shots: Annotated[
        int | None, typer.Option(help="Worked examples before each question.", rich_help_panel=_HOW)
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(help="0 is greedy.", rich_help_panel=_HOW)
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(help="Limit on new tokens.", rich_help_panel=_HOW)
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(help="Judge model, registered or ENGINE:PATH.", rich_help_panel=_HOW),
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="Engine for registered models.", rich_help_panel=_ENGINE)
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="Preset of registered models.", rich_help_panel=_ENGINE)
    ] = None,
    engine_option: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Repeatable.", rich_help_panel=_ENGINE),
    ] = None,
    executor: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Sandbox for programs (the best that works here).",
            rich_help_panel=_ENGINE,
        ),
    ] = None,
    unsafe_local_execution: Annotated[
        bool,
        typer.Option(
            "--unsafe-local-execution",
            help="Allow programs without a sandbox, where none works.",
            rich_help_panel=_ENGINE,
        ),
    ] = False,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Where datasets' own files are; repeatable; also EVALCTL_DATA.",
            rich_help_panel=_WHERE,
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Receives the run's folder.", rich_help_panel=_WHERE)
    ] = Path("runs"),
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="YAML with overrides.", rich_help_panel=_WHERE),
    ] = None,
    cache: Annotated[
        bool,
        typer.Option(
            "--cache/--no-cache",
            help="Look up what was generated before, and keep what is new.",
            rich_help_panel=_HOW,
        ),
    ] = True,
    max_errors: Annotated[
        int | None,
        typer.Option(
            help="Failures on our side that are put up with (0): more make the exit code 1.",
            rich_help_panel=_WHERE,
        ),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option(
            metavar="AMOUNT",
            help="Stop before hosted models cost more, in their prices' currency; can be resumed.",
            rich_help_panel=_WHERE,
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Try a model that cannot fit into memory.",
            rich_help_panel=_WHERE,
        ),
    ] = False,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="Go on with a run: exactly what is missing.",
            rich_help_panel=_WHERE,
        ),
    ] = None,
    accept_changes: Annotated[
        bool,
        typer.Option(
            "--accept-changes",
            help="Resume though plugins, data or models have changed.",
            rich_help_panel=_WHERE,
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Print the plan, what it will take, and the first prompts; stop."
        ),
    ] = False,
    probe: Annotated[
        bool,
        typer.Option("--probe", help="With --dry-run: load the models and time some prompts."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Run models on the datasets of a category, and score them.

    Without --model, every registered model that can run here; where none can, the small reference
    model that ships with evalctl, so that you see the real thing at once.
    """
    takes_all = (samples or "").lower() == "all"
    asked = _asked(
        {
            "categories": category or (),
            "all_categories": all_categories,
            "models": model or (),
            "min_specialization": min_specialization,
            "datasets": dataset or (),
            "samples": None if takes_all else samples,
            "all_samples": takes_all,
            "only_recorded": only_recorded,
            "until_width": until_width,
            "repeats": repeats,
            "pass_k": None if pass_k is None else tuple(pass_k.split(",")),
            "seed": seed,
            "shots": shots,
            "temperature": temperature,
            "max_tokens": max_tokens,
            "cache": cache,
            "judge": judge,
            "engine": engine,
            "preset": preset,
            "engine_options": _pairs(engine_option or ()),
            "executor": executor,
            "unsafe_local_execution": unsafe_local_execution,
            "data_folders": data_folders(data),
            "out": out,
            "config": config,
            "max_errors": max_errors,
            "max_cost": max_cost,
            "force": force,
        }
    )
    _check_modes(dry_run=dry_run, probe=probe, resume=resume, accept_changes=accept_changes)
    if resume is not None:
        done = go_on_with(resume, asked, accepts_changes=accept_changes, is_quiet=as_json)
        finish(*done, as_json=as_json)
    _begin(asked, is_dry=dry_run, with_probe=probe, as_json=as_json)


def _begin(asked: RunSpec, *, is_dry: bool, with_probe: bool, as_json: bool) -> None:
    """Make the plan, and carry it out unless only the plan is wanted."""
    with redirect_stdout(sys.stderr):  # what a plugin's code prints is no result
        plan = planning.make(asked, load_plugins())
    if is_dry:
        print_plan(plan, look_ahead(plan, with_probe=with_probe), as_json=as_json)
        return
    finish(*carry_out(plan, is_quiet=as_json), as_json=as_json)


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


def finish(result: RunResult, folder: Path, *, as_json: bool) -> NoReturn:
    """Print what came out, and how to go on where something is missing; exit with its code."""
    if as_json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        console = Console(highlight=False, emoji=False)
        print_result(console, result)
        print_disagreements(console, folder, result)
        console.print(f"results: {folder}", soft_wrap=True, style="dim")
    is_ended = result.status in {"interrupted", "out_of_budget"}
    is_lacking = is_ended or any(model.error for model in result.models)
    datasets = (dataset for model in result.models for dataset in model.datasets)
    if is_lacking or any(d.n_done < d.n_samples or d.failures.engine for d in datasets):
        more = "--max-cost MORE" if result.status == "out_of_budget" else ""
        tell_how_to_resume(folder, more)
    raise typer.Exit(EXIT_CODES[result.status])


def look_ahead(plan: Plan, *, with_probe: bool) -> Estimates:
    """Return what a plan will take; a probe tells on standard error what it is waiting for."""

    def tell(text: str) -> None:
        sys.stderr.write(f"probe: {printable(text)}\n")

    with redirect_stdout(sys.stderr):
        return estimate_plan(plan, tell if with_probe else None)


def _check_modes(*, dry_run: bool, probe: bool, resume: str | None, accept_changes: bool) -> None:
    if dry_run and resume is not None:
        raise ConfigError("--dry-run goes without --resume; `evalctl show` tells about a run")
    if accept_changes and resume is None:
        raise ConfigError("--accept-changes goes with --resume RUN")
    if probe and not dry_run:
        raise ConfigError("--probe goes with --dry-run; a run measures its own speed")


def _pairs(options: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for option in options:
        key, separator, value = option.partition("=")
        if not separator or not key:
            raise ConfigError(f"--engine-option {option!r}: write it as KEY=VALUE")
        if key in pairs:
            raise ConfigError(f"--engine-option {key} is given twice")
        pairs[key] = value
    return pairs


def _asked(values: Mapping[str, object]) -> RunSpec:
    try:
        return RunSpec.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        flag = flag_of(str(problem["loc"][0]))
        reason = (
            "give a whole number, 1 or more, or `all`" if flag == "--samples" else problem["msg"]
        )
        raise ConfigError(f"{flag} {problem['input']}: {reason}") from None
