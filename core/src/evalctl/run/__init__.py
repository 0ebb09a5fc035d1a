"""Carrying out a plan: asking models, scoring what comes back, keeping it."""

from __future__ import annotations

from evalctl.run.execute import execute, go_on
from evalctl.run.manifest import new_run_folder
from evalctl.run.observer import Observer
from evalctl.run.reopening import Reopened, reopen
from evalctl.run.tally import Tally

__all__ = ["Observer", "Reopened", "Tally", "execute", "go_on", "new_run_folder", "reopen"]
