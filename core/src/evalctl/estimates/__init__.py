"""A look before the leap: what a plan will take in memory, tokens, time and money.

Nothing here decides anything: a model that cannot fit was refused by the plan. Nothing is written,
and without a probe nothing is loaded.
"""

from __future__ import annotations

from evalctl.estimates.making import estimate_plan
from evalctl.estimates.records import (
    DatasetEstimate,
    Estimates,
    JudgeEstimate,
    LimitEstimate,
    MeasuringEstimate,
    ModelEstimate,
    PriceEstimate,
    ProbeReport,
    TimeEstimate,
    VerdictEstimate,
)

__all__ = [
    "DatasetEstimate",
    "Estimates",
    "JudgeEstimate",
    "LimitEstimate",
    "MeasuringEstimate",
    "ModelEstimate",
    "PriceEstimate",
    "ProbeReport",
    "TimeEstimate",
    "VerdictEstimate",
    "estimate_plan",
]
