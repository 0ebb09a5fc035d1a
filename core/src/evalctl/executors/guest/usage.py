"""What processes and folders use, as the kernel tells it.

Runs inside the sandbox: standard library only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

_SESSION = 3
"""Of the fields behind the name in /proc/PID/stat: state, parent, group, session."""
_MAX_ENTRIES = 100_000
"""Of a folder that are looked at; more count as more than any limit."""


def processes_but(*known: int) -> Iterator[int]:
    """Yield all processes that are seen here, but some."""
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdecimal() and int(name) not in known:
            yield int(name)


def processes_of(session: int) -> Iterator[int]:
    """Yield the processes of a session."""
    for pid in processes_but():
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if len(fields) > _SESSION and int(fields[_SESSION]) == session:
            yield pid


def over(processes: Iterable[int], allowed: Mapping[str, float]) -> str:
    """Return what processes use too much of: `processes`, `memory`, or nothing."""
    found = tuple(processes)
    if len(found) > allowed["processes"]:
        return "processes"
    return "memory" if resident_bytes(found) > allowed["memory_total_bytes"] else ""


def resident_bytes(processes: Iterable[int]) -> int:
    """Return the resident memory of processes; what they share is counted for each."""
    total = 0
    for pid in processes:
        try:
            with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123
                total += int(file.read().split()[1])
        except (OSError, IndexError):
            continue
    return total * os.sysconf("SC_PAGE_SIZE")


def children(parent: int) -> list[int]:
    """Return the children of a process's first thread."""
    with open(f"/proc/{parent}/task/{parent}/children", "rb") as file:  # noqa: PTH123
        return [int(pid) for pid in file.read().split()]


def of_file_system(folder: str) -> tuple[int, int]:
    """Return bytes and inodes in use on the file system of a folder."""
    found = os.statvfs(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize, found.f_files - found.f_ffree


def of_folder(folder: str) -> tuple[int, int]:
    """Return bytes and inodes of a folder's contents, as far as they can be walked through."""
    size = count = 0
    waiting = [folder]
    while waiting and count < _MAX_ENTRIES:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:  # gone, or closed by its maker
            continue
    return size, count
