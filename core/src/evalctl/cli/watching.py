"""A sign of life on standard error while rows are gone through; in logs, a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from evalctl.proving import Watch

_SECONDS = 0.1
"""Between two changes of what is shown."""
LINE_SECONDS = 20.0
"""Between two lines where it is no terminal."""


@contextmanager
def watching() -> Iterator[Watch]:
    """Yield what shows how far a check is; in a terminal it is gone from the screen in the end."""
    console = Console(stderr=True, highlight=False, emoji=False)
    if not console.is_terminal:
        began = time.monotonic()
        yield _every(
            LINE_SECONDS,
            lambda text: sys.stderr.write(f"[{time.monotonic() - began:7.1f} s] {text}\n"),
        )
        return
    with console.status("reading") as status:
        yield _every(_SECONDS, status.update)


def _every(seconds: float, tell: Callable[[str], object]) -> Watch:
    """Return what tells how far a check is, so often at most."""
    last = time.monotonic()

    def show(text: str, done: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last > seconds:
            last = now
            tell(f"{text}: {done:,}")

    return show
