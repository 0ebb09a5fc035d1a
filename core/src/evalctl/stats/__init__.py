"""Statistics: pure functions of numbers.

What a metric *is* lives in `metrics.py`; which samples count, in the run.
"""

from __future__ import annotations

from evalctl.stats.agreement import agreement_counts, krippendorff_alpha, unanimity
from evalctl.stats.bootstrap import PooledCounts, PooledMetric, estimate_pooled
from evalctl.stats.intervals import (
    Z_95,
    Estimate,
    combine,
    difference,
    estimate,
    student_t_quantile,
    wilson_interval,
)
from evalctl.stats.moments import Cluster, ExactSum, Moments
from evalctl.stats.paired import (
    LEVEL,
    POWER,
    Discordant,
    Pair,
    PairedDifference,
    minimum_detectable,
    paired_difference,
    tango_interval,
)
from evalctl.stats.paired_pooled import (
    CountPair,
    PooledDifference,
    pooled_difference,
)
from evalctl.stats.paired_tests import (
    PairedTest,
    holm,
    mcnemar_p,
    paired_test,
    sign_flip_test,
    unit_differences,
)
from evalctl.stats.sequences import ConfidenceSequence
from evalctl.stats.stopping import WidthStop
from evalctl.stats.student import student_t_critical

__all__ = [
    "LEVEL",
    "POWER",
    "Z_95",
    "Cluster",
    "ConfidenceSequence",
    "CountPair",
    "Discordant",
    "Estimate",
    "ExactSum",
    "Moments",
    "Pair",
    "PairedDifference",
    "PairedTest",
    "PooledCounts",
    "PooledDifference",
    "PooledMetric",
    "WidthStop",
    "agreement_counts",
    "combine",
    "difference",
    "estimate",
    "estimate_pooled",
    "holm",
    "krippendorff_alpha",
    "mcnemar_p",
    "minimum_detectable",
    "paired_difference",
    "paired_test",
    "pooled_difference",
    "sign_flip_test",
    "student_t_critical",
    "student_t_quantile",
    "tango_interval",
    "unanimity",
    "unit_differences",
    "wilson_interval",
]
