"""Watching guests from outside: their output, the clock, their end.

Everything that a guest writes is bytes here, cut at a limit; nothing of it is believed.
"""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from evalctl.executions import Ended, Launch, Limits, Reason
from evalctl.executors.session import Session

KILL_SECONDS = 2.0
"""A sandbox that has not ended its guest after this long is lost."""
PARTING_SECONDS = 0.2
"""The second guest of a pair has this long to end by itself once the first has ended."""
_CHUNK = 65_536
_EXCEEDED = {"memory": Reason.MEMORY, "disk": Reason.DISK_LIMIT, "processes": Reason.PIDS_LIMIT}
"""What a sandbox says a guest used too much of."""
_CPU_SIGNALS = (24,)  # SIGXCPU
_FILE_SIZE_SIGNAL = 25


@dataclass
class _Output:
    """What comes through one pipe, up to a limit."""

    fd: int
    limit: int
    is_fatal: bool
    """Whether more than the limit ends the guest."""
    data: bytearray = field(default_factory=bytearray)
    is_cut: bool = False

    def read(self) -> bool:
        """Take what poll told of; return whether the pipe is still open."""
        chunk = os.read(self.fd, _CHUNK)
        room = self.limit - len(self.data)
        self.data += chunk[:room]
        self.is_cut = self.is_cut or len(chunk) > room
        return bool(chunk)


