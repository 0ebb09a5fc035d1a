"""Programs run and judged in sandboxes while the engine goes on: threads, one sandbox each.

A thread spends its time waiting for a guest; what it does itself is little.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from typing import NamedTuple

from evalctl.errors import EvalctlError
from evalctl.executions import ExecutionRequest, ExecutionResult, Profile, Reason, Sandbox
from evalctl.executors.judges import execute
from evalctl.records import Outcome, ProgramRun, Score

MAX_ANSWER_CHARACTERS = 20_000
"""Of a program that is kept with its score."""

Opener = Callable[[Profile], Sandbox]

_OUTCOMES: dict[Reason, Outcome] = {
    Reason.COMPILE_ERROR: "syntax_error",
    Reason.WALL_TIMEOUT: "timeout",
    Reason.CPU_TIMEOUT: "timeout",
    Reason.MEMORY: "memory",
    Reason.OUTPUT_LIMIT: "limit",
    Reason.DISK_LIMIT: "limit",
    Reason.PIDS_LIMIT: "limit",
    Reason.TAMPERED: "tampered",
}
_OURS = (Reason.SANDBOX_ERROR, Reason.CANCELLED)


class Judged(NamedTuple):
    """A program's score, with the key that it was submitted under."""

    key: int
    score: Score


class ProgramPool:
    """Runs programs; scores come back in any order, exactly one per program."""

    def __init__(self, opener: Opener, threads: int | None = None) -> None:
        """Take what opens sandboxes, and the number of threads, one per usable core by default.

        Both are used only when a program comes.
        """
        self._size = threads or len(os.sched_getaffinity(0))
        self._opener = opener
        self._waiting: queue.SimpleQueue[tuple[int, ExecutionRequest] | None] = queue.SimpleQueue()
        self._judged: queue.SimpleQueue[Judged] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._open: list[Sandbox] = []
        self._is_closed = False
        self.n_open = 0
        """Programs submitted whose score was not yet taken."""

    def submit(self, key: int, request: ExecutionRequest) -> None:
        """Queue a program."""
        if len(self._threads) < min(self._size, self.n_open + 1):
            self._threads.append(threading.Thread(target=self._work, daemon=True))
            self._threads[-1].start()
        self.n_open += 1
        self._waiting.put((key, request))

    def take(self, *, seconds: float) -> Judged | None:
        """Return one score; None where none is open, or none came in time."""
        if self.n_open == 0:
            return None
        try:
            judged = self._judged.get(timeout=seconds) if seconds else self._judged.get_nowait()
        except queue.Empty:
            return None
        self.n_open -= 1
        return judged

    def close(self) -> None:
        """Kill what runs; scores not yet taken are lost."""
        self._is_closed = True
        for _ in self._threads:
            self._waiting.put(None)
        for sandbox in self._open:
            sandbox.kill()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _work(self) -> None:
        sandboxes: dict[str, Sandbox] = {}
        try:
            while (job := self._waiting.get()) is not None and not self._is_closed:
                key, request = job
                self._judged.put(Judged(key, self._score(request, sandboxes)))
        finally:
            for sandbox in sandboxes.values():
                sandbox.close()

    def _score(self, request: ExecutionRequest, sandboxes: dict[str, Sandbox]) -> Score:
        profile = request.profile.model_dump_json()
        try:
            if profile not in sandboxes:
                sandboxes[profile] = self._opener(request.profile)
                self._open.append(sandboxes[profile])
            return score_of(execute(request, sandboxes[profile]), request.program)
        except EvalctlError as error:
            return _not_scored(str(error))
        except Exception as error:  # noqa: BLE001  # nobody may wait for a score for ever
            return _not_scored(f"{type(error).__name__}: {error}")


def _not_scored(why: str) -> Score:
    return Score(value=None, explanation=f"sandbox: {why}", failed=True, outcome="sandbox")


def score_of(result: ExecutionResult, program: str) -> Score:
    """Return what an execution is worth: the share of tests passed, and 1 only for all of them.

    A failure of ours is no score.
    """
    if result.reason is Reason.UNSUPPORTED:
        why, answer = result.harness_error, program[:MAX_ANSWER_CHARACTERS]
        return Score(value=None, answer=answer, explanation=why, outcome="unsupported")
    if result.reason in _OURS:
        return _not_scored(result.harness_error or result.reason.value)
    total = result.tests_total
    share = min(result.tests_passed, total - 1) / total if total else 0.0
    isolation = result.isolation
    return Score(
        value=1.0 if result.passed else share,
        answer=program[:MAX_ANSWER_CHARACTERS],
        explanation=result.error or result.reason.value,
        outcome=_outcome(result),
        program=ProgramRun(
            reason=result.reason.value,
            integrity=result.integrity or "",
            isolation_level=isolation.level if isolation else 0,
            executor=isolation.executor if isolation else "",
            tests_passed=result.tests_passed,
            tests_total=total,
            ran=result.ran,
            flags=result.flags,
            wall_seconds=round(result.wall_seconds, 4),
        ),
    )


def _outcome(result: ExecutionResult) -> Outcome:
    if result.passed:
        return "passed"
    if result.reason is Reason.OK:
        return "wrong_answer" if result.ran else "exception"
    return _OUTCOMES.get(result.reason, "exception")
