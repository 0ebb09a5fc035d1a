"""Commands timed in turn, so that a machine that slows down slows both."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Spent(NamedTuple):
    """What one run of a command took."""

    seconds: float
    """From start to end."""
    processor_seconds: float
    """User and system time of the process and of its children; other work here counts little."""
    peak_bytes: int
    """Largest resident size of the process itself, its children not counted."""


def run_once(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Spent:
    """Run a command, its output thrown away, and return what it took.

    Args:
        command: Program and arguments.
        environment: All of its environment variables; None passes on our own.

    Raises:
        RuntimeError: It failed.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    )
    assert process.stderr is not None, "it was asked for"
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {errors.decode(errors='replace')[-2000:]}")
    return Spent(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def in_turn(
    commands: Mapping[str, Sequence[str]],
    rounds: int,
    *,
    environment: Mapping[str, str] | None = None,
) -> dict[str, list[Spent]]:
    """Run the commands in turn and return what each took, one warm-up round left out."""
    spent: dict[str, list[Spent]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            found = run_once(command, environment=environment)
            if number:
                spent[name].append(found)
    return spent


def median_ratio(times: Sequence[float], base: Sequence[float]) -> float:
    """Return the median, over the rounds, of one command's time over another's."""
    return statistics.median(one / other for one, other in zip(times, base, strict=True))
