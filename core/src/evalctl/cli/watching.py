"""A sign of life on standard error while rows are gone through; in a terminal alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from evalctl.proving import Watch, unwatched

_SECONDS = 0.1
"""Between two changes of what is shown."""


@contextmanager
def watching() -> Iterator[Watch]:
    """Yield what shows how far a check is; it is gone from the screen in the end."""
    console = Console(stderr=True, highlight=False, emoji=False)
    if not console.is_terminal:
        yield unwatched
        return
    with console.status("reading") as status:
        last = 0.0

        def show(text: str, done: int) -> None:
            nonlocal last
            if (now := time.monotonic()) - last > _SECONDS:
                last = now
                status.update(f"{text}: {done:,}")

        yield show
