"""What a guest can do with its launch, by name. Standard library only."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Mapping

from . import calls, inproc, script, solution, tests

RUNNERS: dict[str, Callable[[Mapping[str, object]], int]] = {
    "script": script.run,
    "solution": solution.run,
    "tests": tests.run,
    "inproc": inproc.run,
    "calls": calls.run,
}
"""All are imported before the zygote forks, so that no guest pays for it."""


def run(name: str, job: Mapping[str, object]) -> int:
    """Do a job and return the exit code.

    Raises:
        ValueError: There is no such runner.
    """
    # Named by programs, though it is `site` that defines them, which guests start without.
    vars(builtins).update(exit=sys.exit, quit=sys.exit)
    if name == "cases":  # `unittest` is much, and most guests need none of it
        from . import cases

        return cases.run(job)
    if name == "build":
        from . import build

        return build.run(job)
    if name not in RUNNERS:
        raise ValueError(f"no runner {name!r}")
    return RUNNERS[name](job)
