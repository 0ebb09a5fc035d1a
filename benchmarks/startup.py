"""What `evalctl --help` and `evalctl list datasets` cost against the libraries they stand on."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from timing import in_turn, ratio

LIMITS = {"help": 1.6, "list datasets": 2.2}
ROUNDS = 15


def main() -> int:
    """Print both ratios; return 1 where one is above its limit."""
    evalctl = str(Path(sys.executable).with_name("evalctl"))
    commands = {
        "base": [sys.executable, "-c", "import typer, rich.table, pydantic, pluggy"],
        "help": [evalctl, "--help"],
        "list datasets": [evalctl, "list", "datasets"],
    }
    seconds = in_turn(commands, ROUNDS)
    for name, values in seconds.items():
        print(f"{name}: median {statistics.median(values):.3f} s over {len(values)} rounds")
    missed = 0
    for name, limit in LIMITS.items():
        found = ratio(seconds, name, "base")
        missed += found > limit
        print(f"{name} / base: {found:.2f} (at most {limit})")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
