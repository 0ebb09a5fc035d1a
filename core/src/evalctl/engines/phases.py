"""Telling the user what an engine is busy with while it opens.

An engine calls `report_phase` wherever it goes on to something that takes seconds. Who listens is
not its business: `host_main.py` passes the words on to the terminal; otherwise nobody does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("phase_listener", default=None)


def report_phase(text: str) -> None:
    """Say what is being waited for from now on, such as `loading weights`.

    Does nothing where no one listens. May be called from the thread that opens the engine only.
    """
    listener = _listener.get()
    if listener is not None:
        listener(text)


@contextmanager
def listening(listener: Callable[[str], None]) -> Iterator[None]:
    """Pass every phase reported inside the block to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
