"""The executors that come with the core."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl.hookspecs import hookimpl
from evalctl.specs import ExecutorSpec


def probe_workers() -> str | None:
    """Return why worker processes cannot be used here; they always can."""
    return None


def probe_sandbox() -> str | None:
    """Return why there is no sandbox here, with what would help; None where one was opened."""
    from evalctl.executions import Isolation
    from evalctl.executors.bwrap import probe_bwrap  # a listing of something else needs none of it

    found = probe_bwrap()
    return None if isinstance(found, Isolation) else found


@hookimpl
def evalctl_executors() -> Iterable[ExecutorSpec]:
    """Return the worker processes and the sandbox."""
    return (
        ExecutorSpec(
            name="workers",
            title="worker processes with a hard time and memory limit",
            isolation="no sandbox: it runs evalctl's own scorers, never model-written code",
            probe=probe_workers,
        ),
        ExecutorSpec(
            name="bwrap",
            title="bubblewrap, with fresh namespaces for every execution",
            isolation="level 3: kernel namespaces, a filter of system calls, no network, no files",
            probe=probe_sandbox,
        ),
    )
