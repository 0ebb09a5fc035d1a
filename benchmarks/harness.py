"""The harness alone: recorded outputs scored through `evalctl run`, with no model in the way.

Rows and outputs are made up. Nine outputs of ten are settled at once; every tenth says `N/1`,
which takes the longer way through equivalence.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from timing import Spent, run_once

LIMIT_BYTES = 150 << 20


def main() -> int:
    """Print samples per second and the growth of memory; return 1 where it is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speed", type=int, default=100_000, help="samples for the speed")
    parser.add_argument("--small", type=int, default=10_000, help="samples of the small run")
    parser.add_argument("--large", type=int, default=1_000_000, help="samples of the large run")
    asked = parser.parse_args()
    speed = measure(asked.speed)
    print(f"{asked.speed:,} samples: {speed.seconds:.1f} s, {asked.speed / speed.seconds:,.0f}/s")
    small, large = measure(asked.small), measure(asked.large)
    for count, spent in ((asked.small, small), (asked.large, large)):
        print(f"{count:,} samples: {spent.seconds:.1f} s, peak {spent.peak_bytes >> 20} MiB")
    growth = large.peak_bytes - small.peak_bytes
    print(f"growth: {growth / (1 << 20):.0f} MiB (at most {LIMIT_BYTES >> 20})")
    print(f"memory ratio: {large.peak_bytes / small.peak_bytes:.2f}")
    return 1 if growth > LIMIT_BYTES else 0


def measure(count: int) -> Spent:
    """Return what a run over that many samples takes, start-up included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder, count)
        evalctl = str(Path(sys.executable).with_name("evalctl"))
        model, data = f"replay:{folder / 'outputs.jsonl'}", str(folder)
        places = ["--data", data, "--out", str(folder / "runs"), "--dataset", "gsm8k"]
        return run_once([evalctl, "run", "--model", model, *places])


def write_rows(folder: Path, count: int) -> None:
    """Write problems in GSM8K's form, and an output for each."""
    (folder / "gsm8k").mkdir()
    with (
        (folder / "gsm8k" / "test.jsonl").open("w") as rows,
        (folder / "outputs.jsonl").open("w") as outputs,
    ):
        for number in range(count):
            question = f"A shelf holds {number} books and gets {number + 1} more. How many has it?"
            total = 2 * number + 1
            steps = f"{number} + {number + 1} = {total}"
            row = {"question": question, "answer": f"{steps}\n#### {total}"}
            text = f"It has {steps} books.\n#### {total}{'/1' if number % 10 == 0 else ''}"
            output = {"dataset": "gsm8k", "id": str(number), "completions": [text]}
            rows.write(json.dumps(row) + "\n")
            outputs.write(json.dumps(output) + "\n")


if __name__ == "__main__":
    sys.exit(main())
