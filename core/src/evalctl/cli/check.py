"""`evalctl check DATASET`: whether real rows can be trusted, and whether their scorer can."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalctl.cli import candidates
from evalctl.cli.arguments import AsJson, DataFolders, ShowUnsafe
from evalctl.cli.check_report import Proof, Report, print_as_json, print_report
from evalctl.cli.start import data_folders, load_plugins
from evalctl.cli.watching import watching
from evalctl.errors import SandboxMissingError
from evalctl.estimates.tokenizer import Counter, by_characters, tokenizer_at
from evalctl.executors.choice import ChosenSandbox, SandboxWish
from evalctl.plan import sandbox_for
from evalctl.proving import (
    Survey,
    Tokens,
    Wanted,
    Watch,
    perturbed,
    planned_for_check,
    prove,
    render_gold,
    survey,
    why_unproven,
    write_gold,
)
from evalctl.registry import Registry
from evalctl.specs import DatasetSpec


def check(  # noqa: PLR0913  # one parameter a flag
    dataset: Annotated[
        str,
        typer.Argument(
            metavar="DATASET", help="Registered name.", autocompletion=candidates.datasets
        ),
    ],
    data: DataFolders = None,
    samples: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="Score the gold answers of N samples alone, spread as a run's are; 0 scores none.",
        ),
    ] = None,
    tokenizer: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Count tokens with the tokenizer.json there; else estimated."
        ),
    ] = None,
    gold_file: Annotated[
        Path | None,
        typer.Option("--write-gold", metavar="FILE", help="Write the gold answers for `replay`."),
    ] = None,
    wrong_file: Annotated[
        Path | None,
        typer.Option("--write-perturbed", metavar="FILE", help="Write wrong ones likewise."),
    ] = None,
    executor: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Sandbox for programs (the best that works here).",
            autocompletion=candidates.sandboxes,
        ),
    ] = None,
    show_unsafe: ShowUnsafe = False,
    as_json: AsJson = False,
) -> None:
    """Look at every row of a dataset, and score its gold answers and wrong ones.

    Gold answers must score full marks, wrong ones must not, and every row must make a prompt: exit
    code 1 where one does not. What only a person can judge is told as `look`.
    """
    registry = load_plugins().registry
    entry = registry.dataset(dataset)
    spec = entry.spec.with_scorers(entry.spec.own_scorers)  # what others added is theirs to prove
    if gold_file or wrong_file:
        render_gold(spec)
    counter = tokenizer_at(tokenizer) if tokenizer else Counter(by_characters, is_exact=False)
    unproven = "--samples 0 leaves them out" if samples == 0 else why_unproven(spec)
    sandbox = None if unproven else _sandbox(spec, executor, registry)
    wanted = Wanted(
        spec=spec,
        category=entry.category,
        data_folders=data_folders(data),
        models=registry.models_of(entry.category),
        tokens=Tokens(counter.count, counter.is_exact),
        limit=samples,
    )
    with watching() as watch:
        seen = survey(wanted, watch)
        if gold_file:
            write_gold(seen.loaded, render_gold(spec), gold_file)
        if wrong_file:
            write_gold(seen.loaded, perturbed(spec), wrong_file)
        proof = Proof(unproven) if unproven else _prove(seen, sandbox, watch)
    report = Report(seen, proof)
    if as_json:
        print_as_json(report)
    else:
        print_report(report, shows_unsafe=show_unsafe)
    raise typer.Exit(1 if report.verdict == "failed" else 0)


def _sandbox(spec: DatasetSpec, executor: str | None, registry: Registry) -> ChosenSandbox | None:
    try:
        return sandbox_for((spec,), SandboxWish(executor=executor), registry)
    except SandboxMissingError as error:
        raise SandboxMissingError(
            f"{error} (--samples 0 looks at the rows and runs no program)"
        ) from None


def _prove(seen: Survey, sandbox: ChosenSandbox | None, watch: Watch) -> Proof:
    planned = planned_for_check(seen.loaded)
    spec = seen.loaded.spec
    right = prove(planned, render_gold(spec), must_be_right=True, sandbox=sandbox, watch=watch)
    wrong = prove(planned, perturbed(spec), must_be_right=False, sandbox=sandbox, watch=watch)
    return Proof("", right, wrong)
