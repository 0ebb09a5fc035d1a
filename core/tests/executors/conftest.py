"""Sandboxes for the tests of this folder: one of each kind, for what holds in all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest

from evalctl.errors import EvalctlError
from evalctl.executions import Profile, Sandbox
from evalctl.executors import bwrap
from evalctl.executors.bwrap import open_bwrap
from evalctl.executors.shared_host import open_landlock, open_subprocess

OPENERS: dict[str, Callable[[Profile], Sandbox]] = {
    "bwrap": open_bwrap,
    "bwrap, one for each guest": partial(bwrap._open, is_nested=False),
    "landlock": open_landlock,
    "landlock of Linux 5.13": partial(open_landlock, newest=1),
    "subprocess": open_subprocess,
}


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests: what one leaves behind would be seen by the next."""
    yield from opened("bwrap")


@pytest.fixture(scope="session", params=OPENERS)
def any_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Each kind of sandbox, likewise."""
    yield from opened(request.param)


@pytest.fixture(scope="session", params=[name for name in OPENERS if name != "subprocess"])
def safe_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Each kind of sandbox that keeps something away."""
    yield from opened(request.param)


@pytest.fixture(scope="module")
def open_kind() -> Iterator[Callable[[str], Sandbox]]:
    """Open sandboxes by their kind; they are closed at the end, if they were not before."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(contextmanager(opened)(name))


def opened(name: str) -> Iterator[Sandbox]:
    """Yield a sandbox; skip the test where this machine gives none of its kind."""
    try:
        found = OPENERS[name](Profile())
    except EvalctlError as error:
        pytest.skip(f"no sandbox of the kind {name!r} on this machine: {error}")
    yield found
    found.close()
