"""The one command that checks everything, the same here and in CI: `python check.py`.

Each check runs even if one before it failed; the exit code is 1 if any did. Name some to run only
those: `python check.py lint types`. What follows `--` goes to pytest.
"""

from __future__ import annotations

import subprocess
import sys
import time

PYTHON = [sys.executable, "-m"]
CHECKS = {
    "format": [*PYTHON, "ruff", "format", "--check", "."],
    "lint": [*PYTHON, "ruff", "check", "."],
    "types": [
        *PYTHON,
        "mypy",
        "core/src/evalctl",
        "plugins/coding/src/evalctl_coding",
        "plugins/general/src/evalctl_general",
        "plugins/safety/src/evalctl_safety",
        "plugins/scientific/src/evalctl_scientific",
        "plugins/biomedical/src/evalctl_biomedical",
        "plugins/efficiency/src/evalctl_efficiency",
        "plugins/math/src/evalctl_math",
        "plugins/multimodal/src/evalctl_multimodal",
        "plugins/reference/src/evalctl_reference",
        "docs/building",
        "examples/evalctl-genomics/src/evalctl_genomics",
        "examples/evalctl-genomics/making",
        "check.py",
    ],
    "imports": [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ],
    "docs": [*PYTHON, "docs.building"],
    # A file stays with one process, so that its fixtures are made once; one process more than there
    # are cores in CI, as many tests wait for what they have started.
    "tests": [*PYTHON, "pytest", "--numprocesses=3", "--dist=loadfile"],
}


def main(arguments: list[str]) -> int:
    """Run the checks that are named, or all; return the exit code."""
    own, for_pytest = _split(arguments)
    unknown = set(own) - set(CHECKS)
    if unknown:
        print(f"no such check: {', '.join(sorted(unknown))}; there are: {', '.join(CHECKS)}")
        return 2
    failed = []
    for name in own or CHECKS:
        command = CHECKS[name] + (for_pytest if name == "tests" else [])
        began = time.monotonic()
        print(f"== {name}: {' '.join(command[1:])}", flush=True)
        code = subprocess.run(command, check=False).returncode
        print(f"== {name}: {'ok' if code == 0 else 'FAILED'}, {time.monotonic() - began:.0f} s\n")
        if code:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return 1 if failed else 0


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
