"""Two runs of 100,000 samples compared: time and memory, for 0/1 values and for values that vary.

The runs are made of a small one whose lines are multiplied; 500 words each of prompt and answer
bring a line to the size of a real one.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from harness import write_rows
from timing import run_once

EVALCTL = [sys.executable, "-c", "from evalctl.cli import main; main()"]
METRIC = "numerical_accuracy"
SHARES = {"a": 0.60, "b": 0.595}


def main() -> int:
    """Print what comparing takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=100_000, help="samples of each run")
    asked = parser.parse_args()
    kinds: dict[str, Callable[[random.Random, float], float]] = {
        "0/1 values": lambda source, share: float(source.random() < share),
        "values that vary": lambda source, share: share * source.random(),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = make_small_run(folder)
        for kind, draw in kinds.items():
            size = 0
            for index, (run, share) in enumerate(SHARES.items()):
                value = partial(draw, random.Random(index), share)
                size += multiply(small, folder / run, asked.samples, value)
            spent = run_once([*EVALCTL, "compare", *(str(folder / run) for run in SHARES)])
            print(
                f"{kind}: 2 × {asked.samples:,} samples, {size / 1e6:,.0f} MB: "
                f"{spent.processor_seconds:.1f} s of processor time, "
                f"peak {spent.peak_bytes >> 20} MiB"
            )
    return 0


def make_small_run(folder: Path) -> Path:
    """Return the folder of a run on ten samples."""
    write_rows(folder, 10)
    model = f"replay:{folder / 'outputs.jsonl'}"
    places = ["--data", str(folder), "--out", str(folder / "runs"), "--dataset", "gsm8k"]
    run_once([*EVALCTL, "run", "--model", model, *places])
    (made,) = (folder / "runs").iterdir()
    return made


def multiply(small: Path, made: Path, count: int, draw: Callable[[], float]) -> int:
    """Copy a run with so many samples, in a random order; return the bytes of its lines."""
    shutil.rmtree(made, ignore_errors=True)
    # Without the checkpoints, by which it would show that the lines are not those of the run.
    shutil.copytree(small, made, ignore=shutil.ignore_patterns("checkpoints"))
    (path,) = (made / "samples").rglob("*.jsonl")
    line = json.loads(path.read_text().splitlines()[0])
    line["prompt"]["messages"] = [{"role": "user", "content": "word " * 500}]
    line["generation"]["completions"][0]["text"] = "word " * 500
    numbers = list(range(count))
    random.Random(0).shuffle(numbers)
    with path.open("w") as file:
        for number in numbers:
            line["sample_id"] = str(number)
            line["metrics"][METRIC] = draw()
            file.write(json.dumps(line) + "\n")
    return path.stat().st_size


if __name__ == "__main__":
    sys.exit(main())