class _Watched:
    """Descriptors that are waited for, and whose they are."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._owners: dict[int, _Guest] = {}

    def add(self, fd: int, events: int, guest: _Guest) -> None:
        self._owners[fd] = guest
        self._poll.register(fd, events)

    def remove(self, fd: int) -> None:
        """Forget a descriptor, before it is closed."""
        if self._owners.pop(fd, None) is not None:
            self._poll.unregister(fd)

    def turn(self, seconds: float) -> None:
        """Wait until something happens or time is up, and let guests see to it."""
        for fd, _ in self._poll.poll(max(0.0, seconds) * 1000 + 1):
            if guest := self._owners.get(fd):
                guest.handle(fd)


class _Guest:
    """One launch under way."""

    def __init__(self, session: Session, launch: Launch, watched: _Watched) -> None:
        self.session = session
        self.launch = launch
        self.cause: Reason | None = None
        """Why it was killed, if it was."""
        self.status: dict[str, JsonValue] | None = None
        self.began = time.monotonic()
        limits = launch.limits
        theirs_in, self.stdin = os.pipe()
        self._unwritten = memoryview(launch.stdin)
        ends = [os.pipe() for _ in range(3)]
        self.outputs = {
            name: _Output(reading, limit, is_fatal)
            for name, (reading, _), limit, is_fatal in zip(
                ("stdout", "stderr", "report"),
                ends,
                (limits.stdout_bytes, limits.stderr_bytes, limits.report_bytes),
                (True, False, True),
                strict=True,
            )
        }
        self.open = {output.fd: output for output in self.outputs.values()}
        self._theirs = [theirs_in, *(writing for _, writing in ends)]
        self._watched = watched

    def start(self, network: str, peer: int | None) -> None:
        """Hand the launch over and begin to watch."""
        theirs = [*self._theirs, _payload(self.launch)]
        header: dict[str, JsonValue] = {
            "launch": True,
            "runner": self.launch.runner,
            "limits": self.launch.limits.model_dump(),
            "network": network,
        }
        self.session.send(header, [*theirs, *([peer] if peer is not None else [])])
        for fd in theirs:
            os.close(fd)
        for fd in (*self.open, self.session.control.fileno()):
            self._watched.add(fd, select.POLLIN, self)
        if self.launch.stdin:
            os.set_blocking(self.stdin, False)
            self._watched.add(self.stdin, select.POLLOUT, self)
        else:
            self._end_stdin()

    @property
    def is_over(self) -> bool:
        return self.session.is_lost or (self.status is not None and not self.open)

    def handle(self, fd: int) -> None:
        """Take what came over a descriptor, or what it takes."""
        if fd == self.stdin:
            self._feed()
        elif fd in self.open:
            output = self.open[fd]
            if not output.read():
                self._close(fd)
            elif output.is_cut and output.is_fatal:
                self.kill(Reason.OUTPUT_LIMIT)
        else:
            self._watched.remove(fd)
            self.status = self.session.receive()

    def kill(self, cause: Reason) -> None:
        if self.cause is None and self.status is None:
            self.cause = cause
            self.session.stop_guest()

    def release(self) -> None:
        """Close what is still open."""
        self._end_stdin()
        for fd in tuple(self.open):
            self._close(fd)

    def ended(self) -> Ended:
        """Return how it ended."""
        status = self.status or {}
        reason, trouble = _reason(self, status)
        numbers = {key: status.get(key) for key in ("exit_code", "signal")}
        return Ended(
            reason=reason,
            exit_code=_whole(numbers["exit_code"]),
            signal=_whole(numbers["signal"]),
            stdout=bytes(self.outputs["stdout"].data),
            stderr=bytes(self.outputs["stderr"].data),
            report=bytes(self.outputs["report"].data),
            is_truncated=any(output.is_cut for output in self.outputs.values()),
            wall_seconds=time.monotonic() - self.began,
            cpu_seconds=_number(status.get("cpu_seconds")),
            max_rss_bytes=int(_number(status.get("max_rss_bytes"))),
            harness_error=trouble,
        )

    def _feed(self) -> None:
        try:
            written = os.write(self.stdin, self._unwritten[:_CHUNK])
        except BlockingIOError:
            return
        except BrokenPipeError:  # it does not want to read it all
            self._end_stdin()
            return
        self._unwritten = self._unwritten[written:]
        if not self._unwritten:
            self._end_stdin()

    def _end_stdin(self) -> None:
        if self.stdin >= 0:
            self._watched.remove(self.stdin)
            os.close(self.stdin)
            self.stdin = -1

    def _close(self, fd: int) -> None:
        self._watched.remove(fd)
        os.close(fd)
        del self.open[fd]


def drive(
    pairs: Sequence[tuple[Session, Launch]], *, network: Literal["none", "loopback"]
) -> list[Ended]:
    """Run one guest to its end, or two joined by a socket to the end of the first of them.

    The wall limit is that of the first. Where the second ends before it, the first finds out by
    its end of the socket, and may still report.
    """
    peers = socket.socketpair() if len(pairs) > 1 else ()
    guests: list[_Guest] = []
    watched = _Watched()
    try:
        for number, (session, launch) in enumerate(pairs):
            peer = peers[number].fileno() if peers else None
            guests.append(_Guest(session, launch, watched))
            guests[-1].start(network, peer)
        for end in peers:
            end.close()
        _watch(guests, watched, pairs[0][1].limits)
        return [guest.ended() for guest in guests]
    finally:
        for guest in guests:
            guest.release()
        for end in peers:
            end.close()


def _watch(guests: list[_Guest], watched: _Watched, limits: Limits) -> None:
    deadline = time.monotonic() + limits.wall_seconds
    lost_at: float | None = None
    cause, ending = Reason.WALL_TIMEOUT, Reason.CANCELLED
    while not all(guest.is_over for guest in guests):
        now = time.monotonic()
        if any(guest.session.is_lost for guest in guests):
            _kill_all(guests, Reason.CANCELLED)
        elif guests[0].status is not None and now < deadline:
            deadline = min(deadline, now + PARTING_SECONDS) if cause is not ending else deadline
            cause = ending
        elif now >= deadline:
            if all(guest.status is not None for guest in guests):
                return  # only what a guest has left behind still holds its pipes
            _kill_all(guests, cause)
        if lost_at is None and any(guest.cause for guest in guests):
            lost_at = now + KILL_SECONDS
        if lost_at is not None and now >= lost_at:
            for guest in guests:
                guest.session.is_lost = guest.session.is_lost or not guest.is_over
            return
        watched.turn((deadline if lost_at is None else lost_at) - now)


def _kill_all(guests: list[_Guest], cause: Reason) -> None:
    for guest in guests:
        guest.kill(cause)


def _payload(launch: Launch) -> int:
    """Return a file in memory with what the guest is given; too large for a message."""
    content = {
        "job": dict(launch.job),
        "argv": list(launch.argv),
        "files": {name: base64.b64encode(data).decode() for name, data in launch.files.items()},
    }
    fd = os.memfd_create("launch")
    with os.fdopen(os.dup(fd), "wb") as file:
        file.write(json.dumps(content).encode("utf-8", "surrogatepass"))
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _reason(guest: _Guest, status: dict[str, JsonValue]) -> tuple[Reason, str]:
    """Return why a guest ended, and what failed on our side."""
    if guest.cause is not None:
        return guest.cause, ""
    if not status:
        return Reason.SANDBOX_ERROR, f"the sandbox was lost: {guest.session.last_words()}"
    if status.get("error"):
        said = bytes(guest.outputs["stderr"].data[-300:]).decode(errors="replace").strip()
        said = said or guest.session.last_words()
        return Reason.SANDBOX_ERROR, f"{status['error']}: {said}"
    if status.get("over") in _EXCEEDED:
        return _EXCEEDED[str(status["over"])], ""
    number = status.get("signal")
    if number in _CPU_SIGNALS or (
        number == 9 and _number(status.get("cpu_seconds")) >= guest.launch.limits.cpu_seconds
    ):
        return Reason.CPU_TIMEOUT, ""
    if number == _FILE_SIZE_SIGNAL:
        return Reason.DISK_LIMIT, ""
    if number is not None:
        return Reason.SIGNAL, ""
    return (Reason.OK if status.get("exit_code") == 0 else Reason.NONZERO_EXIT), ""


def _number(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _whole(value: JsonValue) -> int | None:
    return value if isinstance(value, int) else None
