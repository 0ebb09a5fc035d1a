"""The targets: real files, listeners and a process to be reached, and looking whether they were.

Standard library only. Each target is first reached from here, so that an attack that reaches none
was held, and did not merely miss.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from .attack import Target

PREFIX = "evalctl-rig-"
"""Begins every secret, and every name of what the rig or an attack makes."""
_VICTIM = "import time; time.sleep(3600)"
_libc = ctypes.CDLL(None, use_errno=True)
_libc.shmat.restype = ctypes.c_void_p


class Rig:
    """Targets that are there until it is closed."""

    def __init__(self, home: Path) -> None:
        """Set all of them up in and beside a folder, and reach each once."""
        self._id = secrets.token_hex(4)
        made = [f"{PREFIX}secret-{secrets.token_hex(12)}" for _ in range(4)]
        # One that was there when this process began is in its first environment as well.
        made[1] = os.environ.setdefault("EVALCTL_RIG", made[1])
        self.secrets = tuple(made)
        self._proof = secrets.token_hex(16)
        self._home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=home))
        self._secret = self._home / "secret"
        self._marks = (
            self._home / "mark",
            *(Path(folder) / f"{PREFIX}mark-{self._id}" for folder in _SHARED_FOLDERS),
        )
        self._shared = Path(f"/dev/shm/{PREFIX}{self._id}")
        self._write_secrets()
        self._open = os.open(self._secret, os.O_RDONLY)
        self._key = int(self._id, 16) & 0x7FFFFFFF
        self._segment = _shared_segment(self._key, self.secrets[3])
        self._listeners = _listeners(self._home, f"{PREFIX}{self._id}")
        self._victim = self._start_victim()
        self._prove()

    def render(self, source: str) -> str:
        """Return a program with the targets in it, and `PROOF` as its first name."""
        for name, value in self._names().items():
            source = source.replace(f"@{name}@", value)
        # In two halves, so that a traceback that quotes the line does not hold it.
        middle = len(self._proof) // 2
        halves = f"{self._proof[:middle]!r} + {self._proof[middle:]!r}"
        return f"PROOF = {halves}\n{source}" if "PROOF" in source else source

    def is_told(self, *texts: str | bytes) -> bool:
        """Return whether a text holds a secret or the proof."""
        wanted = [word.encode() for word in (*self.secrets, self._proof)]
        data = [text.encode(errors="replace") if isinstance(text, str) else text for text in texts]
        return any(word in part for part in data for word in wanted)

    def touched(self) -> list[Target]:
        """Return what was reached since the last look, and put it right."""
        looks: tuple[tuple[Target, Callable[[], bool]], ...] = (
            ("mark", self._is_marked),
            ("contact", self._is_contacted),
            ("victim", self._is_hurt),
            ("leftover", lambda: bool(self._leftovers())),
        )
        found = [target for target, is_reached in looks if is_reached()]
        if "mark" in found:
            self._write_secrets()
        if "victim" in found:
            self._end_victim()
            self._victim = self._start_victim()
        for pid in self._leftovers():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, 9)
        return found

    def close(self) -> None:
        """Take everything away."""
        self._end_victim()
        for listener in self._listeners.values():
            listener.close()
        os.close(self._open)
        _libc.shmctl(self._segment, 0, None)
        self._shared.unlink(missing_ok=True)
        self._is_marked()
        shutil.rmtree(self._home, ignore_errors=True)

    def _names(self) -> Mapping[str, str]:
        ports = {
            name: str(listener.getsockname()[1])
            for name, listener in self._listeners.items()
            if name.isupper()
        }
        return {
            "HOME": str(self._home),
            "SECRET": str(self._secret),
            "MARK": str(self._marks[0]),
            "TEMPORARY": str(self._marks[1]),
            "LASTING": str(self._marks[2]),
            "SHARED": str(self._marks[3]),
            "ABSTRACT": f"{PREFIX}{self._id}",
            "SOCKET": str(self._home / "socket"),
            "VICTIM": str(self._victim.pid),
            "SUPERVISOR": str(os.getpid()),
            "KEY": str(self._key),
            "NAME": f"{PREFIX}{self._id}".replace("-", "_"),
            "PROCESS": f"rig{self._id}",
            "PREFIX": f"{PREFIX}secret-",
            **ports,
        }

    def _write_secrets(self) -> None:
        for path, text, mode in (
            (self._secret, self.secrets[0], 0o600),
            (self._shared.with_name(self._names_shared()), self.secrets[2], 0o600),
        ):
            path.unlink(missing_ok=True)
            path.write_text(text)
            path.chmod(mode)

    def _names_shared(self) -> str:
        return self._shared.name.replace("-", "_")

    def _start_victim(self) -> subprocess.Popen[bytes]:
        # Its arguments and environment hold a secret each, and so does its stack.
        victim = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _VICTIM, self.secrets[1]],
            env={"EVALCTL_RIG": self.secrets[1]},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._settings = _settings(victim.pid)
        return victim

    def _end_victim(self) -> None:
        self._victim.kill()
        self._victim.wait()

    def _prove(self) -> None:
        """Reach each target from here."""
        assert self._secret.read_text() == self.secrets[0]
        for name, listener in self._listeners.items():
            with socket.socket(listener.family, listener.type) as client:
                client.connect(listener.getsockname())
                client.send(b"x")
            assert _was_contacted(listener), name
        os.kill(self._victim.pid, 0)
        held = _libc.shmat(self._segment, None, 0)
        assert ctypes.string_at(held) == self.secrets[3].encode()
        _libc.shmdt(ctypes.c_void_p(held))
        assert self.touched() == []
        for mark in self._marks:
            mark.write_text("x")
        assert self._is_marked()

    def _is_marked(self) -> bool:
        found = [mark for mark in self._marks if os.path.lexists(mark)]
        for mark in found:
            if mark.is_dir() and not mark.is_symlink():
                mark.rmdir()
            else:
                mark.unlink()
        return bool(found) or not self._is_secret_intact()

    def _is_secret_intact(self) -> bool:
        if not self._secret.exists():
            return False
        facts = self._secret.stat()
        is_old = facts.st_mtime < time.time() - 86_400
        text = self._secret.read_text()
        return facts.st_mode & 0o777 == 0o600 and not is_old and text == self.secrets[0]

    def _is_contacted(self) -> bool:
        return any([_was_contacted(listener) for listener in self._listeners.values()])

    def _is_hurt(self) -> bool:
        if self._victim.poll() is not None:
            return True
        return _settings(self._victim.pid) != self._settings

    def _leftovers(self) -> list[int]:
        return [pid for pid, name in _process_names() if name == f"rig{self._id}"]


_SHARED_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")


def _shared_segment(key: int, text: str) -> int:
    segment: int = _libc.shmget(key, 256, 0o1600)
    assert segment >= 0, os.strerror(ctypes.get_errno())
    held = _libc.shmat(segment, None, 0)
    ctypes.memmove(held, text.encode() + b"\0", len(text) + 1)
    _libc.shmdt(ctypes.c_void_p(held))
    return segment


def _listeners(home: Path, name: str) -> dict[str, socket.socket]:
    """Return listeners that never block; those that have a port under the name it is given by."""
    stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
    made = {
        "PORT": (socket.AF_INET, stream, ("127.0.0.1", 0)),
        "PORT6": (socket.AF_INET6, stream, ("::1", 0)),
        "DATAGRAM": (socket.AF_INET, datagram, ("127.0.0.1", 0)),
        "abstract": (socket.AF_UNIX, stream, f"\0{name}"),
        "datagrams": (socket.AF_UNIX, datagram, f"\0{name}-datagram"),
        "folder": (socket.AF_UNIX, stream, str(home / "socket")),
    }
    listeners = {}
    for key, (family, kind, address) in made.items():
        listeners[key] = socket.socket(family, kind)
        listeners[key].bind(address)
        if kind == stream:
            listeners[key].listen(16)
        listeners[key].setblocking(False)
    return listeners


def _was_contacted(listener: socket.socket) -> bool:
    """Return whether something came, and take all of it."""
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            if listener.type == socket.SOCK_STREAM:
                listener.accept()[0].close()
            else:
                listener.recv(4096)
            count += 1
    return count > 0


def _settings(pid: int) -> tuple[object, ...]:
    """Return what others could change of a process; stopped counts as changed."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    limits = Path(f"/proc/{pid}/limits").read_text()
    is_stopped = parts[0] in "Tt"
    return is_stopped, limits, os.sched_getaffinity(pid), os.getpriority(os.PRIO_PROCESS, pid)


def _process_names() -> Iterator[tuple[int, str]]:
    for name in (path.name for path in Path("/proc").iterdir()):
        if name.isdecimal():
            with contextlib.suppress(OSError):
                state = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[0]
                if state not in "ZX":
                    yield int(name), Path(f"/proc/{name}/comm").read_text().strip()
