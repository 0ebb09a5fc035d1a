"""Worker processes with a hard time limit, for our own scorers on text that may be hostile.

This is no sandbox: it never runs model-written code. It keeps a scorer that hangs, explodes or
dies on some text from taking the run with it. A job that outlives its limit is killed with its
process; the jobs queued behind it go to a fresh one. A job whose process dies is tried once more,
since the system may have killed it for want of memory.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import resource
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import NamedTuple

MEMORY_BYTES = 4 << 30
"""Address space of one worker."""
BATCH = 16
"""Jobs handed to a worker at once; keeps the pipe's cost per job small."""
_TICK_SECONDS = 0.05
_START_SECONDS = 120.0
_PASSED_OVER = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that a whole process group may get: the parent decides, and ends its workers itself."""


class Job(NamedTuple):
    """A call to be made in a worker. Function and arguments must pickle."""

    key: int
    """Comes back with the outcome."""
    function: Callable[..., object]
    args: tuple[object, ...]
    timeout_seconds: float


class Outcome(NamedTuple):
    """What became of a job: a result, or why there is none."""

    key: int
    result: object
    error: str | None


class _Worker:
    """One process, the jobs it was handed, and when the current one began."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.jobs: deque[Job] = deque()
        self.since = time.monotonic()
        self.is_started = False
        self.is_dead = False

    def hand(self, jobs: list[Job]) -> None:
        self.jobs.extend(jobs)
        self.since = time.monotonic()
        self.pipe.send([(job.key, job.function, job.args) for job in jobs])

    def is_late(self) -> bool:
        if not self.jobs:
            return False
        limit = self.jobs[0].timeout_seconds if self.is_started else _START_SECONDS
        return time.monotonic() - self.since > limit

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


