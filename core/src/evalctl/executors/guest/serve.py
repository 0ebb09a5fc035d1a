"""What a guest does once it is confined: takes its descriptors, reads its launch, works.

Runs inside the sandbox: standard library only.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path

from . import runners

_ASIDE = 40
"""Above all descriptors that a guest is forked with, below the least limit on open files."""


def take_over(fds: list[int]) -> int:
    """Put the launch's descriptors at 0 to 3 (and 4, the peer) and close all others.

    Returns:
        Where the payload is: the number after those.
    """
    stdin, stdout, stderr, report, payload, *peer = fds
    wanted = [stdin, stdout, stderr, report, *peer, payload]
    # Moved out of the way first: a target may be another one's present number.
    moved = [os.dup2(fd, _ASIDE + place, inheritable=True) for place, fd in enumerate(wanted)]
    for place, fd in enumerate(moved):
        os.dup2(fd, place, inheritable=True)
    os.closerange(len(moved), 256)
    return len(moved) - 1


def work(header: dict[str, object], payload: int) -> int:
    """Write the launch's files and do what it asks; return the exit code."""
    with os.fdopen(payload, "rb") as file:
        launch = json.load(file)
    for name, content in launch["files"].items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made executable at once: where modes cannot be changed later, it still is.
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o700), "wb") as file:  # noqa: PTH123
            file.write(base64.b64decode(content))
    if header["runner"] == "command":
        os.execve(launch["argv"][0], launch["argv"], dict(os.environ))
    try:
        return runners.run(str(header["runner"]), launch["job"])
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):
                continue


def complain(error: BaseException) -> None:
    """Tell on standard error why there is no guest."""
    text = f"the guest could not be made ready: {type(error).__name__}: {error}\n"
    try:
        os.write(2, text.encode(errors="replace"))
    except OSError:
        return
