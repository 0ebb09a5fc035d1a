"""Where the programs of a plan are run: refused before a model is loaded where they cannot be."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl.config import UserConfig
from evalctl.errors import SandboxMissingError
from evalctl.executors.choice import ChosenSandbox, SandboxWish, choose, named
from evalctl.plan.asked import RunSpec
from evalctl.registry import Registry
from evalctl.specs import DatasetSpec


def wish_of(asked: RunSpec, config: UserConfig) -> SandboxWish:
    """Return the sandbox that the user wants: the flags' before the file's."""
    return SandboxWish(
        executor=asked.executor or config.sandbox.executor,
        min_isolation=config.sandbox.min_isolation,
        allows_unsafe=asked.unsafe_local_execution,
    )


def sandbox_for(
    datasets: Iterable[DatasetSpec], wish: SandboxWish, registry: Registry
) -> ChosenSandbox | None:
    """Return the sandbox that datasets need; None where they run no programs.

    Raises:
        UsageError: There is none that may be taken.
    """
    running = sorted(
        {spec.name for spec in datasets for s in spec.scorers if s.execution is not None}
    )
    if wish.executor is not None:
        named(wish.executor, registry.executors)  # a wrong name is told though nothing runs
    if not running:
        return None
    try:
        return choose(wish, registry.executors)
    except SandboxMissingError as error:
        raise SandboxMissingError(f"{', '.join(running)}: {error}") from None
