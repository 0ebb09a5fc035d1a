"""What sandboxes really keep on this host: small attacks, each with a detector outside.

Nothing is told from settings: every probe runs a program that tries to get at a target which is
there to be reached (a listener, a file, a process), and the target is looked at afterwards.
"""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from evalctl.executions import (
    Ended,
    Isolation,
    IsolationLevel,
    Launch,
    Limits,
    Profile,
    Reason,
    Sandbox,
)
from evalctl.executors.choice import UNSAFE_LEVEL, open_sandbox, probe
from evalctl.specs import ExecutorSpec

_WALL_SECONDS = 5.0
_REACHED = b"reached"


class Finding(NamedTuple):
    """What one probe found."""

    name: str
    """What was tried, in a few words."""
    is_held: bool
    """Whether the sandbox kept it."""
    detail: str
    """How the program ended."""


class Examined(NamedTuple):
    """What one sandbox keeps on this host."""

    name: str
    """Of its executor."""
    level: IsolationLevel
    """The isolation level that it stands for."""
    isolation: Isolation | None
    """What it gave; None where it cannot be used."""
    problem: str
    """Why it cannot be used, with what would help."""
    findings: tuple[Finding, ...]
    """Of every probe; none where it cannot be used, or keeps nothing by design."""

    @property
    def is_sound(self) -> bool:
        """Whether it works and kept everything."""
        return self.isolation is not None and all(one.is_held for one in self.findings)


def examine(executors: Sequence[ExecutorSpec], image: str = "") -> tuple[Examined, ...]:
    """Open every sandbox and try it, the best first; takes some seconds.

    Args:
        executors: Those that are no sandboxes are left out.
        image: Of containers.
    """
    sandboxes = [spec for spec in executors if spec.level is not None]
    sandboxes.sort(key=lambda spec: -(spec.level or 0))
    return tuple(_examine(spec, image) for spec in sandboxes)


def _examine(spec: ExecutorSpec, image: str) -> Examined:
    assert spec.level is not None, "it is a sandbox"
    found = probe(spec.factory, image)
    if not isinstance(found, Isolation):
        return Examined(spec.name, spec.level, None, found, ())
    if spec.level == UNSAFE_LEVEL:
        return Examined(spec.name, spec.level, found, "", ())
    with ExitStack() as stack:
        targets = stack.enter_context(_targets())
        closed = _sandbox(stack, spec, Profile(image=image))
        linked = _sandbox(stack, spec, Profile(image=image, network="loopback"))
        findings = [_find(attack, closed, targets) for attack in _PROBES]
        findings += [_find(attack, linked, targets) for attack in _NETWORK_PROBES]
    return Examined(spec.name, spec.level, found, "", tuple(findings))


def _sandbox(stack: ExitStack, spec: ExecutorSpec, profile: Profile) -> Sandbox:
    sandbox = open_sandbox(spec.factory, profile)
    stack.callback(sandbox.close)
    return sandbox


class _Targets(NamedTuple):
    """What programs try to reach, all of it on the host."""

    secret: Path
    """A file that only we may read."""
    mark: Path
    """A file that a program must not be able to make."""
    port: int
    """Of a listener on 127.0.0.1."""
    name: str
    """Of a listener on an abstract socket."""


class _Probe(NamedTuple):
    name: str
    source: str
    """The program; `{target.…}` is filled in."""
    is_held: Callable[[Ended, _Targets], bool]
    limits: Limits = Limits(wall_seconds=_WALL_SECONDS, processes=8)


def _find(probe: _Probe, sandbox: Sandbox, targets: _Targets) -> Finding:
    source = probe.source.format(target=targets, pid=os.getpid())
    ended = sandbox.run(Launch(runner="script", job={"source": source}, limits=probe.limits))
    words = ended.stderr.decode(errors="replace").strip().splitlines()
    said = words[-1] if words else ended.reason.value
    is_ours = ended.reason is Reason.SANDBOX_ERROR
    detail = ended.harness_error if is_ours else said
    return Finding(probe.name, not is_ours and probe.is_held(ended, targets), detail[:120])


