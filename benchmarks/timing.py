"""Commands timed in turn, so that a machine that slows down slows both."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from typing import NamedTuple


class Spent(NamedTuple):
    """What one run of a command took."""

    seconds: float
    peak_bytes: int
    """Largest resident size of the process itself, its children not counted."""


def run_once(command: Sequence[str], *, may_fail: bool = False) -> Spent:
    """Run a command, its output thrown away, and return what it took.

    Raises:
        RuntimeError: It failed.
    """
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None, "it was asked for"
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode and not may_fail:
        raise RuntimeError(f"{' '.join(command)} failed: {errors.decode(errors='replace')[-2000:]}")
    return Spent(time.perf_counter() - began, usage.ru_maxrss * 1024)


def in_turn(commands: dict[str, Sequence[str]], rounds: int) -> dict[str, list[float]]:
    """Run the commands in turn and return the seconds of each, one warm-up round left out."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            spent = run_once(command)
            if number:
                seconds[name].append(spent.seconds)
    return seconds


def ratio(seconds: dict[str, list[float]], name: str, base: str) -> float:
    """Return the median, over the rounds, of one command's time over another's."""
    pairs = zip(seconds[name], seconds[base], strict=True)
    return statistics.median(one / other for one, other in pairs)
