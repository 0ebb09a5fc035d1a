"""Holding a plugin against the rules that make it one users can trust.

`rules.py` is the table. A rule is a value with a name, a reason, a remedy and a function that finds
what breaks it; the files beside it hold them by theme. The plugin's code runs in a process of its
own (`worker.py`), which may hang or die without taking the check with it (`session.py`).
"""

from __future__ import annotations

from evalctl.conformance.rule import Finding, Outcome, Rule, Status
from evalctl.conformance.rules import RULES, THEMES, find_rules
from evalctl.conformance.session import Session
from evalctl.conformance.target import Target, find_targets

__all__ = [
    "RULES",
    "THEMES",
    "Finding",
    "Outcome",
    "Rule",
    "Session",
    "Status",
    "Target",
    "find_rules",
    "find_targets",
]
