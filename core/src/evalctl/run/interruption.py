"""Ctrl-C while a run goes on: once to end well, twice to end at once."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

ECHO_SECONDS = 3.0
"""Requests from the system within this time after another are the same request."""
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Turns the first request to end into one `KeyboardInterrupt` at a moment that loses nothing.

    That is while the run is `at_work`; elsewhere, as where results are summed up, a first request
    is only noted. Requests from the system (SIGTERM, SIGHUP) that come together count once: shells
    and terminals send several. The user's second Ctrl-C raises again, wherever the run is, and so
    does a request from the system some seconds after the first. In threads other than the main one,
    where no signal arrives, it does nothing.
    """

    def __init__(self) -> None:
        """Nothing is asked for yet."""
        self.is_requested = False
        self.is_urgent = False
        """Whether the user asked a second time."""
        self._is_patient = True
        self._is_shielded = False
        self._is_waiting = False
        self._requested_at = -ECHO_SECONDS
        self._handlers: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        """Begin to listen."""
        if threading.current_thread() is threading.main_thread():
            for number in _ENDINGS:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):  # `nohup` stays in force
                    self._handlers[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        """Put the old handlers back."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # as `signal` gave it

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let a first request end the block; one that came before does not let it begin."""
        self._is_patient = False
        try:
            if self.is_requested:
                raise KeyboardInterrupt
            yield
        finally:
            self._is_patient = True

    @contextmanager
    def patience(self) -> Iterator[None]:
        """Hold a first request back until the end of the block; a second one ends it at once."""
        self._is_patient = True
        try:
            yield
        finally:
            self._is_patient = False
        self._raise_what_waits()

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Hold all requests back until the end of the block: for what must not be half done."""
        self._is_shielded = True
        try:
            yield
        finally:
            self._is_shielded = False
        if self.is_urgent or not self._is_patient:
            self._raise_what_waits()

    def _raise_what_waits(self) -> None:
        if self._is_waiting:
            self._is_waiting = False
            raise KeyboardInterrupt

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        is_echo = now - self._requested_at < ECHO_SECONDS and number != signal.SIGINT
        if self.is_requested and is_echo:
            return
        self.is_urgent, self.is_requested = self.is_requested, True
        self._requested_at = now
        if self._is_shielded or (self._is_patient and not self.is_urgent):
            self._is_waiting = True
        else:
            raise KeyboardInterrupt
