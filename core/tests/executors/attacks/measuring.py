"""What processes use, measured from outside while they run. Standard library only."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_TICK_SECONDS = 0.02
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Use:
    """Of all descendants of this process."""

    processes: int = 0
    """Threads are counted one by one."""
    memory_bytes: int = 0
    """Resident, or grown as shared memory of the whole machine: the greater of both."""


class Measuring:
    """Keeps the greatest use above that of the beginning."""

    def __init__(self, *, is_on: bool) -> None:
        self.peak = Use()
        self._is_on = is_on
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Measuring:
        if self._is_on:
            self._before = used()
            self._shared_before = shared_bytes()
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_on:
            self._is_over.set()
            self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(_TICK_SECONDS):
            now = used()
            grown = now.memory_bytes - self._before.memory_bytes
            memory = max(grown, shared_bytes() - self._shared_before)
            self.peak = Use(
                max(self.peak.processes, now.processes - self._before.processes),
                max(self.peak.memory_bytes, memory),
            )


def used() -> Use:
    """Return what all descendants of this process use now."""
    children: dict[int, list[int]] = defaultdict(list)
    facts: dict[int, tuple[int, int]] = {}
    for name in (path.name for path in Path("/proc").iterdir()):
        if name.isdecimal():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                children[int(fields[1])].append(int(name))
                facts[int(name)] = (int(fields[17]), int(fields[21]))
    waiting, threads, pages = [os.getpid()], 0, 0
    while waiting:
        for child in children[waiting.pop()]:
            threads, pages = threads + facts[child][0], pages + facts[child][1]
            waiting.append(child)
    return Use(threads, pages * _PAGE)


def amount(printed: bytes) -> int:
    """Return what a program says it got, in its own unit; 0 where it says nothing."""
    words = printed.split()
    return int(words[words.index(b"amount") + 1]) if b"amount" in words else 0


def peak_bytes() -> int:
    """Return the greatest resident size of this process since `forget_peak`."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def forget_peak() -> int:
    """Let the greatest resident size begin anew; return it."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_bytes()


def shared_bytes() -> int:
    """Return the shared memory of the whole machine."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("Shmem:"):
            return int(line.split()[1]) * 1024
    return 0
