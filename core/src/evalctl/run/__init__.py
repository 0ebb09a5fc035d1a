"""Carrying a plan out: engines are opened and asked, generations scored, results kept."""

from __future__ import annotations

from evalctl.run.execute import execute
from evalctl.run.manifest import make_manifest, new_run_folder
from evalctl.run.observer import Observer
from evalctl.run.tally import Tally

__all__ = ["Observer", "Tally", "execute", "make_manifest", "new_run_folder"]
