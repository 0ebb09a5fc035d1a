"""A sandbox made of zygotes: what bubblewrap, Landlock, plain processes and containers share."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import JsonValue

from evalctl.executions import Ended, Isolation, Launch, Profile, Reason
from evalctl.executors.session import Session, SessionError, Starter
from evalctl.executors.supervise import drive

ENVIRONMENT = {
    "HOME": "/tmp/work",
    "LANG": "C.UTF-8",
    "PATH": "/usr/bin:/bin",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp/work/.matplotlib",
}
"""What every program finds in its environment, whatever its sandbox."""


def enter_command(asked: Mapping[str, JsonValue], stage: Path) -> list[str]:
    """Return the command that does what `guest/enter.py` is asked for, in a file of the stage.

    A profile with many packages makes more of it than one argument of a command may hold.
    """
    written = stage / "enter.json"
    written.write_text(json.dumps(asked))
    program = Path(__file__).parent / "guest" / "enter.py"
    return [sys.executable, "-I", "-S", str(program), str(written)]


def staging(stage: Path, sources: Iterable[Path]) -> list[JsonValue]:
    """Return mounts that show sources as numbers in the stage, where every user can read them."""
    mounts: list[JsonValue] = [["tmpfs", str(stage), "mode=0755"]]
    for number, source in enumerate(sources):
        mounts.append(["bind", str(stage / str(number)), str(source)])
    return mounts


class ZygoteSandbox:
    """Two sessions at most: one for guests, one more for the tests of a pair.

    Where guests cannot be kept apart in one session, each gets a new one, and the next is started
    while it runs.
    """

    def __init__(
        self, profile: Profile, isolation: Isolation, starter: Starter, *, takes_one_guest: bool
    ) -> None:
        """Open the first session.

        Raises:
            SessionError: It does not start.
        """
        self.profile = profile
        self.isolation = isolation
        self.modules: dict[str, bool] = {}
        """Whether modules can be imported inside, as far as that is known by now."""
        self._starter = starter
        self._takes_one_guest = takes_one_guest
        self._sessions: dict[str, Session] = {}
        self._session("guest").await_ready()

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

    def _drive(self, launches: Mapping[str, Launch]) -> dict[str, Ended]:
        try:
            sessions = {name: self._session(name) for name in launches}
            for session in sessions.values():
                session.await_ready()
        except SessionError as error:
            self._drop_lost()
            failed = Ended(reason=Reason.SANDBOX_ERROR, harness_error=str(error))
            return dict.fromkeys(launches, failed)
        if self._takes_one_guest:
            self._sessions = {n: s for n, s in self._sessions.items() if n not in sessions}
            with contextlib.suppress(SessionError):  # told to the guest that needs it
                for name in sessions:
                    self._session(name)
        pairs = [(sessions[name], launch) for name, launch in launches.items()]
        try:
            ended = drive(pairs, network=self.profile.network)
        finally:
            if self._takes_one_guest:
                for session in sessions.values():
                    session.close()
            self._drop_lost()
        return dict(zip(launches, ended, strict=True))

    def _session(self, name: str) -> Session:
        if name not in self._sessions:
            self._sessions[name] = Session(self._starter)
        return self._sessions[name]

    def _drop_lost(self) -> None:
        for name, session in tuple(self._sessions.items()):
            if session.is_lost:
                session.close()
                del self._sessions[name]
