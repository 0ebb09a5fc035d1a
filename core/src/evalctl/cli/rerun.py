"""`evalctl rerun RUN`: the same again, and which outputs came out otherwise."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from evalctl.cli.arguments import (
    RUNS,
    AsJson,
    DataFolders,
    RunName,
    RunsFolder,
    ShowUnsafe,
)
from evalctl.cli.progress import make_observer
from evalctl.cli.resuming import tell_how_to_resume
from evalctl.cli.running import EXIT_CODES
from evalctl.cli.start import data_folders, load_plugins, return_to
from evalctl.reporters.figures import percent, printable
from evalctl.reporters.hiding import hidden
from evalctl.reporters.terminal import print_result
from evalctl.results import RunResult
from evalctl.run import Afresh, Change, Order, Repetition, compare_outputs, reopen
from evalctl.run import rerun as run_again
from evalctl.store import open_run


def rerun(  # noqa: PLR0913  # one parameter a flag
    run: RunName,
    same_order: Annotated[
        bool,
        typer.Option(
            "--same-order", help="Ask in the same order; else in another, so that batches differ."
        ),
    ] = False,
    accept_changes: Annotated[
        bool,
        typer.Option("--accept-changes", help="Though plugins, data or models have changed."),
    ] = False,
    data: DataFolders = None,
    out: RunsFolder = RUNS,
    show_unsafe: ShowUnsafe = False,
    as_json: AsJson = False,
) -> None:
    """Run a run's manifest again and report each sample whose output changed.

    Data and models must be what they were, by their hashes. Seeds are the same, the cache is left
    out, and samples are asked in another order: what changes then depends on what else was in its
    batch, or on chance. `changes.jsonl` of the new run folder has every change.
    """
    origin = open_run(run, out)
    folders, out = data_folders(data), out.absolute()
    return_to(origin)
    with redirect_stdout(sys.stderr):
        again = reopen(origin, load_plugins(), Afresh(folders, out))
    if not accept_changes:
        again.refuse_changes("run it again")
    order: Order = "same" if same_order else "shuffled"
    with redirect_stdout(sys.stderr), make_observer(is_quiet=as_json) as observer:
        result, folder = run_again(again, origin, observer, order=order)
        repetition, first = compare_outputs(again.plan.models, origin, folder, order=order)
    if as_json:
        both = {"summary": result, "repetition": repetition}
        shown = {name: value.model_dump(mode="json") for name, value in both.items()}
        sys.stdout.write(json.dumps(shown, indent=2) + "\n")
    else:
        console = Console(highlight=False, emoji=False)
        print_result(console, result, shows_unsafe=show_unsafe)
        _print(console, repetition, first if show_unsafe else _hidden(first, result))
        console.print(f"results: {folder.path}", soft_wrap=True, style="dim")
    if result.status != "complete":
        tell_how_to_resume(folder.path)
    raise typer.Exit(EXIT_CODES[result.status])


def _hidden(changes: tuple[Change, ...], result: RunResult) -> tuple[Change, ...]:
    """Return changes without the texts of datasets that may hurt."""
    unsafe = {one.dataset for model in result.models for one in model.datasets if one.is_unsafe}
    return tuple(
        change.model_copy(update={"before": hidden(change.before), "after": hidden(change.after)})
        if change.dataset in unsafe
        else change
        for change in changes
    )


def _print(console: Console, found: Repetition, first: tuple[Change, ...]) -> None:
    share = found.n_changed / found.n_compared if found.n_compared else None
    how = "in another order" if found.order == "shuffled" else "in the same order"
    console.print(
        Text(
            f"asked again {how}: the outputs of {found.n_changed:,} of {found.n_compared:,} "
            f"samples changed ({percent(share)}), and with them the scores of "
            f"{found.n_scores_changed:,}",
            "bold",
        )
    )
    if found.n_missing:
        console.print(f"{found.n_missing:,} samples are in one of the two runs alone")
    for change in first:
        place = f"{change.dataset} {change.sample_id}, from character {change.position:,} on"
        console.print(Text(printable(place), "dim"))
        console.print(Text(f"  before: {printable(change.before)!r}"))
        console.print(Text(f"  after:  {printable(change.after)!r}"))
    if found.n_changed > len(first):
        console.print(Text("changes.jsonl in the new run folder has all of them", "dim"))
