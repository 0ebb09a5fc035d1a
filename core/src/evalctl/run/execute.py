"""A plan carried out: model after model, every result on disk as it is scored."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import NamedTuple

from evalctl.errors import OutputError, StorageError, UsageError
from evalctl.plan import Plan
from evalctl.results import Failures, ModelResult, RunResult, RunStatus, ScorerVersions, Usage
from evalctl.run.interruption import Interruption
from evalctl.run.manifest import make_manifest
from evalctl.run.model_run import ModelRun, Recalled, Surroundings
from evalctl.run.observer import Observer
from evalctl.run.remembering import Memory
from evalctl.store import CacheUse, Derivation, RunFolder, RunLock


def execute(plan: Plan, folder: RunFolder, observer: Observer) -> RunResult:
    """Carry out a plan in a new run folder and return its result, which is also in the folder.

    An interruption (Ctrl-C) ends it with the status `interrupted` and everything that was scored.

    Raises:
        UsageError: The only model cannot be loaded; then no folder is left behind.
        OutputError: The run folder cannot be made.
        StorageError: The disk is so full that not even the summary can be written.
        KeyboardInterrupt: A second Ctrl-C came before the summary was written.
    """
    folder.create(make_manifest(plan, folder))
    with RunLock(folder.path), _around(plan, folder, observer) as around:
        return _carry_all_out(around)


class Stored(NamedTuple):
    """Answers that are scored again."""

    origin: Derivation
    """The run that has them."""
    recalled: Recalled
    """Finds them."""
    versions: Mapping[str, ScorerVersions]
    """Of all scorers, then and now."""


def score_again(plan: Plan, folder: RunFolder, observer: Observer, stored: Stored) -> RunResult:
    """Score stored answers, without any engine, into a new run folder.

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
        return _carry_all_out(around)


def run_again(
    plan: Plan, folder: RunFolder, observer: Observer, *, origin: Derivation, order: Random | None
) -> RunResult:
    """Carry a run's plan out again in a new run folder.

    Args:
        plan: The plan, without a cache.
        folder: The new folder.
        observer: Is told what happens.
        origin: The run that is repeated.
        order: Decides the order in which samples are asked; None takes the usual one.

    Raises:
        UsageError: The only model cannot be loaded; then no folder is left behind.
        OutputError: The run folder cannot be made.
        StorageError: The disk is full.
        KeyboardInterrupt: A second Ctrl-C came before the summary was written.
    """
    folder.create(make_manifest(plan, folder, origin))
    with RunLock(folder.path), _around(plan, folder, observer) as around:
        around.order = order
        return _carry_all_out(around)


def go_on(plan: Plan, folder: RunFolder, observer: Observer, *, is_same: bool) -> RunResult:
    """Carry out what is missing of a run, whose lock the caller holds, and return its result.

    Args:
        plan: The run's plan, made again.
        folder: Its folder.
        observer: Is told what happens.
        is_same: Whether nothing that decides results has changed since.

    Raises:
        UsageError: The only model cannot be loaded; the folder stays as it is.
        OutputError: A file of results is damaged elsewhere than at its end.
        StorageError: The disk is so full that not even the summary can be written.
        KeyboardInterrupt: A second Ctrl-C came before the summary was written.
    """
    took = _took_before(folder)

    def recover_and_run(one: ModelRun) -> None:
        one.before = took.get(one.model.name, Usage())
        one.ledger.recover(is_same=is_same)
        one.run()

    with _around(plan, folder, observer) as around:
        return _carry_out(around, recover_and_run)


@contextmanager
def _around(plan: Plan, folder: RunFolder, observer: Observer) -> Iterator[Surroundings]:
    with Interruption() as interruption, Memory.of(plan, observer.warn) as memory:
        yield Surroundings(plan, folder, observer, interruption, memory)


def _carry_all_out(around: Surroundings) -> RunResult:
    """Carry out a new run; where it cannot be begun, no folder is left behind."""
    try:
        return _carry_out(around, ModelRun.run)
    except UsageError:
        shutil.rmtree(around.folder.path)
        raise


def _took_before(folder: RunFolder) -> dict[str, Usage]:
    """Return what a run took by model, as far as a summary tells."""
    try:
        return {model.model: model.usage for model in folder.summary().models}
    except OutputError:
        return {}


def _carry_out(around: Surroundings, run: Callable[[ModelRun], None]) -> RunResult:
    models: list[ModelResult] = []
    status: RunStatus = "complete"
    for model in around.plan.models:
        one = ModelRun(around, model)
        try:
            run(one)
        except KeyboardInterrupt:
            status = "interrupted"
            one.error = one.error or "interrupted"
        except StorageError as error:
            status = "failed"
            one.error = str(error)
        models.append(one.result())
        around.observer.finished(model, models[-1])
        if status != "complete":
            break
    return _summarise(around, models, status)


def _summarise(around: Surroundings, models: list[ModelResult], status: RunStatus) -> RunResult:
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
        notices=plan.notices,
        rescored=around.versions,
    )
    around.folder.write_summary(result)
    _note_cache(around)
    return result


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
