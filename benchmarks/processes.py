"""What a process and all below it use, as /proc tells: processor time and memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

_SAMPLE_SECONDS = 0.01


def tree(root: int) -> Iterator[int]:
    """Yield a process and all that descend from it."""
    yield root
    try:
        threads = list(Path(f"/proc/{root}/task").iterdir())
        children = [pid for task in threads for pid in (task / "children").read_text().split()]
    except OSError:  # it ended meanwhile
        return
    for pid in children:
        yield from tree(int(pid))


def processor_seconds(root: int) -> float:
    """Return the user and system time of a tree, with that of what has ended in it."""
    ticks = 0
    for pid in tree(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_bytes(root: int) -> int:
    """Return the memory of a tree; a page that n processes share counts 1/n for each."""
    total = 0
    for pid in tree(root):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    return total


class PeakMemory:
    """Looks at a tree's memory again and again while a block runs; it takes time from it."""

    def __init__(self, root: int) -> None:
        """Take the tree's first process."""
        self.bytes = 0
        """The most that was seen."""
        self._root = root
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_SAMPLE_SECONDS):
            self.bytes = max(self.bytes, memory_bytes(self._root))
