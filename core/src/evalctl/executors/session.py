"""A zygote in its sandbox: started, spoken to over one socket, ended."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.errors import EvalctlError

START_SECONDS = 60.0
"""For the interpreter and what a profile preloads."""
CLEARING_SECONDS = 2.0
"""A zygote that clears up by itself is killed after this long."""
_MESSAGE_BYTES = 65_536


class SessionError(EvalctlError):
    """A sandbox that does not start, or that was lost."""


class Start(NamedTuple):
    """How a zygote is started."""

    command: list[str]
    env: Mapping[str, str] = {}
    """Of the command, which passes on none of it."""


class Starter(NamedTuple):
    """Starts zygotes of one kind."""

    start: Callable[[str, Path], Start]
    """From where the zygote finds its socket (a descriptor, or a path), and a folder for all that
    it needs, which is removed with it."""
    by_path: bool = False
    """Whether its socket is a path in that folder: descriptors do not reach it."""
    clears_up: bool = False
    """Whether guests may outlive a zygote that is killed: it is told to end instead."""


class Session:
    """One zygote; one guest at a time."""

    def __init__(self, starter: Starter) -> None:
        """Start it, without waiting until it is ready.

        Raises:
            SessionError: It cannot be started.
        """
        self.is_lost = False
        """Whether it answers no more, and must be closed."""
        self._starter = starter
        self._is_ready = False
        self.stage = Path(tempfile.mkdtemp(prefix="evalctl-", dir="/tmp"))
        self.stage.chmod(0o755)
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the session
        self.control, theirs = self._sockets()
        try:
            where = str(self.stage / "control") if starter.by_path else str(theirs.fileno())
            asked = starter.start(where, self.stage)
            self._process = subprocess.Popen(
                asked.command,
                stdin=subprocess.DEVNULL,
                stdout=self._words,
                stderr=self._words,
                pass_fds=() if starter.by_path else [theirs.fileno()],
                env=asked.env,
                start_new_session=True,
            )
        except OSError as error:
            self._release()
            raise SessionError(f"the sandbox cannot be started: {error}") from None
        finally:
            theirs.close()

    def await_ready(self) -> None:
        """Wait until it takes launches.

        Raises:
            SessionError: It does not start; the message quotes its last words. It is closed.
        """
        if self._is_ready:
            return
        self.control.settimeout(START_SECONDS)
        try:
            if self._starter.by_path:
                listener, (self.control, _) = self.control, self.control.accept()
                listener.close()
                self.control.settimeout(START_SECONDS)
            told = self.receive()
        except OSError:
            told = {}
        if not told.get("ready"):
            words = str(told.get("problem") or self.last_words() or "it said nothing")
            self.close()
            raise SessionError(f"the sandbox does not start: {words}")
        self.control.settimeout(None)
        self._is_ready = True

    def send(self, header: Mapping[str, JsonValue], fds: list[int]) -> None:
        """Hand a launch over."""
        try:
            socket.send_fds(self.control, [json.dumps(header).encode()], fds)
        except OSError:
            self.is_lost = True

    def stop_guest(self) -> None:
        """Ask for the guest's end."""
        try:
            self.control.send(b'{"kill": true}')
        except OSError:
            self.is_lost = True

    def receive(self) -> dict[str, JsonValue]:
        """Return the zygote's next message; an empty one where it is lost."""
        try:
            data = self.control.recv(_MESSAGE_BYTES)
        except OSError:
            data = b""
        if not data:
            self.is_lost = True
            return {}
        message: dict[str, JsonValue] = json.loads(data)
        return message

    def last_words(self) -> str:
        """Return the end of what the sandbox's own programs complained of."""
        self._words.seek(0)
        return self._words.read()[-500:].decode(errors="replace").strip()

    def close(self) -> None:
        """End the sandbox with everything in it; may be called twice."""
        self.kill()
        if self._starter.clears_up:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(CLEARING_SECONDS)
            self._kill_process()
        self._process.wait()
        self._release()

    def kill(self) -> None:
        """End everything in the sandbox, from any thread; what runs is lost."""
        if self._starter.clears_up:
            with contextlib.suppress(OSError):
                self.control.shutdown(socket.SHUT_RDWR)
        else:
            self._kill_process()

    def _kill_process(self) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _sockets(self) -> tuple[socket.socket, socket.socket]:
        """Return our end and theirs; for a path, what listens there twice."""
        if not self._starter.by_path:
            return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(str(self.stage / "control"))
        (self.stage / "control").chmod(0o666)
        listener.listen(1)
        return listener, listener.dup()

    def _release(self) -> None:
        self.is_lost = True
        self.control.close()
        self._words.close()
        shutil.rmtree(self.stage, ignore_errors=True)
