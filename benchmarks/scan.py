"""A scan of a million rows against `datasets.load_dataset` reading the same file, and a second one.

Rows in GSM8K's form are made up. A scan validates each by the dataset's adapter and looks for
repeats; `load_dataset` parses them and writes Arrow. Both start in an empty cache.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from timing import Spent, run_once

LEAST_FASTER = 20.0
"""How many times faster a second scan of an unchanged folder has to be."""
LOAD = "import sys, datasets; datasets.load_dataset({kind!r}, data_files=sys.argv[1])"

TABLE = """import sys
from pyarrow import json, parquet
parquet.write_table(json.read_json(sys.argv[1]), sys.argv[2])"""


def main() -> int:
    """Print rows per second, peak memory and ratios; return 1 where a second scan is too slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    return int(not all([measure(kind, asked.rows) for kind in ("json", "parquet")]))


def measure(kind: str, count: int) -> bool:
    """Print what a file of one form takes; return whether the second scan is fast enough."""
    evalctl = str(Path(sys.executable).with_name("evalctl"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = write_rows(folder / "data" / "gsm8k", kind, count)
        caches = {"HF_HOME": f"{name}/hf", "EVALCTL_CACHE": f"{name}/kept"}
        scan = [evalctl, "datasets", "scan", str(folder / "data"), "--strict"]
        first = run_once(scan, environment=caches)
        again = run_once(scan, environment=caches)
        load = [sys.executable, "-c", LOAD.format(kind=kind), str(file)]
        loaded = run_once(load, environment=caches)
    print(f"{kind}, {count:,} rows")
    for what, spent in (("scan", first), ("load_dataset", loaded), ("second scan", again)):
        print(told(what, spent, count))
    processor = first.processor_seconds / loaded.processor_seconds
    memory = first.peak_bytes / loaded.peak_bytes
    faster = first.seconds / again.seconds
    print(f"  scan / load_dataset: {processor:.2f} processor time, {memory:.2f} memory")
    print(f"  first scan / second: {faster:.1f} (at least {LEAST_FASTER:g})")
    return faster >= LEAST_FASTER


def told(what: str, spent: Spent, count: int) -> str:
    """Return a line about a process."""
    return (
        f"  {what}: {spent.seconds:.1f} s wall, {spent.processor_seconds:.1f} s processor, "
        f"{count / spent.seconds:,.0f} rows/s, peak {spent.peak_bytes >> 20} MiB"
    )


def write_rows(folder: Path, kind: str, count: int) -> Path:
    """Write rows in GSM8K's form; return the file."""
    folder.mkdir(parents=True)
    lines = folder / "test.jsonl"
    with lines.open("w") as file:
        for number in range(count):
            sold = number % 97 + 3
            steps = f"There were {number} and {sold} more: <<{number}+{sold}={number + sold}>>. "
            row = {
                "question": f"A shop has {number} crates of apples, and a truck brings {sold} more "
                f"in the morning, before anyone has bought any. How many crates are there when the "
                "doors open?",
                "answer": f"{steps * 3}\n#### {number + sold}",
            }
            file.write(json.dumps(row) + "\n")
    if kind == "json":
        return lines
    table = folder / "test-00000-of-00001.parquet"
    # In a process of its own: what we hold counts as the peak of what we start.
    run_once([sys.executable, "-c", TABLE, str(lines), str(table)])
    lines.unlink()
    return table


if __name__ == "__main__":
    sys.exit(main())
