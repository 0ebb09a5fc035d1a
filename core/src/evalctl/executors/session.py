"""A zygote in its sandbox: started, spoken to over one socket, killed."""

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

from pydantic import JsonValue

from evalctl.errors import EvalctlError

START_SECONDS = 60.0
"""For the interpreter and what a profile preloads."""
_MESSAGE_BYTES = 65_536
Command = Callable[[int, str], list[str]]
"""Descriptor of the socket and a folder for mounts, to the command that starts a zygote."""


class SessionError(EvalctlError):
    """A sandbox that does not start, or that was lost."""


class Session:
    """One zygote; one guest at a time."""

    def __init__(self, command: Command) -> None:
        """Start it and wait until it is ready.

        Raises:
            SessionError: It does not start; the message quotes its last words.
        """
        self.is_lost = False
        """Whether it answers no more, and must be closed."""
        self._stage = tempfile.mkdtemp(prefix="evalctl-", dir="/tmp")
        Path(self._stage).chmod(0o755)
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the session
        try:
            self._process = subprocess.Popen(
                command(theirs.fileno(), self._stage),
                stdin=subprocess.DEVNULL,
                stdout=self._words,
                stderr=self._words,
                pass_fds=[theirs.fileno()],
                env={},
                start_new_session=True,
            )
        except OSError as error:
            self._release()
            raise SessionError(f"the sandbox cannot be started: {error}") from None
        finally:
            theirs.close()
        self.control.settimeout(START_SECONDS)
        if not self.receive().get("ready"):
            words = self.last_words()
            self.close()
            raise SessionError(f"the sandbox does not start: {words or 'it said nothing'}")
        self.control.settimeout(None)

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
        """Kill the sandbox with everything in it; may be called twice."""
        self.kill()
        self._process.wait()
        self._release()

    def kill(self) -> None:
        """Kill the sandbox with everything in it, from any thread."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _release(self) -> None:
        self.is_lost = True
        self.control.close()
        self._words.close()
        shutil.rmtree(self._stage, ignore_errors=True)
