"""How one completion is judged, and how judgements become numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Self

from pydantic import model_validator

from evalctl.executions import ExecutionRequest
from evalctl.records import Completion, Continuation, Sample, Score
from evalctl.specs.base import AsName, Name, Spec
from evalctl.specs.executors import ExecutorSpec
from evalctl.specs.judging import JudgeSpec

Way = Literal["generate", "choose", "classify", "rank"]
"""What a scorer judges: each completion, or by its field of that name all that was given."""

WHOLE: tuple[Way, ...] = ("choose", "classify", "rank")
"""What is judged as a whole, by the scorer's field of that name; elsewhere each completion is."""


class MetricSpec(Spec):
    """How the scores of samples become a number: by the mean of values, or from summed counts.

    With `reduce` each sample has a value and the core averages these. Metrics that are no mean of
    samples' values (F1 over all samples, bits per byte) set `pooled` instead: the core adds up
    `Score.counts` over the samples, and the interval is a bootstrap's.
    """

    name: Name
    """Unique within its scorer's dataset; shown in every table."""
    title: str
    """One line for listings."""
    reduce: Annotated[Callable[[tuple[Score, ...]], float | None], AsName] | None = None
    """One sample's scores (one per completion, in order) to its value; None for not scored."""
    pooled: Annotated[Callable[[Mapping[str, float]], float | None], AsName] | None = None
    """The counts of all samples, summed, to the metric's value; None where they define none. A
    count that no sample has is lacking. Called some 1,000 times for the interval."""
    support: Annotated[Callable[[Mapping[str, float]], float], AsName] | None = None
    """Of a pooled metric of some rows alone, such as F1 of one class: how many rows are of it, from
    the summed counts. It is the number that is told beside the value, and the fewer there are, the
    wider the interval. None for a metric of all rows."""
    proportion: bool = False
    """Whether single values are 0 or 1, so that a Wilson interval applies; of a pooled metric,
    whether it is a share of the rows of its `support`."""
    lower: float = 0.0
    """Least possible value."""
    upper: float = 1.0
    """Greatest possible value. A range within 0 to 1 is told in percent, one within -1 to 1 times
    100, any other as it is."""
    ideal: float | None = None
    """The best value, where that is not the greatest one: comparisons then say which of two is
    higher, and not which is better."""
    repeats: bool = False
    """Whether avg@k, pass@k and maj@k are made of it when a run repeats its samples."""
    pass_name: str = ""
    """For the family of pass@k alone, such as `pass_at_{k}`: the metric itself is pass@1, and when
    a run repeats its samples, others are made of it under this name."""

    @property
    def least(self) -> float | None:
        """The least possible value as it is written down: None where there is none."""
        return self.lower if math.isfinite(self.lower) else None

    @property
    def most(self) -> float | None:
        """The greatest possible value likewise."""
        return self.upper if math.isfinite(self.upper) else None

    @model_validator(mode="after")
    def _has_one_reduction(self) -> Self:
        if (self.reduce is None) == (self.pooled is None):
            raise ValueError(f"metric {self.name}: set exactly one of `reduce` and `pooled`")
        is_share_of_all = self.proportion and not self.support
        if self.pooled and (is_share_of_all or self.repeats or self.pass_name):
            raise ValueError(
                f"metric {self.name}: `repeats`, `pass_name` and, without `support`, `proportion` "
                "are for metrics with `reduce`; a pooled one has no values of single samples"
            )
        if self.support and not self.pooled:
            raise ValueError(f"metric {self.name}: `support` is for metrics with `pooled`")
        return self


class ExecutionSpec(Spec):
    """How a completion becomes a program that is run and judged in a sandbox."""

    request: Annotated[Callable[[Sample, Completion], ExecutionRequest | Score], AsName]
    """The program and its tests; a score where there is nothing to run."""
    executor: ExecutorSpec | None = None
    """The category's executor, which says what programs find and may use; None for no packages and
    the default limits. A limit that a request sets itself stays."""
    timeout_seconds: float | None = None
    """Wall limit of every program; None leaves it to the request. A user's limit is put here."""

    def furnish(self, request: ExecutionRequest) -> ExecutionRequest:
        """Return a request with all that is not up to it."""
        furnished = self.executor.furnish(request) if self.executor else request
        return furnished.within(self.timeout_seconds) if self.timeout_seconds else furnished


