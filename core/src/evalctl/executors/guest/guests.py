"""From a forked process to a guest: its folders, its limits, then the program it was given.

Runs inside the sandbox: standard library only.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
from typing import NoReturn

from . import confine, serve, usage
from .packets import Packet, Room, close_all, receive
from .places import Place

_TICK_SECONDS = 0.02


def become(taken: socket.socket, telling: int, wanted: Room, place: Place) -> NoReturn:
    """Wait for a launch, then become its guest, or an init that looks after one."""
    code = 1
    try:
        place.furnish(wanted)
        with taken:
            packet = receive(taken)
        if packet is None:
            os._exit(0)
        if packet.may_fork and place.needs_init:
            _look_after(packet, telling)
        os.setsid()
        confine.set_limits(packet.limits, others=place.others())
        place.give_up(packet)
        os.write(telling, b"ready\n")
        code = serve.work(packet.header, serve.take_over(packet.fds))
    except BaseException as error:  # noqa: BLE001  # nothing may go back into the zygote's loop
        serve.complain(error)
    finally:
        os._exit(code)


def ended(status: int, used: resource.struct_rusage) -> dict[str, object]:
    """Return how a process ended and what it used, of what `wait4` gives."""
    return {
        "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "max_rss_bytes": used.ru_maxrss * 1024,
    }


def _look_after(packet: Packet, telling: int) -> None:
    """Fork: the child goes on as the guest, this process becomes its init and never returns."""
    guest = os.fork()
    if guest == 0:
        return
    close_all(packet.fds)
    poll = select.poll()
    poll.register(os.pidfd_open(guest), select.POLLIN)
    over = ""
    while not over and not poll.poll(_TICK_SECONDS * 1000):
        over = usage.over(usage.processes_but(os.getpid()), packet.limits)
        _reap(guest)
    if over:
        os.kill(guest, signal.SIGKILL)
    _, status, used = os.wait4(guest, 0)
    found = ended(status, used) | {"over": over}
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
