"""What a newcomer does with evalctl and a category of their own, and what it takes.

A fresh virtual environment; evalctl installed from this clone; `plugins new`; the category
installed, listed, run and checked, its tests run; uninstalled again. Whatever does not come out as
it must ends the script with exit code 1. Needs the package index for evalctl's dependencies.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAME = "riverside"
CHANGING = {"load_seconds", "is_usable", "problem", "note"}
"""How long plugins take to load, and what the machine has to spare for sandboxes."""
LISTINGS = ("categories", "models", "datasets", "metrics", "engines", "executors", "plugins")


class Newcomer:
    """Types commands into a fresh environment and notes what each takes."""

    def __init__(self, folder: Path) -> None:
        """Begin in an empty folder."""
        self.folder = folder
        self.bin = folder / "venv" / "bin"
        own = {k: v for k, v in os.environ.items() if not k.startswith(("EVALCTL_", "PYTHON"))}
        self.environment: Mapping[str, str] = own | {"EVALCTL_CACHE": str(folder / "cache")}
        self.seconds = 0.0

    def type(self, program: str, *arguments: str, is_told: bool = True) -> str:
        """Run a command of the environment and return what it printed.

        Raises:
            SystemExit: It failed.
        """
        began = time.perf_counter()
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        took = time.perf_counter() - began
        self.seconds += took
        if is_told:
            print(f"{took:6.1f} s  {program} {' '.join(arguments)}", flush=True)
        if done.returncode:
            sys.exit(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def listings(self) -> dict[str, object]:
        """Return all that is listed, but for what differs from call to call by nature."""
        found = {
            what: json.loads(self.type("evalctl", "list", what, "--json", is_told=False))
            for what in LISTINGS
        }
        for row in (row for rows in found.values() for row in rows):
            for key in CHANGING & set(row):
                del row[key]
        return found


def main() -> int:
    """Print every command with its wall time, and the whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shown", action="store_true", help="print what the commands print")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        newcomer = Newcomer(Path(folder))
        began = time.perf_counter()
        venv.create(newcomer.folder / "venv", with_pip=True)
        print(f"{time.perf_counter() - began:6.1f} s  python -m venv venv", flush=True)
        newcomer.seconds += time.perf_counter() - began
        told = follow(newcomer)
        print(f"{newcomer.seconds:6.1f} s  in all")
    if asked.shown:
        print("\n\n".join(told))
    return 0


def follow(newcomer: Newcomer) -> list[str]:
    """Do it all; return what the commands that people read have printed."""
    pins = str(ROOT / "requirements" / "pins.txt")
    newcomer.type("pip", "install", "-q", "-c", pins, str(ROOT / "core"), "pytest")
    before = newcomer.listings()
    told = [newcomer.type("evalctl", "plugins", "new", NAME)]
    newcomer.type("pip", "install", "-q", "-c", pins, "-e", f"evalctl-{NAME}")
    told.append(newcomer.type("evalctl", "list", "plugins"))
    if NAME not in told[-1]:
        sys.exit(f"{NAME} is not listed:\n{told[-1]}")
    told.append(newcomer.type("evalctl", "run", "--category", NAME))
    told.append(newcomer.type("evalctl", "plugins", "check", NAME))
    told.append(newcomer.type("pytest", "-q", f"evalctl-{NAME}"))
    newcomer.type("pip", "uninstall", "-q", "-y", f"evalctl-{NAME}")
    if newcomer.listings() != before:
        sys.exit("after the category was uninstalled, the listings are not as before")
    print("uninstalled, all listings are as before")
    return told


if __name__ == "__main__":
    sys.exit(main())
