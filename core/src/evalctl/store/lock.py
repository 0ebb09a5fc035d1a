"""One process at a time on a run folder."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
from pathlib import Path
from typing import Self

from evalctl.errors import OutputError


class RunLock:
    """Held by the process that writes a run; the kernel lets go of it however that one ends.

    A record lock: unlike `flock`, it is not passed on to children, which may outlive a run.
    """

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises:
            OutputError: Another process holds it, or the folder cannot be written.
        """
        path = folder / ".lock"
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror}") from error
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 200).decode("utf-8", "replace").strip() or "another one"
            os.close(self._file)
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise OutputError(f"cannot lock {path}: {error.strerror}") from error
            raise OutputError(
                f"the run {folder.name} is being written by {holder}; wait for it, or stop it"
            ) from None
        with contextlib.suppress(OSError):  # a full disk: the lock holds without a name as well
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)

    @staticmethod
    def holder(folder: Path) -> str | None:
        """Return who writes a run now; None where nobody does, or it cannot be told.

        Not for the process that holds it: the kernel would let go of its lock with this look.
        """
        try:
            file = os.open(folder / ".lock", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return os.read(file, 200).decode("utf-8", "replace").strip() or "another process"
        finally:
            os.close(file)
        return None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go."""
        self.release()

    def release(self) -> None:
        """Let go; may be called twice."""
        if self._file >= 0:
            file, self._file = self._file, -1
            os.close(file)
