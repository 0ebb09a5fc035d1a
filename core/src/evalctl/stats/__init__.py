"""Statistics: pure functions of numbers.

What a metric *is* lives in `metrics.py`; which samples count, in the run.
"""

from __future__ import annotations

from evalctl.stats.bootstrap import PooledCounts, estimate_pooled
from evalctl.stats.intervals import (
    Z_95,
    Estimate,
    combine,
    estimate,
    student_t_quantile,
    wilson_interval,
)
from evalctl.stats.moments import Cluster, ExactSum, Moments
from evalctl.stats.sequences import ConfidenceSequence
from evalctl.stats.stopping import WidthStop

__all__ = [
    "Z_95",
    "Cluster",
    "ConfidenceSequence",
    "Estimate",
    "ExactSum",
    "Moments",
    "PooledCounts",
    "WidthStop",
    "combine",
    "estimate",
    "estimate_pooled",
    "student_t_quantile",
    "wilson_interval",
]
