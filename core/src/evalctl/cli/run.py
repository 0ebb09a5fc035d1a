"""`evalctl run`: its flags. What becomes of them is in `running.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalctl.cli import candidates
from evalctl.cli.arguments import ShowUnsafe

_WHAT = "What to run"
_HOW = "How to ask"
_ENGINE = "Engine"
_WHERE = "Files and limits"


def run(  # noqa: PLR0913  # one parameter a flag: the command line is this wide
    category: Annotated[
        list[str] | None,
        typer.Option(
            "--category",
            "-c",
            metavar="NAME",
            help="Short or long name; repeatable.",
            rich_help_panel=_WHAT,
            autocompletion=candidates.categories,
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
            metavar="MODEL",
            help="Registered name, or ENGINE:PATH; repeatable.",
            rich_help_panel=_WHAT,
            autocompletion=candidates.models,
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
        typer.Option(
            "--dataset",
            "-d",
            metavar="NAME",
            help="Registered name; repeatable.",
            rich_help_panel=_WHAT,
            autocompletion=candidates.datasets,
        ),
    ] = None,
    samples: Annotated[
        str | None,
        typer.Option(
            "--samples",
            "-n",
            metavar="N",
            help="Samples per dataset (100), a fixed random subset; or `all`.",
            rich_help_panel=_WHAT,
            autocompletion=candidates.sample_counts,
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
        typer.Option(
            metavar="N", help="Completions per sample: avg@k, pass@k, maj@k.", rich_help_panel=_HOW
        ),
    ] = None,
    pass_k: Annotated[
        str | None,
        typer.Option(
            metavar="K,...",
            help="The k's of pass@k, such as 1,10; needs as many --repeats.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Seed of all sampling.", rich_help_panel=_HOW)
    ] = 0,
    shots: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Worked examples before each question.", rich_help_panel=_HOW
        ),
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(metavar="T", help="0 is greedy.", rich_help_panel=_HOW)
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(metavar="N", help="Limit on new tokens.", rich_help_panel=_HOW)
    ] = None,
    judge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL",
            help="Judge model, registered or ENGINE:PATH; repeatable: a panel.",
            rich_help_panel=_HOW,
            autocompletion=candidates.models,
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="RUN|FILE",
            help="Other answers that judges hold each answer against: a run, or recorded outputs.",
            rich_help_panel=_HOW,
            autocompletion=candidates.sides,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Measure another model's speed in turns with --model's, and tell ratios.",
            rich_help_panel=_HOW,
            autocompletion=candidates.models,
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Engine for registered models.",
            rich_help_panel=_ENGINE,
            autocompletion=candidates.engines,
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Preset of registered models.",
            rich_help_panel=_ENGINE,
            autocompletion=candidates.presets,
        ),
    ] = None,
    engine_option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="An option of the engine; repeatable.",
            rich_help_panel=_ENGINE,
        ),
    ] = None,
    executor: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Sandbox for programs (the best that works here).",
            rich_help_panel=_ENGINE,
            autocompletion=candidates.sandboxes,
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
            metavar="N",
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
            autocompletion=candidates.runs,
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
    show_unsafe: ShowUnsafe = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Run models on the datasets of a category, and score them.

    Without --model, every registered model that can run here; where none can, the small reference
    model that ships with evalctl, so that you see the real thing at once.
    """
    from evalctl.cli import running, start  # help and completion come at once without them

    asked = running.asked_for(
        {
            "categories": category or (),
            "all_categories": all_categories,
            "models": model or (),
            "min_specialization": min_specialization,
            "datasets": dataset or (),
            "samples": samples,
            "only_recorded": only_recorded,
            "until_width": until_width,
            "repeats": repeats,
            "pass_k": None if pass_k is None else tuple(pass_k.split(",")),
            "seed": seed,
            "shots": shots,
            "temperature": temperature,
            "max_tokens": max_tokens,
            "cache": cache,
            "judges": judge or (),
            "baseline": baseline,
            "against": against,
            "engine": engine,
            "preset": preset,
            "engine_options": running.pairs(engine_option or ()),
            "executor": executor,
            "unsafe_local_execution": unsafe_local_execution,
            "data_folders": start.data_folders(data),
            "out": out,
            "config": config,
            "max_errors": max_errors,
            "max_cost": max_cost,
            "force": force,
        }
    )
    running.check_modes(dry_run=dry_run, probe=probe, resume=resume, accept_changes=accept_changes)
    shown = running.Shown(as_json, show_unsafe)
    if resume is not None:
        running.go_on(resume, asked, shown, accepts_changes=accept_changes)
    running.begin(asked, shown, is_dry=dry_run, with_probe=probe)
