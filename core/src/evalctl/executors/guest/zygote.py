"""The warm interpreter inside a sandbox: it forks a guest for every launch, and knows no secrets.

Runs inside the sandbox: standard library only. It takes launches from one socket, makes for each
a process in namespaces of its own with fresh folders, and says how that ended. It never reads what
a guest writes: the guest's pipes go straight to evalctl's process.
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
from typing import NamedTuple, NoReturn

from . import confine, serve

_OURS = 4
"""bwrap, its init, the zygote and a guest's init count under the guest's user as well."""
_COMMON = (
    *("bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "hashlib"),
    *("heapq", "itertools", "math", "operator", "random", "re", "statistics", "string", "typing"),
)
"""What programs import most: loaded once, so that none pays for it."""
_MESSAGE_BYTES = 8192
_MAX_FDS = 6
_TICK_SECONDS = 0.02
_NAMESPACES = confine.NEW_PID | confine.NEW_MOUNT | confine.NEW_IPC


class Packet(NamedTuple):
    """A launch as it arrives."""

    header: dict[str, object]
    fds: list[int]
    """stdin, stdout, stderr, report, payload and perhaps the peer."""


def main() -> None:
    """Serve launches until the other side closes the socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    mode = sys.argv[2]
    for module in (*_COMMON, *sys.argv[3:]):
        with contextlib.suppress(ImportError):  # a profile names what may be there
            import_module(module)
    confine.hide()
    confine.hold_back()
    confine.ready()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    control.send(json.dumps({"ready": True}).encode())
    spare: Spare | None = None
    while (packet := receive(control)) is not None:
        if spare is not None and spare.room != room(packet.header):
            spare.discard()
            spare = None
        try:
            guest = spare or prepare(control, room(packet.header), mode)
        except OSError as error:
            _close(packet.fds)
            told: dict[str, object] = {"error": str(error)}
        else:
            _hand_over(guest, packet)
            spare = _next(control, packet, mode)
            told = _outcome(control, guest)
        control.send(json.dumps(told).encode())


def receive(control: socket.socket) -> Packet | None:
    """Return the next launch; None where the socket was closed."""
    while True:
        data, fds, _, _ = socket.recv_fds(control, _MESSAGE_BYTES, _MAX_FDS)
        if not data:
            return None
        header = json.loads(data)
        if header.get("launch"):
            return Packet(header, fds)
        # A kill that came after its guest had ended on its own.


class Room(NamedTuple):
    """What a guest's folders are made with."""

    disk_bytes: int
    inodes: int
    has_shared_memory: bool


class Spare(NamedTuple):
    """A process in namespaces and folders of its own that waits to become a guest.

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

    def discard(self) -> None:
        """Kill it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.given.close()
        os.close(self.told)


def room(header: dict[str, object]) -> Room:
    """Return the folders that a launch asks for."""
    limits = header["limits"]
    assert isinstance(limits, dict)
    return Room(int(limits["disk_bytes"]), int(limits["inodes"]), limits["processes"] > 1)


def prepare(control: socket.socket, wanted: Room, mode: str) -> Spare:
    """Fork a process that waits for its launch.

    Raises:
        OSError: The kernel refuses namespaces.
    """
    told, telling = os.pipe()
    given, taken = socket.socketpair()
    try:
        pid = confine.clone(_NAMESPACES if mode == "nested" else 0)
    except OSError:
        _close([told, telling])
        given.close()
        taken.close()
        raise
    if pid == 0:
        os.close(told)
        given.close()
        control.close()
        _child(taken, telling, wanted, is_nested=mode == "nested")
    os.close(telling)
    taken.close()
    return Spare(pid, told, given, wanted)


def _next(control: socket.socket, packet: Packet, mode: str) -> Spare | None:
    try:
        return prepare(control, room(packet.header), mode)
    except OSError:  # told when the next launch finds it out
        return None


def _hand_over(guest: Spare, packet: Packet) -> None:
    """Give a waiting process its launch."""
    with guest.given:
        socket.send_fds(guest.given, [json.dumps(packet.header).encode()], packet.fds)
    _close(packet.fds)


