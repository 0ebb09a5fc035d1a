"""A sandbox of level 3 for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evalctl.executions import Isolation, Profile, Sandbox
from evalctl.executors.bwrap import open_bwrap, probe_bwrap


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests: what one leaves behind would be seen by the next."""
    found = probe_bwrap()
    if not isinstance(found, Isolation):
        pytest.skip(f"no sandbox of level 3 on this machine: {found}")
    opened = open_bwrap(Profile())
    yield opened
    opened.close()
