"""A plan carried out: model after model, every result on disk as it is scored."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from random import Random
from typing import NamedTuple

from evalctl.errors import (
    BudgetSpentError,
    EngineError,
    OutputError,
    StorageError,
    UsageError,
)
from evalctl.measurements import Against
from evalctl.plan import Plan, PlannedModel
from evalctl.results import Failures, ModelResult, RunResult, RunStatus, ScorerVersions
from evalctl.run.baseline import open_baseline
from evalctl.run.interruption import Interruption
from evalctl.run.judging import Bench, StoredVerdicts
from evalctl.run.manifest import make_manifest
from evalctl.run.measuring import measure_models, ratios, standings_of
from evalctl.run.model_run import ModelRun, Recalled, Surroundings
from evalctl.run.observer import Observer
from evalctl.run.remembering import Memory
from evalctl.run.spending import Budget
from evalctl.store import CacheUse, Derivation, Manifest, RunFolder, RunLock


def execute(
    plan: Plan,
    folder: RunFolder,
    observer: Observer,
    *,
    origin: Derivation | None = None,
    order: Random | None = None,
) -> RunResult:
    """Carry out a plan in a new run folder and return its result, which is also in the folder.

    An interruption (Ctrl-C) ends it with the status `interrupted`, and its limit of costs with
    `out_of_budget`, and everything that was scored.

    Args:
        plan: What to do.
        folder: The new folder.
        observer: Is told what happens.
        origin: The run that is repeated; None for a run of its own.
        order: Decides the order in which samples are asked; None takes the usual one.

    Raises:
        UsageError: The only model cannot be loaded; then no folder is left behind.
        OutputError: The run folder cannot be made.
        StorageError: The disk is so full that not even the summary can be written.
        KeyboardInterrupt: A second Ctrl-C came before the summary was written.
    """
    folder.create(make_manifest(plan, folder, origin))
    with RunLock(folder.path), _around(plan, folder, observer) as around:
        around.order = order
        return _carry_all_out(around)


class Stored(NamedTuple):
    """Answers that are scored again."""

    origin: Derivation
    """The run that has them."""
    recalled: Recalled
    """Finds them."""
    versions: Mapping[str, ScorerVersions]
    """Of all scorers, then and now."""
    verdicts: StoredVerdicts | None = None
    """Of the judges that it had; None where it had none."""
    asks_judges: bool = False
    """Whether judges are asked for what they have not said."""


def score_again(plan: Plan, folder: RunFolder, observer: Observer, stored: Stored) -> RunResult:
    """Score stored answers into a new run folder, without any engine but those of judges.

    Raises:
        UsageError: A sample is gone; then no folder is left behind.
        OutputError: The run folder cannot be made.
        StorageError: The disk is full.
        KeyboardInterrupt: A second Ctrl-C came before the summary was written.
    """
    folder.create(make_manifest(plan, folder, stored.origin))
    with RunLock(folder.path), _around(plan, folder, observer) as around:
        around.recalled = (stored.recalled,)
        around.asks_engine = False
        around.versions = stored.versions
        if around.bench is not None:
            asks = stored.asks_judges
            around.bench = replace(around.bench, stored=stored.verdicts, asks=asks)
        return _carry_all_out(around)


def go_on(
    plan: Plan, folder: RunFolder, observer: Observer, *, manifest: Manifest, is_same: bool
) -> RunResult:
    """Carry out what is missing of a run, whose lock the caller holds, and return its result.

    Args:
        plan: The run's plan, made again.
        folder: Its folder.
        observer: Is told what happens.
        manifest: The run's manifest from now on. It is written when the results of all models fit
            what it says, so that a run which ends before is still known to differ.
        is_same: Whether nothing that decides results has changed since.

    Raises:
        UsageError: The only model cannot be loaded; the folder stays as it is.
        OutputError: A file of results is damaged elsewhere than at its end.
        StorageError: A file of results cannot be written, or not even the summary.
        KeyboardInterrupt: A second Ctrl-C came before the summary was written.
    """
    before = _before(folder)
    with _around(plan, folder, observer) as around:
        parts = [_part(around, one, before.get(one.name)) for one in plan.models]
        if not is_same:
            for part in parts:
                part.measurement = None
        with around.interruption.at_work():
            for part in parts:
                part.recover(is_same=is_same)
        folder.amend(manifest)
        folder.set_summary_aside()
        return _carry_out(around, parts)


@contextmanager
def _around(plan: Plan, folder: RunFolder, observer: Observer) -> Iterator[Surroundings]:
    with ExitStack() as stack:
        interruption = stack.enter_context(Interruption())
        memory = stack.enter_context(Memory.of(plan, observer.warn))
        around = Surroundings(plan, folder, observer, interruption, memory, Budget(plan.max_cost))
        if plan.judges:
            baseline = open_baseline(plan.baseline) if plan.baseline else None
            if baseline is not None:
                stack.callback(baseline.close)
            around.bench = Bench(plan.judges, memory, around.budget, baseline)
        yield around


def _carry_all_out(around: Surroundings) -> RunResult:
    """Carry out a new run; where it cannot be begun, no folder is left behind."""
    try:
        return _carry_out(around, [ModelRun(around, model) for model in around.plan.models])
    except UsageError:
        shutil.rmtree(around.folder.path)
        raise


def _before(folder: RunFolder) -> dict[str, ModelResult]:
    """Return a run's results by model, as far as a summary tells."""
    try:
        return {model.model: model for model in folder.summary_before().models}
    except OutputError:
        return {}


