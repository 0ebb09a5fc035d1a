"""What comes out of a run: each sample's result, metrics, category scores, and the whole outcome.

Here are data only, and apart from `records.py`, because plugins and listings need none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from evalctl.measurements import Against, Measurement, Standing
from evalctl.records import Generation, Prompt, Record, Score


class SampleResult(Record):
    """All that is known about one sample: a line of the run's JSON Lines file."""

    dataset: str
    """Name of the dataset."""
    sample_id: str
    """Id of the sample."""
    index: int
    """Its position in the dataset, from 0; lines stand in the order in which they were scored."""
    prompt: Prompt
    """What the model was asked."""
    target: str
    """The gold answer."""
    generation: Generation
    """What the model gave."""
    scores: Mapping[str, tuple[Score, ...]] = {}
    """By scorer, one score per completion in order."""
    metrics: Mapping[str, float | None] = {}
    """By metric, this sample's value; None where it has none."""
    cluster: str | None = None
    """The sample's cluster, for clustered standard errors."""
    metadata: Mapping[str, JsonValue] = {}
    """The sample's metadata."""


PartKind = Literal["category", "model", "dataset", "scorer", "engine", "executor"]


class Part(Record):
    """Something that a plugin brings to a run."""

    kind: PartKind
    """What it is; a scorer is one that was added to another plugin's dataset."""
    name: str
    """Its name."""
    dataset: str = ""
    """The dataset that a scorer was added to; empty for other kinds."""
    plugin: str
    """Name of the plugin."""
    distribution: str
    """What was installed with pip."""
    version: str
    """Of the distribution."""


class MetricValue(Record):
    """A metric over a dataset, with its uncertainty and with what could not be scored."""

    name: str
    """The metric."""
    value: float | None
    """Mean over the scored samples, or what their summed counts give; None where nothing was
    scored."""
    stderr: float | None
    """Standard error; None below two scored samples."""
    interval: tuple[float, float] | None
    """95 % confidence interval."""
    interval_method: str = ""
    """How the interval was made: `wilson`, `wilson_t`, `student_t`, `clustered`, `bootstrap`,
    `confidence_sequence`; empty without one."""
    n_scored: int
    """Samples that have a value; of a metric of some rows alone, such as one class, those rows."""
    n_total: int
    """Samples that were asked."""
    n_unparsed: int = 0
    """Samples of which at least one completion gave no readable answer. Where judges score: samples
    with a completion on which no judge gave a readable verdict, as far as the metric needs it."""
    n_truncated: int = 0
    """Samples of which at least one completion was cut off, or the prompt: see `n_prompts_cut`."""
    lower: float | None = 0.0
    """Least possible value; None where there is none."""
    upper: float | None = 1.0
    """Greatest possible value; None where there is none."""
    note: str = ""
    """What a reader must know: why it was not scored, what it is compared with."""


class GroupMetric(Record):
    """Another metric over the samples of a group."""

    name: str
    """The metric."""
    value: float | None
    """As in `MetricValue`."""
    stderr: float | None
    """Standard error."""
    interval: tuple[float, float] | None
    """95 % confidence interval."""


class GroupValue(Record):
    """The headline over the samples of a dataset that share a value of their metadata."""

    group: str
    """The value; `(others)` for all above the 200 that are told apart."""
    value: float | None
    """As in `MetricValue`."""
    stderr: float | None
    """Standard error."""
    interval: tuple[float, float] | None
    """95 % confidence interval."""
    interval_method: str = ""
    """How the interval was made."""
    n_scored: int
    """Samples that have a value; of a metric of some rows alone, such as one class, those rows."""
    n_total: int
    """Samples that were answered."""
    others: tuple[GroupMetric, ...] = ()
    """The pooled metrics of the headline's scorer besides it."""


class Failures(Record):
    """What went wrong on our side, each kind apart. None of these is ever a zero in a score."""

    engine: int = 0
    """Prompts that the engine did not answer."""
    scorer: int = 0
    """Completions on which a dataset's own scorer failed or ran out of time, and pooled metrics
    that failed. Those of scorers that other plugins added are in `AddedScorer`."""

    @property
    def total(self) -> int:
        """All of them, as `--max-errors` counts them."""
        return self.engine + self.scorer


