"""What comes out of `evalctl compare` and `evalctl gate`: their JSON forms.

Here are data only. How they are made is in the package `comparing`.
"""

from __future__ import annotations

from typing import Literal

from evalctl.measurements import Against
from evalctl.records import Record
from evalctl.results import RunStatus

Verdict = Literal["a_better", "b_better", "unclear"]
"""`unclear` means that this many samples do not show a difference, not that there is none."""


class Side(Record):
    """One model of one run."""

    label: str
    """A letter that stands for it: `A`, `B` …"""
    run_id: str
    """Name of the run folder."""
    model: str
    """Name of the model."""
    status: RunStatus
    """Whether the run has all that was planned."""
    started: str
    """UTC, ISO 8601."""


class Difference(Record):
    """A minus B on the samples that both have, and what can be said of it."""

    category: str
    """Name of the category."""
    value_a: float
    """A's mean on the shared samples."""
    value_b: float
    """B's mean on them."""
    difference: float
    """A minus B."""
    stderr: float | None
    """Standard error of the difference; None below two independent samples."""
    interval: tuple[float, float] | None
    """Confidence interval of the difference."""
    interval_method: str
    """How it was made: `tango`, `student_t`, `clustered`, `wilson`, `mover`, `bootstrap`; empty
    without one."""
    n_shared: int
    """Samples with a value on both sides: those that the figures rest on."""
    n_units: int
    """Independent units among them: clusters, and samples that stand alone."""
    test: str
    """`mcnemar`, `sign_flip_exact`, `sign_flip_sampled`, or of metrics that are made of sums
    `exchange_exact`, `exchange_sampled`."""
    p_value: float
    """Two-sided p value of that test."""
    p_holm: float
    """The same, corrected for all tests of this comparison."""
    detectable: float | None
    """Minimum detectable effect: the true difference that so many samples show with a chance of
    0.8; None where no difference could."""
    verdict: Verdict
    """What `p_holm` allows to say at the level of 0.05."""
    words: str
    """The same in words; of shares in percentage points."""
    is_share: bool = True
    """Whether the figures lie within -1 to 1, as shares do, and are told times 100."""


class DatasetDifference(Difference):
    """A metric of a dataset."""

    dataset: str
    """Name of the dataset."""
    metric: str
    """Name of the metric."""
    is_headline: bool
    """Whether the metric stands for the dataset."""
    n_only_a: int
    """Samples that only A has; they are left out."""
    n_only_b: int
    """Samples that only B has; they are left out."""
    n_unscored: int
    """Samples that both have and that lack a value on at least one side; they are left out."""
    discordant: tuple[int, int] | None
    """Samples with 1 on A's side alone, and on B's alone; None where values are not 0 or 1."""


class CategoryDifference(Difference):
    """A category: the mean of its primary datasets' differences, all with the same weight."""

    made_of: tuple[str, ...]
    """`dataset:metric` of each part."""
    missing: tuple[str, ...] = ()
    """Primary datasets that are not in it: one side lacks them, or no sample is shared."""


class PairComparison(Record):
    """Two sides."""

    a: str
    """Label of A."""
    b: str
    """Label of B."""
    categories: tuple[CategoryDifference, ...]
    """In the order of A's plan."""
    datasets: tuple[DatasetDifference, ...]
    """In the order of A's plan, the headline metric first."""
    warnings: tuple[str, ...]
    """What differs besides the model, and what could not be compared."""
    measured: Against | None = None
    """Ratios of speed, memory and energy; None where one of them was not measured."""


class Comparison(Record):
    """The outcome of `evalctl compare`: its `--json`."""

    schema_version: Literal[1] = 1
    """Version of this form."""
    sides: tuple[Side, ...]
    """Everything that was compared."""
    pairs: tuple[PairComparison, ...]
    """All pairs, or each side with the baseline."""
    baseline: str | None = None
    """Label of the baseline; None where all pairs are compared."""
    n_tests: int
    """How many tests Holm's correction counts."""
    confidence: float
    """Of the intervals; they are not corrected."""
    notices: tuple[str, ...] = ()
    """What every reader must know, such as that a run is incomplete."""


Rule = Literal[
    "complete", "floor", "regression", "unparsed", "cut_off", "failed", "not_scored", "samples"
]
"""Kinds of a policy's rules, by their keys."""


class GateCheck(Record):
    """One rule of a policy, applied to one model."""

    rule: Rule
    """Its kind."""
    model: str
    """The model."""
    subject: str
    """`category NAME`, `dataset NAME`, `NAME:METRIC`, or `run`."""
    passed: bool
    """Whether it holds."""
    limit: float
    """What the policy asks for."""
    seen: float | None
    """What was compared with it; None where there is no such figure, which fails."""
    words: str
    """What was checked and found, in words and numbers."""
    source: str
    """`FILE:LINE` of the rule; empty for the one that always holds."""


class GateResult(Record):
    """The outcome of `evalctl gate`: its `--json`."""

    schema_version: Literal[1] = 1
    """Version of this form."""
    run_id: str
    """The run that was checked."""
    baseline: str | None
    """The run that it was compared with."""
    passed: bool
    """Whether all rules hold."""
    checks: tuple[GateCheck, ...]
    """All that was checked."""
    notices: tuple[str, ...] = ()
    """What every reader must know: what was not checked, and where run and baseline differ."""
