"""The process that a plugin is checked in: `python -m evalctl.conformance.worker DESCRIPTOR`.

It is told a plugin and then one rule after the other. Before each step it says what it is about to
do, so that the parent knows whom to blame where this process hangs or dies. All that crosses the
border is JSON: a plugin's process is not trusted to pickle.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection

from evalctl.conformance.loading import How, load_subject
from evalctl.conformance.rule import Outcome, judge
from evalctl.conformance.rules import RULES
from evalctl.conformance.subject import Subject
from evalctl.conformance.target import Target
from evalctl.conformance.watch import Watch
from evalctl.engines.host_process import LATER_PATH
from evalctl.executors.workers import MEMORY_BYTES
from evalctl.records import Record

_PR_SET_PDEATHSIG = 1
"""Of Linux: the signal that a process gets when its parent is gone."""


class Brief(Record):
    """The first message to a worker."""

    target: Target
    """The plugin."""
    lost: Mapping[str, str] = {}
    """Steps that ended earlier workers, and how."""


class Said(Record):
    """A message from a worker; one of the two is set."""

    step: str = ""
    """What it is about to do."""
    seconds: float = 0.0
    """How long that may take."""
    outcome: Outcome | None = None
    """What came of a rule."""


def main(descriptor: int) -> None:
    """Judge rules until the parent closes the connection."""
    connection = Connection(descriptor)
    _settle()
    brief = Brief.model_validate_json(connection.recv_bytes())
    if brief.target.path:
        sys.path.insert(0, brief.target.path)

    def announce(step: str, seconds: float) -> None:
        _send(connection, Said(step=step, seconds=seconds))

    with suppress(EOFError, OSError):
        _serve(connection, load_subject(brief.target, How(Watch(), brief.lost, announce)))


def _serve(connection: Connection, subject: Subject) -> None:
    while True:
        rule = RULES[connection.recv_bytes().decode()]
        _send(connection, Said(outcome=judge(rule, subject)))


def _settle() -> None:
    """Bound the memory; write no byte code; tell in the log of crashes; end with the parent."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    sys.dont_write_bytecode = True
    sys.path.extend(folder for folder in os.environ.pop(LATER_PATH, "").split(os.pathsep) if folder)
    faulthandler.enable()
    # Soft limits alone: sandboxes set limits of their own, which may be higher.
    for kind, soft in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (soft, resource.getrlimit(kind)[1]))


def _send(connection: Connection, said: Said) -> None:
    connection.send_bytes(said.model_dump_json().encode())


if __name__ == "__main__":
    main(int(sys.argv[1]))
