"""Requests to end a run: the first ends it well, a second one at once, echoes count for nothing."""

from __future__ import annotations

import os
import signal

import pytest

from evalctl.run import interruption
from evalctl.run.interruption import Interruption


def ask(number: int = signal.SIGTERM) -> None:
    os.kill(os.getpid(), number)


def test_requests_of_the_system_that_come_together_are_one() -> None:
    with Interruption() as asked:
        ask()
        ask(signal.SIGHUP)
        assert (asked.is_requested, asked.is_urgent) == (True, False)


def test_a_later_request_of_the_system_ends_what_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interruption, "ECHO_SECONDS", 0.0)
    with Interruption() as asked, asked.at_work(), asked.patience():
        ask()
        with pytest.raises(KeyboardInterrupt):
            ask()
        assert asked.is_urgent
        asked._is_waiting = False
