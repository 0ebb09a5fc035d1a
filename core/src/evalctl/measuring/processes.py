"""What a process and all that it started hold and use, as the kernel counts it.

Source: proc(5), `/proc/PID/stat`, `/proc/PID/statm`, `/proc/PID/status`, `/proc/stat`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

_TICK = 1.0 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class CpuTimes(NamedTuple):
    """Seconds of all CPUs since the machine was started."""

    total: float
    """With idle ones."""
    busy: float
    """Neither idle nor waiting, nor taken by the host."""
    stolen: float
    """Taken by the host of a virtual machine."""


def tree_of(root: int, proc: Path = Path("/proc")) -> list[int]:
    """Return a process and all living ones that it started, however far down."""
    children: dict[int, list[int]] = {}
    for path in proc.glob("[0-9]*/stat"):
        if fields := _stat(path):
            children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(children.get(pid, ()))
    return found


def memory_of(root: int, proc: Path = Path("/proc")) -> int:
    """Return the bytes of RAM that a process and all it started hold.

    What each has for itself is added up; of what they share, the largest part counts once.
    """
    private, shared = 0, 0
    for pid in tree_of(root, proc):
        try:
            fields = (proc / str(pid) / "statm").read_text(encoding="ascii").split()
        except OSError:
            continue
        private += (int(fields[1]) - int(fields[2])) * _PAGE
        shared = max(shared, int(fields[2]) * _PAGE)
    return private + shared


def high_water_of(pid: int, proc: Path = Path("/proc")) -> int:
    """Return the most bytes of RAM that one process ever held; 0 where it is gone."""
    try:
        text = (proc / str(pid) / "status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    sizes = [line.split()[1] for line in text.splitlines() if line.startswith("VmHWM:")]
    return int(sizes[0]) * 1024 if sizes else 0


def cpu_seconds_of(root: int, proc: Path = Path("/proc")) -> float:
    """Return the CPU seconds of a process and all it started, ended children included."""
    ticks = 0
    for pid in tree_of(root, proc):
        if fields := _stat(proc / str(pid) / "stat"):
            ticks += sum(int(field) for field in fields[11:15])
    return ticks * _TICK


def cpu_times(proc: Path = Path("/proc")) -> CpuTimes | None:
    """Return the machine's CPU times; None where the kernel does not tell."""
    try:
        first = (proc / "stat").read_text(encoding="ascii").partition("\n")[0].split()
    except OSError:
        return None
    # user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already.
    user, nice, system, idle, waiting, irq, softirq, stolen = (
        int(field) * _TICK for field in first[1:9]
    )
    busy = user + nice + system + irq + softirq
    return CpuTimes(busy + idle + waiting + stolen, busy, stolen)


def _stat(path: Path) -> list[str]:
    """Return the fields behind a process's name, the state first; none where it is gone."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
