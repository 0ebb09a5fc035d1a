"""Asking judge models about completions that are already on disk.

`sheets.py` is one sample's questions and verdicts, `rounds.py` asks one judge about a dataset,
`panel.py` one judge after the other, and `counting.py` adds up what all of them said. `parts.py`
keeps verdicts that wait for others, and `stored.py` finds those of an earlier run.
"""

from __future__ import annotations

from evalctl.run.judging.counting import count_verdicts
from evalctl.run.judging.panel import judge_all
from evalctl.run.judging.rounds import Bench, Round, rounds_of
from evalctl.run.judging.stored import JudgedRun, StoredVerdicts

__all__ = [
    "Bench",
    "JudgedRun",
    "Round",
    "StoredVerdicts",
    "count_verdicts",
    "judge_all",
    "rounds_of",
]
