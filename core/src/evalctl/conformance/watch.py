"""What code does while it is watched: audit events, and the state of this process before and after.

An audit hook cannot be taken away, so there is one for the life of a process; it costs nothing to
speak of while nobody listens.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import NamedTuple

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TASKS = Path("/proc/self/task")

_EFFECTS = {
    "os.mkdir": "makes the folder {}",
    "os.remove": "removes {}",
    "os.rmdir": "removes the folder {}",
    "os.rename": "renames {}",
    "os.truncate": "cuts {} short",
    "os.link": "links {}",
    "os.symlink": "links {}",
    "os.chmod": "changes the rights of {}",
    "socket.connect": "opens a network connection",
    "socket.sendto": "sends over the network",
    "socket.getaddrinfo": "looks up the host {}",
    "socket.gethostbyname": "looks up the host {}",
    "subprocess.Popen": "starts the program {}",
    "os.system": "runs the command {}",
    "os.exec": "becomes the program {}",
    "os.posix_spawn": "starts the program {}",
    "os.fork": "forks",
    "os.forkpty": "forks",
}
"""Events that change something beyond this process, and what to call them."""

_REACHING = frozenset(
    {*_EFFECTS, "open", "exec", "import", "os.listdir", "os.scandir", "glob.glob"}
)
"""Events by which a text that names something has got power."""


class Event(NamedTuple):
    """An audit event, as Python reports it."""

    name: str
    args: tuple[object, ...]

    @property
    def effect(self) -> str | None:
        """What it changes beyond this process, in words; None where that is nothing."""
        if self.name == "open":
            return f"writes to {self.args[0]}" if self._is_writing() else None
        said = _EFFECTS.get(self.name)
        return said.format(self.args[0] if self.args else "") if said else None

    def holds(self, word: str) -> bool:
        """Return whether it is one by which a text has got power, and holds a word."""
        if self.name not in _REACHING:
            return False
        return any(word in text for arg in self.args for text in _texts(arg))

    def _is_writing(self) -> bool:
        _, mode, flags = (*self.args, None, None, None)[:3]
        if isinstance(mode, str):
            return any(letter in mode for letter in "wax+")
        return isinstance(flags, int) and bool(flags & _WRITING)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, CodeType):
        yield from value.co_names
        for constant in value.co_consts:
            yield from _texts(constant)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
    elif isinstance(value, str | os.PathLike):
        yield str(value)


class Watch:
    """One audit hook, and whoever listens to it."""

    def __init__(self) -> None:
        """Install the hook."""
        self._heard: list[Event] | None = None
        sys.addaudithook(self._hear)

    @contextmanager
    def listening(self, wanted: Callable[[Event], bool]) -> Iterator[list[Event]]:
        """Give a list that fills with the events that are wanted. Not to be nested."""
        heard: list[Event] = []
        self._wanted = wanted
        self._heard = heard
        try:
            yield heard
        finally:
            self._heard = None

    def _hear(self, name: str, args: tuple[object, ...]) -> None:
        heard = self._heard
        if heard is not None and self._wanted(event := Event(name, args)):
            heard.append(event)


State = Mapping[str, object]
"""By what to call it: something of this process that belongs to all who run in it."""


def state() -> State:
    """Return what of this process no import should change."""
    root = logging.getLogger()
    return {
        "the environment (os.environ)": dict(os.environ),
        "the working folder": str(Path.cwd()),
        "signal handlers": {number: signal.getsignal(number) for number in _signals()},
        "the root logger": (root.level, root.disabled, tuple(root.handlers), tuple(root.filters)),
        "sys.path": tuple(sys.path),
        "the recursion limit": sys.getrecursionlimit(),
        "sys.excepthook": sys.excepthook,
        "the number of threads": _threads(),
    }


def changed(before: State, after: State) -> list[str]:
    """Return what differs between two states, in words."""
    return [f"changes {name}" for name in before if before[name] != after[name]]


def _signals() -> list[int]:
    return sorted(signal.valid_signals())


def _threads() -> int:
    return len(list(_TASKS.iterdir())) if _TASKS.is_dir() else threading.active_count()
