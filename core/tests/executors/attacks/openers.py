"""The executors that the attacks are tried on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from evalctl.errors import EvalctlError
from evalctl.executions import Isolation, Profile, Sandbox
from evalctl.executors.bwrap import open_bwrap
from evalctl.executors.shared_host import open_landlock


class Opener(NamedTuple):
    """How to open a sandbox."""

    level: int
    open: Callable[[Profile], Sandbox]

    def probe(self) -> Isolation | str:
        """Return what it gives here, or why it gives nothing."""
        try:
            sandbox = self.open(Profile())
        except EvalctlError as error:
            return str(error)
        sandbox.close()
        return sandbox.isolation


OPENERS = {
    "bwrap": Opener(3, open_bwrap),
    "landlock": Opener(2, open_landlock),
    "landlock_oldest": Opener(2, partial(open_landlock, newest=1)),
}
"""By the name of the executor; those of level 2 and above."""