class ScorerSpec(Spec):
    """Judges one completion of one sample."""

    name: Name
    """Unique in the registry."""
    version: str
    """Changes whenever a score may change."""
    metrics: tuple[MetricSpec, ...]
    """What its scores are reduced to; at least one."""
    score: Annotated[Callable[[Sample, Completion], Score], AsName] | None = None
    """The judgement. None only where another way is."""
    shortcut: Annotated[Callable[[Sample, Completion], Score | None], AsName] | None = None
    """A quick, safe verdict tried first in the main process; None means `score` must decide."""
    is_isolated: bool = False
    """Whether `score` runs in a worker process that is killed at the time limit."""
    timeout_seconds: float = 10.0
    """The time limit of an isolated score."""
    judge: JudgeSpec | None = None
    """For scorers that ask a judge model instead."""
    execution: ExecutionSpec | None = None
    """For scorers that run a program instead: the score is the share of tests passed, 1 only where
    all did."""
    choose: Annotated[Callable[[Sample, tuple[Continuation, ...]], Score], AsName] | None = None
    """For datasets that need `choose` or `fill`: the judgement of the log-likelihoods of all
    choices, in their order."""
    classify: Annotated[Callable[[Sample, Mapping[str, float]], Score], AsName] | None = None
    """For datasets that need `classify`, and for probes: the judgement of the probabilities of all
    of the dataset's classes, in its order; `found_class` tells which one is meant."""
    rank: Annotated[Callable[[Sample, tuple[float, ...]], Score], AsName] | None = None
    """For datasets that need `embed` and have no probe: the judgement of how near each choice is to
    the text, in their order; the greater, the nearer."""
    of_words: bool = False
    """For probes and rankings: whether it judges what words give in the place of vectors."""
    datasets: tuple[Name, ...] = ()
    """Only for `evalctl_scorers`: the datasets that it is added to."""

    @property
    def is_paired(self) -> bool:
        """Whether it holds completions against a baseline's, and needs one."""
        return self.judge is not None and self.judge.pair is not None

    @property
    def is_added(self) -> bool:
        """Whether it came to a dataset through `evalctl_scorers`, beside the dataset's own."""
        return bool(self.datasets)

    @property
    def reads(self) -> Way:
        """What there must be, for it to judge."""
        return next((way for way in WHOLE if getattr(self, way) is not None), "generate")

    def for_words(self) -> ScorerSpec:
        """Return the scorer that judges, by the same metrics, what a probe makes of words.

        Its name and those of its metrics begin with `words_`; a dataset has it behind its own one,
        so that every result of a probe stands beside what needs no model.
        """
        metrics = tuple(
            metric.model_copy(
                update={"name": f"words_{metric.name}", "title": f"{metric.title}, by words alone"}
            )
            for metric in self.metrics
        )
        changes = {"name": f"words_{self.name}", "of_words": True, "metrics": metrics}
        return self.model_copy(update=changes)

    @model_validator(mode="after")
    def _has_one_judgement(self) -> Self:
        ways = ("score", "judge", "execution", *WHOLE)
        if sum(getattr(self, way) is not None for way in ways) != 1:
            raise ValueError(
                f"scorer {self.name}: set exactly one of "
                f"{', '.join(f'`{way}`' for way in ways[:-1])} and `{ways[-1]}`"
            )
        if self.of_words and self.classify is None and self.rank is None:
            raise ValueError(f"scorer {self.name}: `of_words` goes with `classify` or `rank`")
        if not self.metrics:
            raise ValueError(f"scorer {self.name}: declare at least one metric")
        return self