class Cost(Record):
    """What one model was asked for, and what that costs. What came from the cache is no part."""

    prompt_tokens: int = 0
    """Tokens read; where a server does not count them, as many as there can be."""
    output_tokens: int = 0
    """Tokens written; likewise."""
    amount: float | None = None
    """What they cost, at the price in the manifest; None where none is known, or none is paid."""
    currency: str = ""
    """ISO 4217; empty without an amount."""
    lost_requests: int = 0
    """Requests that broke off once the server had them: they may have to be paid."""
    lost_prompt_tokens: int = 0
    """As many as those can have read."""
    lost_output_tokens: int = 0
    """As many as those can have written."""
    amount_lost: float | None = None
    """What those cost at most; None where no price is known."""


class Usage(Record):
    """What it took."""

    prompt_tokens: int = 0
    """Tokens read."""
    output_tokens: int = 0
    """Tokens written, reasoning included."""
    load_seconds: float = 0.0
    """Until the engine could take the first prompt."""
    generate_seconds: float = 0.0
    """From the first prompt to the last generation."""
    tokens_per_second: float | None = None
    """Output tokens over `generate_seconds`; None where nothing was generated. What came from the
    cache counts in neither."""
    cached: int = 0
    """Samples whose generation came from the cache."""
    cost: Cost = Cost()
    """What the model cost, in all sessions of the run."""
    judge: Cost = Cost()
    """What the judges of its answers cost together, likewise."""


class AddedScorer(Record):
    """What a scorer did that another plugin added to a dataset, apart from the dataset's own."""

    scorer: str
    """Name of the scorer."""
    plugin: str
    """Name of the plugin that added it."""
    distribution: str
    """What was installed with pip."""
    version: str
    """Of the distribution."""
    metrics: tuple[str, ...]
    """The metrics that it brought."""
    failures: int = 0
    """Completions on which it failed or ran out of time, and pooled metrics of it that failed."""
    reasons: tuple[str, ...] = ()
    """The first few different reasons of that."""
    outcomes: Mapping[str, int] = {}
    """What became of its programs, by class; empty where none were run."""
    unsupported: Mapping[str, int] = {}
    """Its programs that could not be run here, by what is missing."""
    isolation_level: int | None = None
    """The weakest that one of its programs ran under; None where none were run."""


class JudgeResult(Record):
    """What one judge made of a model's answers to a dataset."""

    judge: str
    """The judge model."""
    metrics: tuple[MetricValue, ...]
    """By its verdicts alone."""
    n_verdicts: int
    """Verdicts that it gave."""
    n_unread: int
    """How many of them could not be read; they are in no score."""
    n_lacking: int
    """Answered samples without any verdict of it: it failed, or was not asked."""
    cost: Cost = Cost()
    """What its verdicts cost, in all sessions of the run."""


class Judging(Record):
    """What the judges made of a model's answers to a dataset, for one scorer that asks them."""

    scorer: str
    """Name of the scorer."""
    judges: tuple[JudgeResult, ...]
    """In the order of the plan."""
    agreement: tuple[MetricValue, ...] = ()
    """Of several: Krippendorff's `alpha` (interval), and how often they are `unanimous`."""


