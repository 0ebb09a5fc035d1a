"""Languages that programs can be written in besides Python: how they are built and run.

A program in one of them is judged by what it prints. It is built in one guest and run in others,
each with a fresh folder: what was built crosses as bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from evalctl.executions import Limits

_SYSTEM = ("/usr/bin", "/bin", "/usr/libexec", "/usr/lib/gcc", "/usr/include", "/usr/share/nodejs")
"""Where toolchains of a distribution lie; shown read-only, as far as they exist."""
BUILT = "program"
"""Name of what a build leaves."""


class Language(NamedTuple):
    """How a language's programs are built and run; `{}` in a command is the source's name."""

    source: str
    """Name of the source file."""
    needs: str
    """The command that must be on the machine."""
    build: tuple[str, ...]
    """Command that makes `program`; empty where the source itself is run."""
    run: tuple[str, ...]
    """Command that runs it."""
    roomy: bool = False
    """Whether its runtime reserves far more addresses than it uses, and starts threads."""

    def limits(self, limits: Limits) -> Limits:
        """Return limits under which its runtime can start; memory in all is bounded as before."""
        if not self.roomy:
            return limits
        changed = {"memory_bytes": 1 << 50, "processes": 2, "threads": max(64, limits.threads)}
        return limits.model_copy(update=changed)


LANGUAGES = {
    "c": Language(
        source="program.c",
        needs="gcc",
        build=("/usr/bin/gcc", "-O2", "-std=c17", "-o", BUILT, "program.c", "-lm"),
        run=(f"./{BUILT}",),
    ),
    "cpp": Language(
        source="program.cpp",
        needs="g++",
        build=("/usr/bin/g++", "-O2", "-std=c++20", "-o", BUILT, "program.cpp"),
        run=(f"./{BUILT}",),
    ),
    "javascript": Language(
        source="program.js",
        needs="node",
        build=(),
        # Its default configuration of OpenSSL may be there, and yet not be readable.
        run=("/usr/bin/node", "--openssl-config=/dev/null", "program.js"),
        roomy=True,
    ),
}
"""By the name that `ExecutionRequest.language` takes."""
BUILD_LIMITS = Limits(
    wall_seconds=60.0,
    cpu_seconds=60.0,
    processes=16,
    memory_bytes=4 << 30,
    memory_total_bytes=2 << 30,
    file_bytes=64 << 20,
    disk_bytes=256 << 20,
    report_bytes=64 << 20,
)
"""For a compiler; more than for what it builds."""


def is_installed(language: Language) -> bool:
    """Return whether the machine has what a language needs."""
    return shutil.which(language.needs, path="/usr/bin:/bin") is not None


def folders(names: Iterable[str]) -> Iterator[Path]:
    """Yield the folders of the host that programs in some languages have to see."""
    if any(name in LANGUAGES for name in names):
        seen: set[Path] = set()
        for folder in map(Path, _SYSTEM):
            if folder.is_dir() and folder.resolve() not in seen:
                seen.add(folder.resolve())
                yield folder
