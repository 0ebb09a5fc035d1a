"""The executors that come with the core."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl.hookspecs import hookimpl
from evalctl.specs import ExecutorSpec


def probe_workers() -> str | None:
    """Return why worker processes cannot be used here; they always can."""
    return None


@hookimpl
def evalctl_executors() -> Iterable[ExecutorSpec]:
    """Return the worker processes."""
    return (
        ExecutorSpec(
            name="workers",
            title="worker processes with a hard time and memory limit",
            isolation="no sandbox: it runs evalctl's own scorers, never model-written code",
            probe=probe_workers,
        ),
    )
