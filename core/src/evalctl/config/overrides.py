"""What a configuration file may say. A field that is not given changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, JsonValue

from evalctl.executions import IsolationLevel
from evalctl.executions import Limits as ProgramLimits
from evalctl.records import Sampling
from evalctl.specs import Convention, Name, Priority, PromptTemplate, Spec

Positive = Annotated[int, Field(ge=1, strict=True)]
NotNegative = Annotated[int, Field(ge=0, strict=True)]
Amount = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


def _checked_sampling(sampling: Sampling) -> Sampling:
    rules = (
        (sampling.temperature >= 0.0, "temperature must be 0 or more"),
        (0.0 < sampling.top_p <= 1.0, "top_p must be above 0 and at most 1"),
        (sampling.top_k >= 0, "top_k must be 0 or more"),
        (sampling.max_tokens >= 1, "max_tokens must be 1 or more"),
    )
    for holds, rule in rules:
        if not holds:
            raise ValueError(rule)
    return sampling


class Names(NamedTuple):
    """Names that a file mentions, for the planner to check."""

    models: tuple[str, ...]
    datasets: tuple[str, ...]


class PresetOverride(Spec):
    """Changes to a model's preset, or a preset of its own."""

    engine: Name | None = None
    """The engine whose options these are; None keeps the preset's, or takes the model's."""
    options: Mapping[str, JsonValue] = {}
    """Options to set; the preset's others stay. Validated by the engine's own options model."""


class ModelOverride(Spec):
    """Changes to a registered model."""

    priority: Priority | None = None
    """How much a category wants it."""
    specialization_weight: Annotated[float, Field(ge=0.0, le=1.0)] | None = None
    """How far the category is the model's speciality."""
    path: str | None = None
    """A folder, or another hub id, in the place of the declared one, whose commit then holds no
    more."""
    revision: str | None = None
    """Hub commit."""
    engine: Name | None = None
    """The engine that opens it."""
    convention: Convention = Convention()
    """How it wants to be asked; the fields given here alone are changed."""
    labels: Mapping[str, str] = {}
    """What labels of a classifier mean; the plugin's others stay."""
    presets: Mapping[Name, PresetOverride] = {}
    """By name."""


class DatasetOverride(Spec):
    """Changes to a registered dataset."""

    samples: Positive | None = None
    """How many of its samples are run."""
    shots: NotNegative | None = None
    """Worked examples before a question in completion style."""
    repeats: Positive | None = None
    """Completions per sample."""
    sampling: Annotated[Sampling, AfterValidator(_checked_sampling)] = Sampling()
    """How tokens are drawn; the fields given here alone are changed."""
    prompt: PromptTemplate = PromptTemplate()
    """How it asks; the fields given here alone are changed."""


class Limits(Spec):
    """Limits of every run with this file."""

    samples: Positive | None = None
    """Samples per dataset, where the dataset has no number of its own."""
    timeout_seconds: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] | None = None
    """Time limit of one isolated score, and of one program, for all scorers."""
    max_errors: NotNegative | None = None
    """Failures on our side that are put up with."""
    max_cost: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] | None = None
    """What a run may cost, in the currency of its models' prices."""


class Metrics(Spec):
    """What is made of scores."""

    pass_k: tuple[Positive, ...] | None = None
    """The k's of pass@k; None takes the number of completions per sample."""


class MeasuringOverride(Spec):
    """Changes to how speed is measured, in every category that measures it."""

    sessions: Positive | None = None
    """How often each model is loaded and measured."""
    warm_up: NotNegative | None = None
    """Prompts before the first level of a session."""
    requests: Annotated[int, Field(ge=2, strict=True)] | None = None
    """Prompts of a level at least."""
    most_at_once: Positive | None = None
    """The highest level."""
    max_tokens: Annotated[int, Field(ge=2, strict=True)] | None = None
    """Limit on new tokens of one answer."""


class SandboxOverride(Spec):
    """Where programs that a model wrote are run."""

    executor: str | None = None
    """The sandbox to take, `NAME` or `NAME:IMAGE`; None takes the best that works here."""
    min_isolation: IsolationLevel | None = None
    """The least isolation level that will do."""


class ExecutorOverride(Spec):
    """Changes to a category's executor."""

    limits: ProgramLimits = ProgramLimits()
    """What one program may use; the fields given here alone are changed."""
    packages: tuple[str, ...] = ()
    """Distributions that programs may import as well."""


class Price(Spec):
    """What a hosted model costs."""

    input_per_million: Amount
    """A million prompt tokens."""
    output_per_million: Amount
    """A million output tokens."""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"
    """ISO 4217."""
    as_of: date | None = None
    """The day on which it was looked up."""
    page: str = ""
    """Where it stands."""


class CacheOverride(Spec):
    """Where generations are kept, and how many."""

    enabled: Annotated[bool, Field(strict=True)] = True
    """Whether they are kept and looked up at all."""
    folder: Path | None = None
    """Relative ones are seen from the configuration file; `EVALCTL_CACHE` wins over it."""
    max_gib: Annotated[float, Field(gt=0.0, le=1e6, allow_inf_nan=False)] | None = None
    """The bound on its size, in GiB; None means 10."""


class UserConfig(Spec):
    """A whole configuration file; without arguments, one that changes nothing."""

    models: Mapping[Name, ModelOverride] = {}
    """By registered name."""
    presets: Mapping[Name, Mapping[Name, Mapping[str, JsonValue]]] = {}
    """By preset and engine: options that every model of that engine gets under that preset."""
    datasets: Mapping[Name, DatasetOverride] = {}
    """By registered name."""
    limits: Limits = Limits()
    """Limits of every run."""
    measuring: MeasuringOverride = MeasuringOverride()
    """How speed is measured."""
    sandbox: SandboxOverride = SandboxOverride()
    """Where programs are run."""
    executors: Mapping[Name, ExecutorOverride] = {}
    """By registered name."""
    metrics: Metrics = Metrics()
    """What is made of scores."""
    prices: Mapping[str, Price] = {}
    """By registered name, or the name that a vendor's interface takes; they win over the table."""
    cache: CacheOverride = CacheOverride()
    """The generation cache."""
    data: tuple[Path, ...] = ()
    """Folders with upstream's files; relative ones are seen from the configuration file."""

    def names(self) -> Names:
        """Return the models and datasets that are mentioned, in the file's order."""
        return Names(tuple(self.models), tuple(self.datasets))

    def samples_of(self, dataset: str) -> int | None:
        """Return how many samples of a dataset are wanted; None where nothing says so."""
        own = self.datasets.get(dataset, DatasetOverride()).samples
        return own if own is not None else self.limits.samples

    @property
    def pass_k(self) -> tuple[int, ...] | None:
        """The k's of pass@k; None leaves them to the number of completions."""
        return self.metrics.pass_k

    @property
    def data_folders(self) -> tuple[Path, ...]:
        """Folders with upstream's files, in the order in which they are searched."""
        return self.data
