"""Proving a dataset on its real rows: what they are like, and whether its scorer judges them right.

`survey` looks at every row once; `prove` scores gold answers, which must be right, and wrong ones,
which must not.
"""

from __future__ import annotations

from evalctl.proving.findings import KEPT, Case, Finding, Verdict, Watch, unwatched
from evalctl.proving.gold import (
    GoldReport,
    GoldRow,
    change_last_digit,
    perturbed,
    planned_for_check,
    prove,
    render_gold,
    why_unproven,
    write_gold,
)
from evalctl.proving.lengths import Length, Tokens
from evalctl.proving.own_rows import Fit, prove_own
from evalctl.proving.survey import Survey, Wanted, survey

__all__ = [
    "KEPT",
    "Case",
    "Finding",
    "Fit",
    "GoldReport",
    "GoldRow",
    "Length",
    "Survey",
    "Tokens",
    "Verdict",
    "Wanted",
    "Watch",
    "change_last_digit",
    "perturbed",
    "planned_for_check",
    "prove",
    "prove_own",
    "render_gold",
    "survey",
    "unwatched",
    "why_unproven",
    "write_gold",
]