class DatasetResult(Record):
    """One model on one dataset."""

    dataset: str
    """Name of the dataset."""
    role: str
    """`primary`, `secondary` or `sample`."""
    headline: str
    """The metric that stands for the dataset."""
    metrics: tuple[MetricValue, ...]
    """The headline first, those of added scorers last."""
    groups: Mapping[str, tuple[GroupValue, ...]] = {}
    """The headline, or `group_metric`, by key of metadata, for the keys that the dataset names."""
    group_metric: str = ""
    """The metric that groups are told by; empty where there are none."""
    n_samples: int
    """How many samples were planned; where it was stopped early, how many were asked."""
    n_done: int
    """How many of them have a result, failed ones included; fewer after an interruption."""
    n_lost: int = 0
    """How many of `failures.engine` were not asked, since the engine had ended before."""
    n_prompts_cut: int = 0
    """Samples of whose prompt the model read only a part, as it is longer than it reads."""
    left_out: int = 0
    """Characters of those prompts that it was not given, where the dataset says what may be left
    out; 0 where an encoder read only the beginning."""
    n_available: int
    """How many the dataset has."""
    n_recorded: int | None = None
    """How many of those a recording has, where only such samples were to be taken."""
    failures: Failures = Failures()
    """What went wrong on our side."""
    reasons: tuple[str, ...] = ()
    """The first few different reasons of failures."""
    outcomes: Mapping[str, int] = {}
    """What became of programs, by class; empty where none were run."""
    unsupported: Mapping[str, int] = {}
    """Programs that could not be run here, by what is missing; they are in no score."""
    integrities: Mapping[str, int] = {}
    """Where their verdicts were formed."""
    isolation_level: int | None = None
    """The weakest that a program ran under; None where none were run."""
    stopped_width: float | None = None
    """The width of the headline's interval at which it was stopped early; None where it was not.
    Then the headline's interval is of the mean of all `n_available` samples."""
    added: tuple[AddedScorer, ...] = ()
    """Scorers that other plugins added to the dataset."""
    judging: tuple[Judging, ...] = ()
    """By scorer that asks judges; empty where none were asked."""
    is_unsafe: bool = False
    """Whether its texts may hurt: reports for people hide what may quote them (`reasons`)."""

    @property
    def n_answered(self) -> int:
        """How many samples the engine answered."""
        return self.n_done - (self.failures.engine - self.n_lost)

    def metric(self, name: str) -> MetricValue | None:
        """Return the metric of that name, or None."""
        return next((metric for metric in self.metrics if metric.name == name), None)


def n_unjudged(dataset: DatasetResult) -> int:
    """Return how many verdicts on samples of a dataset a resume would ask for."""
    return sum(judge.n_lacking for one in dataset.judging for judge in one.judges)


class CategoryScore(Record):
    """A category's score for one model: the mean of its primary datasets' headline metrics."""

    category: str
    """Name of the category."""
    value: float | None
    """None unless every dataset it is made of has a value."""
    stderr: float | None
    """From the datasets' standard errors, which are independent."""
    interval: tuple[float, float] | None
    """95 % confidence interval."""
    made_of: tuple[str, ...]
    """`dataset:metric` of each part, all with the same weight."""
    missing: tuple[str, ...] = ()
    """Primary datasets of the category that are not in it."""


class ModelResult(Record):
    """One model on all of its datasets."""

    model: str
    """Name of the model, or `ENGINE:PATH`."""
    engine: str
    """Name of the engine."""
    recording: str = ""
    """The file of recorded outputs that answered in its place; empty where a model was asked."""
    datasets: tuple[DatasetResult, ...]
    """In the order of the plan."""
    categories: tuple[CategoryScore, ...] = ()
    """One per category asked for."""
    usage: Usage = Usage()
    """What it cost."""
    measurement: Measurement | None = None
    """How fast it is, and what it takes; None where that was not measured."""
    error: str | None = None
    """Why the model could not be run to its end."""


class ScorerVersions(Record):
    """A scorer's version when answers were first scored, and when they were scored again."""

    then: str | None
    """None where it is new."""
    now: str | None
    """None where it is gone."""


RunStatus = Literal["complete", "failed", "interrupted", "out_of_budget"]
"""`out_of_budget` is a run that was stopped at its `--max-cost`; it can be resumed, as one that was
interrupted can."""


class RunResult(Record):
    """The whole outcome of a run: `summary.json`."""

    schema_version: Literal[1] = 1
    """Version of this file's form."""
    run_id: str
    """Name of the run folder."""
    status: RunStatus
    """Whether all that was planned is there."""
    models: tuple[ModelResult, ...]
    """In the order of the plan."""
    failures: Failures = Failures()
    """Sum over all datasets."""
    against: Against | None = None
    """Ratios of two models that were measured in turns; None where none were."""
    standings: tuple[Standing, ...] = ()
    """Models that were measured, held against each other; empty below two."""
    notices: tuple[str, ...] = ()
    """What every reader must know, such as that the reference model is no measure of a real one."""
    rescored: Mapping[str, ScorerVersions] = {}
    """By scorer, of a run that scored stored answers again; empty for any other."""
    digest: str = ""
    """SHA-256 of all else, by which it shows whether anybody has edited it."""