@contextmanager
def _targets() -> Iterator[_Targets]:
    """Set up what there is to be reached, each proven to be reachable from here."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=Path.home())))
        secret = folder / "secret"
        secret.write_text("reached")
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        name = f"evalctl-{secrets.token_hex(8)}"
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0{name}")
        abstract.listen()
        targets = _Targets(secret, folder / "mark", tcp.getsockname()[1], name)
        with socket.create_connection(("127.0.0.1", targets.port)), tcp.accept()[0]:
            yield targets


def _unreached(ended: Ended, _: _Targets) -> bool:
    return _REACHED not in ended.stdout


def _no_mark(_: Ended, targets: _Targets) -> bool:
    return not targets.mark.exists()


def _ended_by(*reasons: Reason) -> Callable[[Ended, _Targets], bool]:
    return lambda ended, _: ended.reason in reasons


_PROBES = (
    _Probe("read a file in your home", "print(open('{target.secret}').read())", _unreached),
    _Probe("write into your home", "open('{target.mark}', 'w').write('x')", _no_mark),
    _Probe("read the system's users", "open('/etc/passwd'); print('reached')", _unreached),
    _Probe(
        "read evalctl's environment", "open('/proc/{pid}/environ'); print('reached')", _unreached
    ),
    _Probe("signal evalctl", "import os; os.kill({pid}, 0); print('reached')", _unreached),
    _Probe("make a socket", "import socket; socket.socket(); print('reached')", _unreached),
    _Probe(
        "make a user namespace",
        "import ctypes\nif ctypes.CDLL(None).unshare(0x10000000) == 0: print('reached')",
        _unreached,
    ),
    _Probe(
        "mount a file system",
        "import ctypes\nif ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None) == 0: "
        "print('reached')",
        _unreached,
    ),
    _Probe(
        "make 500 processes",
        "import os, time\nfor n in range(500):\n    if not os.fork(): time.sleep(9)\n"
        "print('reached')",
        _unreached,
    ),
    _Probe(
        "fork where it is forbidden",
        "import os\nos.fork(); print('reached')",
        _unreached,
        Limits(wall_seconds=_WALL_SECONDS),
    ),
    _Probe(
        "use more memory in all its processes",
        "import os, time\nfor n in range(4):\n    if not os.fork(): x = bytearray(64 << 20); "
        "time.sleep(9)\ntime.sleep(9)",
        _ended_by(Reason.MEMORY),
        Limits(wall_seconds=_WALL_SECONDS, processes=8, memory_total_bytes=128 << 20),
    ),
    _Probe(
        "write more than its disk",
        "for n in range(9): open(str(n), 'wb').write(bytes(15 << 20))\nprint('reached')",
        _unreached,
    ),
    _Probe(
        "run on for ever",
        "while True: pass",
        _ended_by(Reason.WALL_TIMEOUT),
        Limits(wall_seconds=0.5),
    ),
    _Probe("print without end", "while True: print('x' * 999)", _ended_by(Reason.OUTPUT_LIMIT)),
    _Probe(
        "leave a process behind",
        "import os, time\nif not os.fork():\n    os.setsid(); time.sleep(9)",
        lambda ended, _: ended.reason is Reason.OK,
    ),
    _Probe(
        "find what was left behind",
        "import os\nif sum(p.isdecimal() for p in os.listdir('/proc')) > 2: print('reached')",
        _unreached,
    ),
)
_NETWORK_PROBES = (
    _Probe(
        "reach a listener on 127.0.0.1",
        "import socket\nsocket.create_connection(('127.0.0.1', {target.port}), 2); "
        "print('reached')",
        _unreached,
    ),
    _Probe(
        "reach an abstract socket",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('\\0{target.name}'); "
        "print('reached')",
        _unreached,
    ),
)
"""With a loopback, where sockets can be made at all."""