def _outcome(control: socket.socket, guest: Spare) -> dict[str, object]:
    """Wait for a guest's end and return how it ended."""
    status = _wait(control, guest.pid)
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


def _wait(control: socket.socket, pid: int) -> dict[str, object]:
    """Wait for a guest, killing it when told to."""
    handle = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.register(control, select.POLLIN)
    is_killed = False
    while True:
        ready = {fd for fd, _ in poll.poll()}
        if handle in ready:
            break
        if not is_killed:
            is_killed = True
            data = control.recv(_MESSAGE_BYTES)
            os.kill(pid, signal.SIGKILL)
            poll.unregister(control)
            if not data:
                os._exit(0)
    os.close(handle)
    _, status, usage = os.wait4(pid, 0)
    return {
        "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "max_rss_bytes": usage.ru_maxrss * 1024,
        "is_killed": is_killed,
    }


def _child(taken: socket.socket, telling: int, wanted: Room, *, is_nested: bool) -> NoReturn:
    """Wait for a launch, then become its guest, or an init that looks after one."""
    code = 1
    try:
        if is_nested:
            _fresh_folders(wanted)
        with taken:
            packet = receive(taken)
        if packet is None:
            os._exit(0)
        limits = packet.header["limits"]
        assert isinstance(limits, dict)
        may_fork = limits["processes"] > 1
        if may_fork:
            _watch(limits, packet.fds, telling)
        os.setsid()
        confine.set_limits(limits, others=_OURS)
        confine.give_up(may_fork=may_fork, may_connect=packet.header["network"] == "loopback")
        os.write(telling, b"ready\n")
        code = serve.work(packet.header, serve.take_over(packet.fds))
    except BaseException as error:  # noqa: BLE001  # nothing may go back into the zygote's loop
        serve.complain(error)
    finally:
        os._exit(code)


def _fresh_folders(wanted: Room) -> None:
    options = f"size={wanted.disk_bytes},nr_inodes={wanted.inodes}"
    confine.mount("tmpfs", "/tmp", f"{options},mode=0700")
    if wanted.has_shared_memory:
        confine.mount("tmpfs", "/dev/shm", f"{options},mode=0700")
    confine.mount("proc", "/proc")
    os.mkdir("/tmp/work")  # noqa: PTH102
    os.chdir("/tmp/work")


def _watch(limits: dict[str, float], fds: list[int], telling: int) -> None:
    """Fork: the child goes on as the guest, this process becomes its init and never returns."""
    guest = os.fork()
    if guest == 0:
        return
    _close(fds)
    allowed = int(limits["memory_total_bytes"])
    poll = select.poll()
    poll.register(os.pidfd_open(guest), select.POLLIN)
    is_over = False
    while not is_over and not poll.poll(_TICK_SECONDS * 1000):
        is_over = _resident_bytes() > allowed
        _reap(guest)
    if is_over:
        os.kill(guest, signal.SIGKILL)
    _, status, usage = os.wait4(guest, 0)
    found = {
        "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "max_rss_bytes": usage.ru_maxrss * 1024,
        "is_over_memory": is_over,
    }
    os.write(telling, f"status {json.dumps(found)}\n".encode())
    os._exit(0)  # the kernel ends whatever is left in this namespace


def _reap(guest: int) -> None:
    """Collect orphans, leaving the guest's own status alone."""
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if found is None or found.si_pid == guest:
            return
        os.waitpid(found.si_pid, 0)


def _resident_bytes() -> int:
    total = 0
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdecimal() and name != "1":
            try:
                with open(f"/proc/{name}/statm", "rb") as file:  # noqa: PTH123
                    total += int(file.read().split()[1])
            except (OSError, IndexError):
                continue
    return total * os.sysconf("SC_PAGE_SIZE")


def _close(fds: list[int]) -> None:
    for fd in fds:
        os.close(fd)


if __name__ == "__main__":
    main()
