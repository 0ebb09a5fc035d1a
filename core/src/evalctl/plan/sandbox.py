"""Where the programs of a plan are run: refused before a model is loaded where they cannot be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from evalctl.config import UserConfig
from evalctl.errors import SandboxMissingError, UsageError
from evalctl.executors.choice import (
    UNSAFE_LEVEL,
    ChosenSandbox,
    SandboxWish,
    choose,
    named,
)
from evalctl.plan.asked import RunSpec
from evalctl.plan.planned import PlannedModel
from evalctl.registry import Registry
from evalctl.specs import DatasetSpec


def wish_of(asked: RunSpec, config: UserConfig) -> SandboxWish:
    """Return the sandbox that the user wants: the flags' before the file's."""
    return SandboxWish(
        executor=asked.executor or config.sandbox.executor,
        min_isolation=config.sandbox.min_isolation,
        allows_unsafe=asked.unsafe_local_execution,
    )


def with_sandbox(
    models: Sequence[PlannedModel], wish: SandboxWish, registry: Registry, notices: list[str]
) -> tuple[tuple[PlannedModel, ...], ChosenSandbox | None]:
    """Return the models with the sandbox that their datasets need; None where none is.

    A scorer that another plugin added must not keep a dataset from being run: where only such ones
    run programs and there is no sandbox for them, they are left out.

    Args:
        models: With their datasets.
        wish: The sandbox that the user wants.
        registry: What is installed.
        notices: Receives what was left out, and that there is no protection where there is none.

    Raises:
        UsageError: There is no sandbox that may be taken, and a dataset's own scorer needs one.
    """
    specs = [dataset.loaded.spec for model in models for dataset in model.datasets]
    sandbox = sandbox_for(specs, wish, registry)
    added = {s.name for spec in specs for s in spec.scorers if s.is_added and s.execution}
    if sandbox is None and added:
        try:
            sandbox = choose(wish, registry.executors)
        except UsageError as error:
            notices.append(f"left out: scorers that plugins added, {_listed(added)}: {error}")
            models = [_without(model, added) for model in models]
    if sandbox is not None and sandbox.spec.level == UNSAFE_LEVEL:
        notices.append(
            "programs that a model wrote run without a sandbox: they can read, change and send "
            "whatever this user can (--unsafe-local-execution)"
        )
    return tuple(models), sandbox


def _without(model: PlannedModel, scorers: Collection[str]) -> PlannedModel:
    return replace(model, datasets=tuple(one.without(scorers) for one in model.datasets))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def sandbox_for(
    datasets: Iterable[DatasetSpec], wish: SandboxWish, registry: Registry
) -> ChosenSandbox | None:
    """Return the sandbox that datasets' own scorers need; None where they run no programs.

    Raises:
        UsageError: There is none that may be taken.
    """
    running = sorted(
        {spec.name for spec in datasets for s in spec.own_scorers if s.execution is not None}
    )
    if wish.executor is not None:
        named(wish.executor, registry.executors)  # a wrong name is told though nothing runs
    if not running:
        return None
    try:
        return choose(wish, registry.executors)
    except SandboxMissingError as error:
        raise SandboxMissingError(f"{', '.join(running)}: {error}") from None