class WorkerPool:
    """Runs jobs in worker processes; outcomes come back in any order, exactly one per job.

    Workers start with the first job. One thread of the caller's process moves jobs and outcomes.
    """

    def __init__(self, workers: int | None = None) -> None:
        """Take the number of processes; None means one per usable core."""
        self._size = workers or len(os.sched_getaffinity(0))
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._wake, self._woken = os.pipe()
        self._thread: threading.Thread | None = None
        self._died_once: set[int] = set()
        self.n_open = 0
        """Jobs submitted whose outcome was not yet taken."""

    def submit(self, job: Job) -> None:
        """Queue a job."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._dispatch, daemon=True)
            self._thread.start()
        self.n_open += 1
        self._waiting.put(job)
        os.write(self._woken, b".")

    def take(self, *, block: bool) -> Outcome | None:
        """Return one outcome; None where none is there and `block` is false, or none is open."""
        if self.n_open == 0:
            return None
        try:
            outcome = self._outcomes.get(block=block)
        except queue.Empty:
            return None
        self.n_open -= 1
        return outcome

    def close(self) -> None:
        """Kill the workers. Outcomes not yet taken are lost."""
        if self._thread is not None:
            self._waiting.put(None)
            os.write(self._woken, b".")
            self._thread.join()
            self._thread = None
        for end in (self._wake, self._woken):
            with contextlib.suppress(OSError):
                os.close(end)

    def _dispatch(self) -> None:
        resource_tracker.ensure_running()  # its start would lift what is blocked next
        # Workers inherit this, so that none dies of a signal before it can pass it over.
        signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_OVER)
        workers: list[_Worker] = []
        backlog: deque[Job] = deque()
        try:
            while self._take_in(backlog):
                self._hand_out(workers, backlog)
                self._collect(workers)
                self._replace_lost(workers, backlog)
        except Exception as error:  # noqa: BLE001  # such as no more processes: nobody may wait
            for worker in workers:
                backlog.extend(worker.jobs)
            self._refuse_all(backlog, error)
        finally:
            for worker in workers:
                worker.kill()

    def _take_in(self, backlog: deque[Job]) -> bool:
        with contextlib.suppress(queue.Empty):
            while True:
                job = self._waiting.get_nowait()
                if job is None:
                    return False
                backlog.append(job)
        return True

    def _hand_out(self, workers: list[_Worker], backlog: deque[Job]) -> None:
        if backlog and len(workers) < self._size and all(worker.jobs for worker in workers):
            workers.append(_Worker())
        for worker in workers:
            if backlog and not worker.jobs:
                size = max(1, min(BATCH, len(backlog) // self._size))
                batch = [backlog.popleft() for _ in range(size)]
                try:
                    worker.hand(batch)
                except OSError:  # it died while idle: none of these jobs is to blame
                    worker.jobs.clear()
                    worker.is_dead = True
                    backlog.extendleft(reversed(batch))
                except Exception as error:  # noqa: BLE001  # pickling raises anything
                    worker.jobs.clear()
                    self._refuse(batch, f"the job cannot be sent: {describe(error)}")

    def _refuse(self, jobs: Iterable[Job], reason: str) -> None:
        for job in jobs:
            self._outcomes.put(Outcome(job.key, None, reason))

    def _refuse_all(self, backlog: deque[Job], error: Exception) -> None:
        """Answer every job that is open or still to come, until the pool is closed."""
        while self._take_in(backlog):
            self._refuse(backlog, f"no worker can be had: {describe(error)}")
            backlog.clear()
            os.read(self._wake, 4096)

    def _collect(self, workers: list[_Worker]) -> None:
        busy: dict[Connection | int, _Worker | None] = {w.pipe: w for w in workers if w.jobs}
        busy[self._wake] = None
        for ready in wait(list(busy), timeout=_TICK_SECONDS):
            worker = busy[ready]  # type: ignore[index]  # wait() returns what it was given
            if worker is None:
                os.read(self._wake, 4096)
            else:
                self._receive(worker)

    def _receive(self, worker: _Worker) -> None:
        try:
            while worker.pipe.poll():
                self._read(worker)
        except (EOFError, OSError, MemoryError):
            worker.is_dead = True  # by its current job

    def _read(self, worker: _Worker) -> None:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  # unpickling raises anything
            message = Outcome(worker.jobs[0].key, None, f"unreadable result: {describe(error)}")
        worker.since = time.monotonic()
        if message is None:
            worker.is_started = True
            return
        worker.jobs.popleft()
        self._outcomes.put(Outcome(*message))

    def _replace_lost(self, workers: list[_Worker], backlog: deque[Job]) -> None:
        for worker in workers:
            if worker.is_late():
                # This thread itself may have been held up since it last looked: by the main thread
                # in a long call that keeps the interpreter's lock. Nobody is late who has answered.
                self._receive(worker)
        for worker in [worker for worker in workers if worker.is_dead or worker.is_late()]:
            worker.kill()
            workers.remove(worker)
            if worker.jobs and worker.is_dead and worker.jobs[0].key not in self._died_once:
                self._died_once.add(worker.jobs[0].key)  # it may have been killed from outside
            elif worker.jobs:
                guilty = worker.jobs.popleft()
                late = f"no end within {guilty.timeout_seconds:g} s"
                why = "its worker process died twice" if worker.is_dead else late
                self._outcomes.put(Outcome(guilty.key, None, why))
            backlog.extendleft(reversed(worker.jobs))


def describe(error: BaseException) -> str:
    """Return an exception in one short line, also where its own text cannot be made."""
    try:
        said = str(error)
    except Exception:  # noqa: BLE001  # it is a plugin's class
        said = "(its message cannot be made)"
    return " ".join(f"{type(error).__name__}: {said}"[:500].split())


def _serve(pipe: Connection) -> None:
    """Answer jobs until the pipe closes. Runs in the worker process."""
    for number in _PASSED_OVER:
        # A handler, not SIG_IGN: what a scorer itself starts would inherit that.
        signal.signal(number, _pass_over)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED_OVER)
    _print_to_stderr()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(EOFError, OSError):
        pipe.send(None)
        while True:
            for key, function, args in pipe.recv():
                _send(pipe, _answer(key, function, args))


def _pass_over(number: int, frame: object) -> None:
    """Do nothing about a signal."""


def _print_to_stderr() -> None:
    """Standard output is for results: what a job prints is none, from C or by a process either."""
    with contextlib.suppress(OSError):
        os.dup2(2, 1)
    sys.stdout = sys.stderr


def _send(pipe: Connection, outcome: Outcome) -> None:
    try:
        pipe.send(outcome)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  # pickling raises anything
        pipe.send(Outcome(outcome.key, None, f"unsendable result: {describe(error)}"))


def _answer(key: int, function: Callable[..., object], args: tuple[object, ...]) -> Outcome:
    try:
        return Outcome(key, function(*args), None)
    except BaseException as error:  # noqa: BLE001  # the border; exits are none of Exception
        return Outcome(key, None, describe(error))
