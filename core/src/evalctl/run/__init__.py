"""Carrying out a plan: asking models, scoring what comes back, keeping it."""

from __future__ import annotations

from evalctl.run.baseline import with_baseline
from evalctl.run.execute import execute, go_on
from evalctl.run.manifest import new_run_folder
from evalctl.run.observer import Observer
from evalctl.run.reopening import Afresh, Reopened, reopen
from evalctl.run.rerunning import Change, Order, Repetition, compare_outputs, rerun
from evalctl.run.rescoring import Rescoring, plan_rescoring, rescore
from evalctl.run.tally import Tally

__all__ = [
    "Afresh",
    "Change",
    "Observer",
    "Order",
    "Reopened",
    "Repetition",
    "Rescoring",
    "Tally",
    "compare_outputs",
    "execute",
    "go_on",
    "new_run_folder",
    "plan_rescoring",
    "reopen",
    "rerun",
    "rescore",
    "with_baseline",
]
