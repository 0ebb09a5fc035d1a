"""The executors that the attacks are tried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from evalctl.executions import Isolation, Profile, Sandbox
from evalctl.executors.bwrap import open_bwrap, probe_bwrap


class Opener(NamedTuple):
    """How to open a sandbox, and whether that can be done here."""

    level: int
    open: Callable[[Profile], Sandbox]
    probe: Callable[[], Isolation | str]
    """Returns what it gives here, or why it gives nothing."""


OPENERS = {
    "bwrap": Opener(3, open_bwrap, probe_bwrap),
}
"""By the name of the executor; those of level 2 and above."""
