"""What `evalctl --help` and `evalctl list datasets` cost against the libraries they stand on.

Times are those of an installed evalctl: with byte code, as `pip install` leaves it, whatever the
environment says about writing it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from timing import in_turn, median_ratio

BASE = "import typer, rich.table, pydantic, pluggy"
LIMITS = {"--help": 1.6, "list datasets": 2.2}


def main() -> int:
    """Print the ratios of wall and of processor time; return 1 where one is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    asked = parser.parse_args()
    evalctl = str(Path(sys.executable).with_name("evalctl"))
    commands = {
        "base": [sys.executable, "-c", BASE],
        **{f"evalctl {name}": [evalctl, *name.split()] for name in LIMITS},
    }
    with tempfile.TemporaryDirectory() as folder:
        spent = in_turn(commands, asked.rounds, environment=with_byte_code(folder))
    wall = {name: [one.seconds for one in found] for name, found in spent.items()}
    processor = {name: [one.processor_seconds for one in found] for name, found in spent.items()}
    missed = 0
    for name in commands:
        medians = [1000 * statistics.median(times[name]) for times in (wall, processor)]
        print(f"{name}: median {medians[0]:.0f} ms wall, {medians[1]:.0f} ms processor")
    for name, limit in LIMITS.items():
        ratios = [
            median_ratio(times[f"evalctl {name}"], times["base"]) for times in (wall, processor)
        ]
        missed += max(ratios) > limit
        print(
            f"evalctl {name} / base: {ratios[0]:.2f} wall, {ratios[1]:.2f} processor "
            f"(at most {limit}; {asked.rounds} rounds)"
        )
    return 1 if missed else 0


def with_byte_code(folder: str) -> Mapping[str, str]:
    """Return our environment with byte code kept in a folder; the warm-up round writes it."""
    own = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**own, "PYTHONPYCACHEPREFIX": folder}


if __name__ == "__main__":
    sys.exit(main())
