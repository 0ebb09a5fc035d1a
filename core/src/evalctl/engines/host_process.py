"""Starting a process for an engine, watching it, and leaving none of it behind."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from evalctl.engines.load_errors import last_words

POLL_SECONDS = 0.2
"""How often the process is looked at while nothing comes from it."""

LATER_PATH = "EVALCTL_LATER_PATH"
"""Names the folders that the child puts behind those of its own interpreter."""

GRACE_SECONDS = 10.0
"""For an engine that was asked to close."""

TERMINATE_SECONDS = 3.0
"""For a process that was sent SIGTERM."""


GROUP_SECONDS = 1.0
"""For what an engine had started, once the engine itself has ended."""


class EngineProcess:
    """A fresh interpreter in a session of its own, its output in a log, a socket to talk over.

    In its own session it does not see the terminal's Ctrl-C: the parent decides.
    """

    def __init__(self, module: str, log_path: Path) -> None:
        """Start `python -m MODULE DESCRIPTOR`.

        Args:
            module: What to run; gets the descriptor of its end of the socket.
            log_path: Where its standard output and error are appended.
        """
        self.log_path = log_path
        log_path.parent.mkdir(parents=True, exist_ok=True)
        ours, theirs = (_above_standard(end) for end in Pipe())
        self.connection = ours
        # -P keeps the working folder off the path: a `datasets/` in it must not hide the package.
        command = [sys.executable, "-P", "-m", module, str(theirs.fileno())]
        try:
            with log_path.open("ab") as log:
                self._log_start = log.tell()
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=_environment(os.environ),
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """The process's id, which is its group's and its session's too."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def describe_end(self) -> str:
        """Return how it ended and what it said last, as the tail of a message."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(TERMINATE_SECONDS)
        code = self._process.returncode
        if code is None:
            how = "hung up"
        elif code >= 0:
            how = f"ended with exit code {code}"
        else:
            how = f"ended by signal {-code} ({_signal_name(-code)})"
            if -code == signal.SIGKILL:
                how += ": out of memory, or killed from outside"
        said = self._last_words()
        return f"engine process {how}{f'; it said last: {said}' if said else ''}"

    def stop(self, *, grace_seconds: float) -> None:
        """End the process and all of its group: wait, SIGTERM, SIGKILL. May be called twice.

        Args:
            grace_seconds: How long it may take to end by itself.
        """
        try:
            if not self._ends_within(grace_seconds):
                self._process.terminate()
                self._ends_within(TERMINATE_SECONDS)
        finally:
            self._end_group()
            self._process.wait()
            self.connection.close()

    def _end_group(self) -> None:
        """End what the engine had started itself; it is in the group and may outlive the engine.

        A moment is left to it: multiprocessing's tracker gives shared memory back just now.
        """
        with suppress(ProcessLookupError, PermissionError):
            try:
                os.killpg(self.pid, signal.SIGTERM)
                end = time.monotonic() + GROUP_SECONDS
                while time.monotonic() < end:
                    self._process.poll()
                    os.killpg(self.pid, 0)
                    time.sleep(0.01)
            finally:
                os.killpg(self.pid, signal.SIGKILL)

    def _ends_within(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _last_words(self) -> str:
        try:
            with self.log_path.open("rb") as log:
                log.seek(max(self._log_start, os.fstat(log.fileno()).st_size - (64 << 10)))
                text = log.read().decode(errors="replace")
        except OSError:
            return ""
        return last_words(text, limit=200) if text.strip() else ""


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Ours, with the modules that this process can import, and a log that is never behind.

    The interpreter's own folders are left out: they would break another one that an engine starts.
    Folders behind them, such as what setuptools vendors, must stay behind them: `PYTHONPATH` would
    put them in front, so the child appends them itself (`host_main`).
    OpenMP's threads spin only for a moment unless told otherwise. A small model on two cores that
    one busy process shared took 28 to 64 s with GNU OpenMP's default and 7 s with this; on idle
    cores 4.1 s and 4.9 s.
    """
    standard = {Path(folder) for folder in sysconfig.get_paths().values()}
    standard |= {Path(os.__file__).parent / "lib-dynload"}
    is_own = [Path(folder) in standard for folder in sys.path]
    last = max((at for at, own in enumerate(is_own) if own), default=-1)
    pairs = list(zip(sys.path, is_own, strict=True))
    before = [folder for folder, own in pairs[: last + 1] if folder and not own]
    own = {
        "PYTHONPATH": os.pathsep.join(before),
        LATER_PATH: os.pathsep.join(folder for folder, _ in pairs[last + 1 :] if folder),
        "PYTHONUNBUFFERED": "1",
    }
    return {"GOMP_SPINCOUNT": "2000", **ours, **own}


def _above_standard(connection: Connection) -> Connection:
    """Return the same end on a descriptor above 2, which are taken where ours were closed."""
    if connection.fileno() > 2:
        return connection
    with connection:
        return Connection(fcntl.fcntl(connection.fileno(), fcntl.F_DUPFD_CLOEXEC, 3))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
