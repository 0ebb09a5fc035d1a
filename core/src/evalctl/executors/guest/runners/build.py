"""A compiler and what it makes, which goes out as bytes. Standard library only."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from . import report


def run(job: Mapping[str, object]) -> int:
    """Execute `command`; report the bytes of the file `made`. The exit code is the compiler's."""
    code = subprocess.run(cast("list[str]", job["command"]), check=False).returncode
    if code != 0:
        return code & 0xFF or 1
    report.write(Path(str(job["made"])).read_bytes())
    return 0
