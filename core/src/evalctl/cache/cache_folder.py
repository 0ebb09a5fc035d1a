"""The cache's folder: which file is in use, who may change it, and how a damaged one is set aside.

    generations-1-N.sqlite    in use: the highest N; 1 is the form's version
    generations-1-N.damaged   set aside, kept until the next one is
    lock                      held shared while writing, alone while files change their names

A name is never used twice. A process that still has the old file open deletes that file's journal
by its name when it ends, and must not meet the new one's.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from evalctl.errors import EvalctlError

FORM = 1
"""Version of the database's form; another one has files of its own beside these."""

LOCK_SECONDS = 5.0
"""How long another process may hold the lock before it is given up."""

_NAME = re.compile(rf"generations-{FORM}-(\d{{1,9}})\.(sqlite|damaged)")
_JOURNALS = ("-wal", "-shm")


class BusyError(EvalctlError):
    """Another process holds the lock for too long."""


class CacheFolder:
    """The files of one cache. The folder is made when it is first locked."""

    def __init__(self, path: Path) -> None:
        """Name the folder."""
        self.path = path

    @contextlib.contextmanager
    def locked(self, *, alone: bool) -> Iterator[None]:
        """Hold the folder's lock, which the kernel gives back if this process dies.

        Raises:
            OSError: The folder cannot be made, or cannot be written.
            BusyError: Somebody else held it all the time.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(descriptor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield
        finally:
            os.close(descriptor)

    def current(self) -> Path:
        """Return the file in use, whether it exists or not."""
        numbers = self._numbers()
        live = [number for number, kind in numbers if kind == "sqlite"]
        number = max(live, default=max((number for number, _ in numbers), default=0) + 1)
        return self.path / f"generations-{FORM}-{number}.sqlite"

    def set_aside(self, path: Path) -> Path:
        """Rename a damaged file, with its journal; an earlier damaged one is deleted.

        The lock must be held alone.

        Raises:
            OSError: The folder cannot be written.
        """
        self.delete_set_aside()
        damaged = path.with_suffix(".damaged")
        path.rename(damaged)
        for ending in _JOURNALS:
            with contextlib.suppress(FileNotFoundError):
                Path(f"{path}{ending}").rename(f"{damaged}{ending}")
        return damaged

    def damaged(self) -> list[Path]:
        """Return the files that were set aside, without their journals."""
        return sorted(path for path in self._files() if path.suffix == ".damaged")

    def delete_set_aside(self) -> int:
        """Delete what was set aside; return its size in bytes."""
        total = 0
        for path in self.damaged():
            for name in (path, *(Path(f"{path}{ending}") for ending in _JOURNALS)):
                with contextlib.suppress(OSError):
                    size = name.stat().st_size
                    name.unlink()
                    total += size
        return total

    def _files(self) -> list[Path]:
        try:
            return [path for path in self.path.iterdir() if _NAME.fullmatch(path.name)]
        except OSError:
            return []

    def _numbers(self) -> list[tuple[int, str]]:
        matches = (_NAME.fullmatch(path.name) for path in self._files())
        return [(int(match[1]), match[2]) for match in matches if match]


def bytes_of(path: Path) -> int:
    """Return the size of a database with its journals."""
    total = 0
    for name in (path, *(Path(f"{path}{ending}") for ending in _JOURNALS)):
        with contextlib.suppress(OSError):
            total += name.stat().st_size
    return total


def _lock(descriptor: int, mode: int) -> None:
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise BusyError("another process holds its lock") from None
            time.sleep(0.01)
