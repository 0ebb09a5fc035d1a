"""Holding one plugin against the rules, its code in a process of its own that may hang or die."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from pydantic import ValidationError

from evalctl.conformance.rule import Finding, Outcome, Rule
from evalctl.conformance.subject import PATIENCE_SECONDS
from evalctl.conformance.target import Target
from evalctl.conformance.worker import Brief, Said
from evalctl.engines.host_process import EngineProcess

START_SECONDS = 60.0
"""How long a process may take to say its first word."""
MAX_WAIT = 3
"""A step that gets no processor may take so many times its limit."""
MAX_DEATHS = 5
"""After so many processes that one rule ended, the rest of the rule is not looked at."""


class Session:
    """One plugin under check. Processes start when they are needed; close it to end the last one.

    Used as a context manager, or closed by hand.
    """

    def __init__(self, target: Target, *, patience: float = 1.0) -> None:
        """Take the plugin.

        Args:
            target: The plugin.
            patience: What the time limits of all steps are multiplied by.
        """
        self.target = target
        self._patience = patience
        self._lost: dict[str, str] = {}
        self._process: EngineProcess | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Session:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what runs."""
        self.close()

    def outcomes(self, rules: Iterable[Rule]) -> Iterator[Outcome]:
        """Yield what comes of each rule, as soon as it is known."""
        for rule in rules:
            yield self.outcome(rule)

    def outcome(self, rule: Rule) -> Outcome:
        """Return what comes of one rule, whatever the plugin's code does."""
        step = how = ""
        for _ in range(MAX_DEATHS):
            process = self._process = self._process or self._start()
            with contextlib.suppress(OSError):  # it may be dead: its last words can still be read
                process.connection.send_bytes(rule.name.encode())
            step, how, outcome = self._listen(process)
            if outcome is not None:
                return outcome
            self._stop()
            self._lost[step] = how
        finding = Finding(where=step or "the plugin", what=how)
        return Outcome(rule=rule.name, status="failed", findings=(finding,))

    def close(self) -> None:
        """End the process; may be called twice."""
        self._stop()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _listen(self, process: EngineProcess) -> tuple[str, str, Outcome | None]:
        """Return the outcome; without one, the step that the process ended at, and how."""
        step, limit = "", START_SECONDS
        while True:
            try:
                if not _is_heard(process, limit):
                    return step, f"no end within {limit:g} s", None
                said = Said.model_validate_json(process.connection.recv_bytes())
            except (EOFError, OSError):
                return step, f"its {process.describe_end()}".replace("engine ", "", 1), None
            except ValidationError:
                return step, "what its process sends is no message of ours", None
            if said.outcome is not None:
                return step, "", said.outcome
            step, limit = said.step, (said.seconds or PATIENCE_SECONDS) * self._patience

    def _start(self) -> EngineProcess:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="evalctl-check-")
        log = Path(self._folder.name) / "log"
        process = EngineProcess("evalctl.conformance.worker", log)
        brief = Brief(target=self.target, lost=self._lost)
        process.connection.send_bytes(brief.model_dump_json().encode())
        return process

    def _stop(self) -> None:
        if self._process is not None:
            self._process.stop(grace_seconds=0.0)
            self._process = None


def _is_heard(process: EngineProcess, limit: float) -> bool:
    """Return whether something comes in time; on a busy machine the time is the process's own."""
    began = _cpu_seconds(process.pid)
    for _ in range(MAX_WAIT):
        if process.connection.poll(limit):
            return True
        used = _cpu_seconds(process.pid) - began
        if not limit / 10 < used < limit / 2:  # it waits for nothing, or has had its time
            return False
    return False


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
