"""The descriptors that a runner finds besides its standard ones. Standard library only."""

from __future__ import annotations

import os

REPORT = 3
"""Takes what a runner tells its judge."""
PEER = 4
"""Of a pair: leads to the other guest."""


def write(data: bytes) -> None:
    """Write all of a report, or of a part of it."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(REPORT, rest) :]
