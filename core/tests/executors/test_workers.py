from __future__ import annotations

import os
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
    assert outcomes[0].error == "its worker process died"
    assert all(outcome.error is None for key, outcome in outcomes.items() if key)


def test_memory_beyond_the_limit_is_refused(pool: WorkerPool) -> None:
    assert "MemoryError" in (run(pool, [(hoard, 0)])[0].error or "")


def test_a_job_that_cannot_be_sent_is_refused_and_its_batch_is_told(pool: WorkerPool) -> None:
    outcomes = run(pool, [(lambda number: number, 1)])
    assert "cannot be sent" in (outcomes[0].error or "")


def test_closing_leaves_no_process_behind() -> None:
    pool = WorkerPool(1)
    pool.submit(Job(0, os.getpid, (), 5.0))
    outcome = pool.take(block=True)
    assert outcome is not None
    pool.close()
    assert isinstance(outcome.result, int)
    assert not _is_alive(outcome.result)


def _is_alive(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True
