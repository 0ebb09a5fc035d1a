"""Measuring how fast models are and what they take; see `docs/efficiency.md` for the protocol.

`sessions.py` carries the protocol out, `levels.py` one number of prompts at once. What is read off
the machine is in `machine.py`, `processes.py`, `watching.py` and `energy.py`. `figures.py` makes
figures with intervals of sessions, `reducing.py` a model's result, `pareto.py` a table of several.
"""

from __future__ import annotations

from evalctl.measuring.levels import prompts_at
from evalctl.measuring.machine import hardware
from evalctl.measuring.pareto import frontier, standings
from evalctl.measuring.reducing import Known, against, reduce_sessions
from evalctl.measuring.sessions import (
    IDLE,
    Instruments,
    Measured,
    Session,
    Subject,
    measure_in_turns,
)

__all__ = [
    "IDLE",
    "Instruments",
    "Known",
    "Measured",
    "Session",
    "Subject",
    "against",
    "frontier",
    "hardware",
    "measure_in_turns",
    "prompts_at",
    "reduce_sessions",
    "standings",
]
