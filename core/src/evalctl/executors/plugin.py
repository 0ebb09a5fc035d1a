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
    """Return the worker processes and the sandboxes."""
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
            isolation="kernel namespaces, a filter of system calls, no network, no files",
            level=3,
            factory="evalctl.executors.bwrap:open_bwrap",
            is_automatic=True,
        ),
        ExecutorSpec(
            name="landlock",
            title="Landlock, for hosts without user namespaces",
            isolation="no contents of files, no sockets; names of files and processes can be seen",
            level=2,
            factory="evalctl.executors.shared_host:open_landlock",
            is_automatic=True,
        ),
        ExecutorSpec(
            name="docker",
            title="a container of Docker or Podman; only where it is named",
            isolation="kernel namespaces, a filter of system calls, no network, no files",
            level=3,
            factory="evalctl.executors.container:open_container",
        ),
        ExecutorSpec(
            name="subprocess",
            title="plain processes with limits; only with --unsafe-local-execution",
            isolation="none: programs can do what you can do",
            level=1,
            factory="evalctl.executors.shared_host:open_subprocess",
        ),
    )
