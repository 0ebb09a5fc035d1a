"""The warm interpreter inside a sandbox: it forks a guest for every launch, and knows no secrets.

Runs inside the sandbox: standard library only. It takes launches from one socket, has its place
make a process for each, and says how that ended. It never reads what a guest writes: the guest's
pipes go straight to evalctl's process.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
from importlib import import_module
from typing import NamedTuple

from . import confine, guests
from .packets import Packet, Room, close_all, hand_over, receive, room
from .places import Place, make_place

_COMMON = (
    *("bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "hashlib"),
    *("heapq", "itertools", "math", "operator", "random", "re", "statistics", "string", "typing"),
)
"""What programs import most: loaded once, so that none pays for it."""


class Spare(NamedTuple):
    """A process in a place of its own that waits to become a guest.

    It is made while nothing else is to be done, so that the next launch need not wait for it; it
    has run nothing yet, and what it becomes is forked of the same untouched zygote.
    """

    pid: int
    told: int
    """What counts is told over this pipe, which the guest's code never holds, so that no exit code
    of its can pass for ours."""
    given: socket.socket
    """Takes its launch."""
    room: Room
    place: Place

    def discard(self) -> None:
        """Kill it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.place.clear(self.pid)
        self.given.close()
        os.close(self.told)


def main() -> None:
    """Serve launches until the other side closes the socket.

    Arguments: the socket's descriptor, or the path to connect to; and what `make_place` takes, with
    the modules to `preload`.
    """
    control = _control(sys.argv[1])
    setting = json.loads(sys.argv[2])
    for module in (*_COMMON, *setting.get("preload", ())):
        # A profile names what may be there, and what may fail, such as for want of a folder.
        with contextlib.suppress(Exception):
            import_module(module)
    place = make_place(setting)
    confine.hide()
    place.hold_back()
    confine.ready()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    problem = _first_problem(place, control)
    control.send(json.dumps({"ready": not problem, "problem": problem}).encode())
    _serve(control, place)


def _control(where: str) -> socket.socket:
    if where.isdecimal():
        return socket.socket(fileno=int(where))
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control.connect(where)
    return control


def _first_problem(place: Place, control: socket.socket) -> str:
    """Return why no guest can be made here: found out by making one."""
    try:
        prepare(control, Room(1 << 20, 16, has_shared_memory=True), place).discard()
    except OSError as error:
        return str(error)
    return ""


def _serve(control: socket.socket, place: Place) -> None:
    spare: Spare | None = None
    while (packet := receive(control)) is not None:
        if spare is not None and spare.room != room(packet):
            spare.discard()
            spare = None
        try:
            guest = spare or prepare(control, room(packet), place)
        except OSError as error:
            close_all(packet.fds)
            told: dict[str, object] = {"error": str(error)}
        else:
            hand_over(guest.given, packet)
            spare = _next(control, packet, place)
            told = _outcome(control, guest, packet)
        control.send(json.dumps(told).encode())
    if spare is not None:
        spare.discard()


def prepare(control: socket.socket, wanted: Room, place: Place) -> Spare:
    """Make a process that waits for its launch.

    Raises:
        OSError: The kernel refuses it, or its namespaces.
    """
    told, telling = os.pipe()
    given, taken = socket.socketpair()
    own = place.another()
    try:
        pid = own.fork()
    except OSError:
        close_all([told, telling])
        given.close()
        taken.close()
        raise
    if pid == 0:
        os.close(told)
        given.close()
        control.close()
        guests.become(taken, telling, wanted, own)
    os.close(telling)
    taken.close()
    return Spare(pid, told, given, wanted, own)


def _next(control: socket.socket, packet: Packet, place: Place) -> Spare | None:
    if place.takes_one_guest:
        return None
    try:
        return prepare(control, room(packet), place)
    except OSError:  # told when the next launch finds it out
        return None


def _outcome(control: socket.socket, guest: Spare, packet: Packet) -> dict[str, object]:
    """Wait for a guest's end and return how it ended."""
    status = _wait(control, guest, packet)
    guest.place.clear(guest.pid)
    words = _words(guest.told)
    if "ready" not in words:
        return {"error": "the guest could not be made ready"}
    if "status" in words:  # an init has passed on what became of its guest
        status |= json.loads(words["status"])
    return status


def _words(told: int) -> dict[str, str]:
    with os.fdopen(told, "rb") as file:
        lines = file.read().decode().splitlines()
    return dict(line.partition(" ")[::2] for line in lines)


def _wait(control: socket.socket, guest: Spare, packet: Packet) -> dict[str, object]:
    """Wait for a guest, killing it when told to, or when it uses more than it may."""
    handle = os.pidfd_open(guest.pid)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.register(control, select.POLLIN)
    is_killed, over = False, ""
    tick = guest.place.tick_seconds * 1000 or None
    while handle not in (ready := {fd for fd, _ in poll.poll(tick)}):
        if control.fileno() in ready and not is_killed:
            is_killed = True
            poll.unregister(control)
            if not control.recv(64):
                _abandon(guest)
        elif not ready and not over:
            over = guest.place.exceeded(guest.pid, packet.limits)
        if is_killed or over:
            os.kill(guest.pid, signal.SIGKILL)
    os.close(handle)
    # A guest that was quicker than a tick.
    over = over or guest.place.exceeded(guest.pid, packet.limits)
    guest.place.end_group(guest.pid)
    _, status, usage = os.wait4(guest.pid, 0)
    return guests.ended(status, usage) | {"over": over}


def _abandon(guest: Spare) -> None:
    """End together with a guest that nobody asks about any more."""
    os.kill(guest.pid, signal.SIGKILL)
    guest.place.end_group(guest.pid)
    os.waitpid(guest.pid, 0)
    guest.place.clear(guest.pid)
    os._exit(0)


if __name__ == "__main__":
    main()
