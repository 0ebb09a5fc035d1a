"""Saying which plugin is waited for, where one takes long to load or never does."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from evalctl.cli.harmless import harmless
from evalctl.disabling import DISABLED
from evalctl.plugins.entry_points import Candidate

PATIENCE = 5.0
"""Seconds until it is said. Nothing is stopped: a plugin may have a reason to take long."""


@contextmanager
def telling_slow(candidate: Candidate) -> Iterator[None]:
    """Say on standard error that a plugin is still loading, if it is after a while."""
    stderr = sys.stderr  # plugins may put another one in its place
    plugin, distribution, version = map(harmless, candidate.owner)
    timer = threading.Timer(
        PATIENCE,
        lambda: stderr.write(
            f"still loading the plugin {plugin} ({distribution} {version}) after {PATIENCE:g} s; "
            f"{DISABLED}={plugin} leaves it out\n"
        ),
    )
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