def _part(around: Surroundings, model: PlannedModel, before: ModelResult | None) -> ModelRun:
    """Return a model's part of a run that goes on: what it took, and how fast it was, stays."""
    if before is None:
        return ModelRun(around, model)
    return ModelRun(around, model, before.usage, measurement=before.measurement)


def _carry_out(around: Surroundings, parts: list[ModelRun]) -> RunResult:
    """Run one model after the other; those behind an end keep what an earlier session left."""
    models: list[ModelResult] = []
    status: RunStatus = "complete"
    for part in parts:
        if status == "complete":
            status = _run(around, part)
        elif not part.has_results:
            continue
        models.append(part.result())
        around.observer.finished(part.model, models[-1])
    if status == "complete" and around.asks_engine:
        status = _measure(around, list(zip(parts, models, strict=True)))
        models = [
            model.model_copy(update={"measurement": part.measurement, "error": part.error})
            for part, model in zip(parts, models, strict=True)
        ]
    return _summarise(around, models, status, _ratios(around, parts))


def _measure(around: Surroundings, parts: Sequence[tuple[ModelRun, ModelResult]]) -> RunStatus:
    """Measure how fast the models are; what they answered stands, whatever becomes of it."""
    try:
        with around.interruption.at_work():
            measure_models(around, parts)
    except KeyboardInterrupt:
        return "interrupted"
    except (EngineError, StorageError, UsageError) as error:
        for part, _ in parts:
            if part.model.measuring and part.measurement is None:
                part.error = part.error or f"measuring its speed failed: {error}"
        return "failed"
    return "complete"


def _ratios(around: Surroundings, parts: Sequence[ModelRun]) -> Against | None:
    return ratios(parts) if around.plan.asked.against else None


def _run(around: Surroundings, part: ModelRun) -> RunStatus:
    try:
        with around.interruption.at_work():
            part.run()
    except KeyboardInterrupt:
        part.error = part.error or "interrupted"
        return "interrupted"
    except BudgetSpentError:
        return "out_of_budget"
    except StorageError as error:
        part.error = str(error)
        return "failed"
    return "complete"


def _summarise(
    around: Surroundings,
    models: list[ModelResult],
    status: RunStatus,
    ratios: Against | None,
) -> RunResult:
    plan = around.plan
    parts = [dataset.failures for model in models for dataset in model.datasets]
    failures = Failures(
        engine=sum(part.engine for part in parts), scorer=sum(part.scorer for part in parts)
    )
    if status == "complete" and (
        failures.total > plan.max_errors or any(model.error for model in models)
    ):
        status = "failed"
    result = RunResult(
        run_id=around.folder.run_id,
        status=status,
        models=tuple(models),
        failures=failures,
        against=ratios,
        standings=standings_of(models),
        notices=plan.notices,
        rescored=around.versions,
    )
    written = around.folder.write_summary(result)
    _note_cache(around)
    return written


def _note_cache(around: Surroundings) -> None:
    """Write into the manifest what the cache did, in all sessions of the run together."""
    if (choice := around.plan.cache) is None:
        return
    manifest = around.folder.manifest()
    before = manifest.cache or CacheUse(folder=str(choice.folder))
    counts = {
        "hits": before.hits + around.memory.hits,
        "misses": before.misses + around.memory.misses,
    }
    around.folder.amend(manifest.model_copy(update={"cache": before.model_copy(update=counts)}))
