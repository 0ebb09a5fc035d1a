from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from evalctl.executors.workers import Job, Outcome, WorkerPool


def double(number: int) -> int:
    return 2 * number


def hang(_: int) -> int:
    while True:
        pass


def tower(_: int) -> int:
    return 9**9**9**9


def fail(_: int) -> int:
    raise ValueError("no such thing")


def die(_: int) -> int:
    os._exit(3)


def hoard(_: int) -> int:
    return len(b"x" * (8 << 30))


def leave(_: int) -> int:
    sys.exit(3)


def nap(_: int) -> int:
    time.sleep(0.3)
    return 1


class Unreadable:
    def __reduce__(self) -> tuple[Callable[[int], int], tuple[int]]:
        return fail, (0,)


def give_unreadable(_: int) -> object:
    return Unreadable()


def say(_: int) -> int:
    print("printed", flush=True)
    os.write(1, b"written\n")
    return 1


def give_unsendable(_: int) -> object:
    return lambda: None


def hang_up(_: int) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)
    return 1


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    workers = WorkerPool(2)
    yield workers
    workers.close()


def run(pool: WorkerPool, jobs: list[tuple[Callable[[int], int], int]]) -> dict[int, Outcome]:
    for key, (function, argument) in enumerate(jobs):
        pool.submit(Job(key, function, (argument,), timeout_seconds=1.0))
    outcomes = {}
    while (outcome := pool.take(block=True)) is not None:
        outcomes[outcome.key] = outcome
    return outcomes


def test_every_job_has_exactly_one_outcome(pool: WorkerPool) -> None:
    outcomes = run(pool, [(double, number) for number in range(200)])
    assert {key: outcome.result for key, outcome in outcomes.items()} == {
        number: 2 * number for number in range(200)
    }


@pytest.mark.parametrize("endless", [hang, tower])
def test_a_job_that_hangs_is_killed_and_the_others_are_not_lost(
    pool: WorkerPool, endless: Callable[[int], int]
) -> None:
    jobs = [(double, n) for n in range(20)] + [(endless, 0)] + [(double, n) for n in range(20)]
    outcomes = run(pool, jobs)
    assert len(outcomes) == 41
    assert outcomes[20].error == "no end within 1 s"
    assert sum(outcome.error is None for outcome in outcomes.values()) == 40


def test_an_exception_is_an_outcome_with_its_reason(pool: WorkerPool) -> None:
    assert run(pool, [(fail, 0)])[0].error == "ValueError: no such thing"


def test_a_worker_that_dies_blames_the_job_it_was_at(pool: WorkerPool) -> None:
    outcomes = run(pool, [(die, 0), *[(double, n) for n in range(10)]])
    assert outcomes[0].error == "its worker process died twice"
    assert all(outcome.error is None for key, outcome in outcomes.items() if key)


def test_memory_beyond_the_limit_is_refused(pool: WorkerPool) -> None:
    assert "MemoryError" in (run(pool, [(hoard, 0)])[0].error or "")


def test_a_job_that_cannot_be_sent_is_refused_and_its_batch_is_told(pool: WorkerPool) -> None:
    outcomes = run(pool, [(lambda number: number, 1)])
    assert "cannot be sent" in (outcomes[0].error or "")


def test_an_exit_is_an_outcome_with_its_reason(pool: WorkerPool) -> None:
    assert run(pool, [(leave, 0)])[0].error == "SystemExit: 3"


@pytest.mark.parametrize("give", [give_unreadable, give_unsendable])
def test_a_result_that_cannot_cross_is_a_failure_of_its_job_alone(
    pool: WorkerPool, give: Callable[[int], int]
) -> None:
    outcomes = run(pool, [(give, 0), (double, 1)])
    assert "result: " in (outcomes[0].error or "")
    assert outcomes[1].result == 2


def test_signals_to_a_whole_group_end_no_worker(pool: WorkerPool) -> None:
    assert run(pool, [(hang_up, 0)])[0].result == 1


def test_what_a_job_prints_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    pool = WorkerPool(1)
    outcomes = run(pool, [(say, 0)])
    pool.close()
    captured = capfd.readouterr()
    assert outcomes[0].error is None
    assert captured.out == ""
    assert {"printed", "written"} <= set(captured.err.split())


def test_an_answer_in_time_is_not_late_because_this_process_was_held_up(pool: WorkerPool) -> None:
    run(pool, [(double, 1)])  # a worker is there
    pool.submit(Job(0, nap, (0,), timeout_seconds=0.6))
    time.sleep(0.1)
    _hold_the_lock(1.2)
    outcome = pool.take(block=True)
    assert outcome is not None
    assert (outcome.result, outcome.error) == (1, None)


def test_closing_leaves_no_process_behind() -> None:
    pool = WorkerPool(1)
    pool.submit(Job(0, os.getpid, (), 5.0))
    outcome = pool.take(block=True)
    assert outcome is not None
    pool.close()
    assert isinstance(outcome.result, int)
    assert not _is_alive(outcome.result)


def _hold_the_lock(seconds: float) -> None:
    """Keep the interpreter's lock in one long call."""
    began = time.monotonic()
    sum(range(2_000_000))
    sum(range(int(2_000_000 * seconds / (time.monotonic() - began))))


def _is_alive(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True
