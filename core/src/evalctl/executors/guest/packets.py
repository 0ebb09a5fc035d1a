"""What comes to a zygote and its guests over a socket: a launch, and a guest's folders.

Runs inside the sandbox: standard library only.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable
from typing import NamedTuple

_MESSAGE_BYTES = 8192
_MAX_FDS = 6

Limits = dict[str, float]
"""The fields of `evalctl.executions.Limits`."""


class Packet(NamedTuple):
    """A launch as it arrives."""

    header: dict[str, object]
    fds: list[int]
    """stdin, stdout, stderr, report, payload and perhaps the peer."""

    @property
    def limits(self) -> Limits:
        """What the execution may use."""
        limits = self.header["limits"]
        assert isinstance(limits, dict)
        return limits

    @property
    def may_fork(self) -> bool:
        """Whether the program may have more processes than one."""
        return self.limits["processes"] > 1

    @property
    def may_connect(self) -> bool:
        """Whether it may make sockets."""
        return self.header["network"] == "loopback"


class Room(NamedTuple):
    """What a guest's folders are made with."""

    disk_bytes: int
    inodes: int
    has_shared_memory: bool


def room(packet: Packet) -> Room:
    """Return the folders that a launch asks for."""
    return Room(int(packet.limits["disk_bytes"]), int(packet.limits["inodes"]), packet.may_fork)


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


def hand_over(given: socket.socket, packet: Packet) -> None:
    """Pass a launch on to a process that waits for one, and let go of it here."""
    with given:
        socket.send_fds(given, [json.dumps(packet.header).encode()], packet.fds)
    close_all(packet.fds)


def close_all(fds: Iterable[int]) -> None:
    """Close descriptors."""
    for fd in fds:
        os.close(fd)
