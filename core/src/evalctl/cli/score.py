"""`evalctl score RUN`: the answers of a run, scored again with the scorers that there are now."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from evalctl.cli import candidates
from evalctl.cli.arguments import (
    RUNS,
    AsJson,
    DataFolders,
    RunName,
    RunsFolder,
    ShowUnsafe,
)
from evalctl.cli.progress import make_observer
from evalctl.cli.resuming import how_to_score_again
from evalctl.cli.running import EXIT_CODES
from evalctl.cli.start import data_folders, load_plugins
from evalctl.errors import OutputError
from evalctl.reporters.figures import printable, scale_of
from evalctl.reporters.terminal import print_result
from evalctl.results import RunResult, n_unjudged
from evalctl.run import Afresh, plan_rescoring, rescore
from evalctl.store import RunFolder, open_run


def score(  # noqa: PLR0913  # one parameter a flag
    run: RunName,
    data: DataFolders = None,
    out: RunsFolder = RUNS,
    judge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL",
            help="Have it judge the answers; repeatable. Else earlier verdicts are read again.",
            autocompletion=candidates.models,
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="RUN|FILE",
            help="Other answers that judges hold each answer against.",
            autocompletion=candidates.sides,
        ),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option(metavar="AMOUNT", help="Stop before hosted judges cost more.", min=0.0),
    ] = None,
    show_unsafe: ShowUnsafe = False,
    as_json: AsJson = False,
) -> None:
    """Score the answers of a run again with the present scorers, without asking a model.

    The new run folder has all samples with their new scores, and a summary that names each
    scorer's version then and now. The old one stays as it is.
    """
    stored = open_run(run, out)
    judges = tuple(judge) if judge else None
    afresh = Afresh(data_folders(data), out, max_cost, judges, baseline)
    with redirect_stdout(sys.stderr):
        asked = plan_rescoring(stored, load_plugins(), afresh)
        with make_observer(is_quiet=as_json) as observer:
            result, folder = rescore(asked, observer)
    if as_json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
        raise typer.Exit(EXIT_CODES[result.status])
    console = Console(highlight=False, emoji=False)
    print_result(console, result, shows_unsafe=show_unsafe)
    for line in _versions(result):
        console.print(Text(line, "dim"))
    for line in _differences(_before(stored), result):
        console.print(Text(line))
    console.print(f"results: {folder.path}", soft_wrap=True, style="dim")
    _tell_how_to_go_on(folder, result)
    raise typer.Exit(EXIT_CODES[result.status])


def _tell_how_to_go_on(folder: RunFolder, result: RunResult) -> None:
    """Say on standard error how to have the rest judged, where judges were stopped or failed."""
    origin = folder.manifest().derived_from
    datasets = [dataset for model in result.models for dataset in model.datasets]
    has_asked = any(model.error for model in result.models)
    if origin is not None and has_asked and any(n_unjudged(one) for one in datasets):
        more = " --max-cost MORE" if result.status == "out_of_budget" else ""
        sys.stderr.write(f"to go on: {how_to_score_again(folder, origin)}{more}\n")


def _before(stored: RunFolder) -> RunResult | None:
    try:
        return stored.summary()
    except OutputError:  # the run did not end: there is nothing to hold the new scores against
        return None


def _versions(result: RunResult) -> list[str]:
    """Return which scorers have another version than they had."""
    lines = [
        printable(f"scorer {name}: {found.then or 'none'} then, {found.now or 'none'} now")
        for name, found in result.rescored.items()
        if found.then != found.now
    ]
    count = len(result.rescored)
    same = f"all {count} scorers have the version they had"
    return lines or [same if count > 1 else "the only scorer has the version it had"]


def _differences(before: RunResult | None, now: RunResult) -> list[str]:
    """Return what became of each headline metric."""
    if before is None:
        return []
    then = {
        (model.model, dataset.dataset): dataset.metric(dataset.headline)
        for model in before.models
        for dataset in model.datasets
    }
    lines = []
    for model in now.models:
        for dataset in model.datasets:
            new, old = dataset.metric(dataset.headline), then.get((model.model, dataset.dataset))
            if new is not None and old is not None:
                what = f"{model.model} on {dataset.dataset}, {dataset.headline}"
                then_told, now_told = (
                    f"{scale.told(one.value)}{scale.unit if one.value is not None else ''}"
                    for one, scale in ((old, scale_of(old)), (new, scale_of(new)))
                )
                lines.append(printable(f"{what}: {then_told} → {now_told}"))
    return lines
