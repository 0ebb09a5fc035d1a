"""Telling the user what an engine is busy with, while it opens and while it answers.

An engine calls `report_phase` wherever it goes on to something that takes seconds, and a `Pulse`
at each of many small steps. Who listens is not its business: `host_main.py` passes the words on to
the terminal, `run/asking.py` those of engines without a process; otherwise nobody does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

PULSE_SECONDS = 1.0
"""Between two reports of a pulse: often enough for people, and nothing beside the work."""

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("phase_listener", default=None)


def report_phase(text: str) -> None:
    """Say what is being waited for from now on, such as `loading weights`.

    Does nothing where no one listens. May be called from the thread that opens or asks the engine
    only.
    """
    listener = _listener.get()
    if listener is not None:
        listener(text)


class Pulse:
    """Says now and then how far an engine has come; may be called at every step."""

    def __init__(self) -> None:
        """Begin: the first step is told."""
        self._last = float("-inf")

    def beat(self, text: str) -> None:
        """Say it, such as `writing 3 of 16 answers`, unless something was said a moment ago."""
        now = time.monotonic()
        if now - self._last >= PULSE_SECONDS:
            self._last = now
            report_phase(text)


@contextmanager
def listening(listener: Callable[[str], None]) -> Iterator[None]:
    """Pass every phase reported inside the block to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
