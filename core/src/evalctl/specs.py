"""What plugins declare: frozen values, from categories down to metrics.

A plugin returns these; the core does the work. Functions are fields and are serialised as
`module:qualname`, so that a manifest names the very function that scored it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, PlainSerializer, model_validator

from evalctl.protocols import Capability, ChatUse, ModelFacts, ModelKind, ModelRef
from evalctl.records import Completion, Message, Prompt, Record, Sample, Sampling, Score
from evalctl.sources import Row, Source

Priority = Literal["high", "medium", "low"]
DatasetRole = Literal["primary", "secondary", "variant", "sample"]
"""`primary` makes the category score; `variant` runs only when named; `sample` ships with us."""


def function_name(function: Callable[..., object]) -> str:
    """Return `module:qualname` of a function, seen through `functools.partial`."""
    inner = function.func if isinstance(function, partial) else function
    return f"{inner.__module__}:{getattr(inner, '__qualname__', type(inner).__qualname__)}"


def _checked_name(name: str) -> str:
    if not name.replace("_", "").replace("@", "").isalnum() or not name.isascii():
        raise ValueError(f"{name!r} is not a name: use ASCII letters, digits and underscores")
    return name


Name = Annotated[str, AfterValidator(_checked_name)]
_AsName = PlainSerializer(function_name, return_type=str)


class Spec(Record):
    """Base of all that plugins declare."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, arbitrary_types_allowed=True
    )


class MetricSpec(Spec):
    """How the scores of one sample become a number; the core averages these over the samples."""

    name: Name
    """Unique within its scorer's dataset; shown in every table."""
    title: str
    """One line for listings."""
    reduce: Annotated[Callable[[tuple[Score, ...]], float | None], _AsName]
    """One sample's scores (one per completion, in order) to its value; None for not scored."""
    proportion: bool = False
    """Whether single values are 0 or 1, so that a Wilson interval applies."""
    lower: float = 0.0
    """Least possible value."""
    upper: float = 1.0
    """Greatest possible value."""
    repeats: bool = False
    """Whether avg@k, pass@k and maj@k are made of it when a run repeats its samples."""


class JudgeSpec(Spec):
    """How a judge model is asked about a completion, and how its verdict is read."""

    prompt: Annotated[Callable[[Sample, Completion], tuple[Message, ...]], _AsName]
    """The conversation that asks for a verdict; judged text must be fenced in it."""
    parse: Annotated[Callable[[str], Score], _AsName]
    """The verdict as a score; a verdict that cannot be read is *not scored*."""
    version: str
    """Changes whenever the rubric changes."""
    max_tokens: int = 1024
    """Limit on the verdict."""


class ScorerSpec(Spec):
    """Judges one completion of one sample."""

    name: Name
    """Unique in the registry."""
    version: str
    """Changes whenever a score may change."""
    metrics: tuple[MetricSpec, ...]
    """What its scores are reduced to; at least one."""
    score: Annotated[Callable[[Sample, Completion], Score], _AsName] | None = None
    """The judgement. None only where `judge` is set."""
    shortcut: Annotated[Callable[[Sample, Completion], Score | None], _AsName] | None = None
    """A quick, safe verdict tried first in the main process; None means `score` must decide."""
    is_isolated: bool = False
    """Whether `score` runs in a worker process that is killed at the time limit."""
    timeout_seconds: float = 10.0
    """The time limit of an isolated score."""
    judge: JudgeSpec | None = None
    """For scorers that ask a judge model instead."""

    @model_validator(mode="after")
    def _has_one_judgement(self) -> Self:
        if (self.score is None) == (self.judge is None):
            raise ValueError(f"scorer {self.name}: set exactly one of `score` and `judge`")
        if not self.metrics:
            raise ValueError(f"scorer {self.name}: declare at least one metric")
        return self


class PromptTemplate(Spec):
    """How a dataset asks. Placeholders `{input}`, `{target}`, `{solution}` are filled in once."""

    question: str = "Question: {input}\nAnswer:"
    """A question in completion style."""
    answer: str = " {solution}"
    """What follows a question in a worked example."""
    separator: str = "\n\n"
    """Between worked examples."""
    preamble: str = ""
    """Before all of it."""
    instruction: str = "{input}"
    """A question in chat style, with what the model is told about the form of its answer."""
    stop: tuple[str, ...] = ()
    """Strings that end a completion in completion style."""


class Example(Spec):
    """A sample with a good and a bad output: offline test, preview and dry run in one."""

    sample: Sample
    """The sample."""
    good: str
    """An output that gets full marks."""
    bad: str
    """An output that gets less."""


class DatasetSpec(Spec):
    """A dataset: where it comes from, how it asks, and who judges the answers."""

    name: Name
    """Unique in the registry."""
    title: str
    """One line for listings."""
    version: str
    """Of this adapter; changes whenever a number may change."""
    licence: str
    """As stated upstream."""
    citation: str
    """Who made it, and where it is described."""
    category: str = ""
    """Only for `evalctl_datasets`: the category that it is added to."""
    sources: tuple[Source, ...]
    """Where its rows come from, tried in order."""
    columns: frozenset[str]
    """Columns by which a file is recognised as this dataset."""
    to_sample: Annotated[Callable[[Row], Sample], _AsName]
    """A row as a sample; raises ValueError or KeyError for a broken row."""
    select: Annotated[Callable[[Iterable[Sample]], Iterator[Sample]], _AsName] | None = None
    """Keeps some of the samples; None keeps all."""
    prompt: PromptTemplate = PromptTemplate()
    """How it asks."""
    shots: int = 0
    """Worked examples before a question in completion style; chat style has none by default."""
    shot_sources: tuple[Source, ...] = ()
    """Where worked examples come from: a training split, never the test rows."""
    needs: Capability = "generate"
    """What an engine must be able to do."""
    sampling: Sampling = Sampling()
    """Default sampling; `stop` is added from the template."""
    repeats: int = 1
    """Default number of completions per sample."""
    scorers: tuple[ScorerSpec, ...]
    """Who judges."""
    headline: str
    """The metric that stands for the dataset."""
    examples: tuple[Example, ...]
    """At least one."""
    gold: Annotated[Callable[[Sample], str], _AsName] | None = None
    """The gold answer as a model would write it, for `evalctl check`."""
    perturb: Annotated[Callable[[Sample], str | None], _AsName] | None = None
    """A wrong answer likewise, None where a row has none; by default the last digit is changed."""
    role: DatasetRole = "secondary"
    """Its part in the category."""

    @model_validator(mode="after")
    def _headline_is_a_metric(self) -> Self:
        known = [metric.name for scorer in self.scorers for metric in scorer.metrics]
        if self.headline not in known:
            raise ValueError(f"dataset {self.name}: headline {self.headline!r} is none of {known}")
        return self


class Convention(Spec):
    """How a model wants to be asked, as its card says."""

    chat: ChatUse = "auto"
    """Whether the tokenizer's chat template is used."""
    system: str = ""
    """System message of a conversation."""
    wrap: str = ""
    """For instruct models without a chat template: a text with `{instruction}` in it."""
    is_bare: bool = False
    """Whether questions come without the dataset's words on the answer's form: the model was
    trained on a form of its own, or its system message says it."""
    shots: int | None = None
    """Worked examples that the model was made for; None leaves it to the dataset."""


class Preset(Spec):
    """Named engine settings of a model."""

    engine: Name
    """The engine whose options these are."""
    options: Mapping[str, JsonValue] = {}
    """Validated by that engine's own options model."""


class ModelSpec(Spec):
    """A model that a category knows."""

    name: Name
    """Unique in the registry; the same model may serve several categories."""
    title: str
    """As its makers call it."""
    path: str
    """Hub id, or a folder."""
    revision: str | None = None
    """Hub commit that was reviewed; None follows the hub's main branch, and is shown as such."""
    kind: ModelKind = "decoder"
    """The architecture's kind."""
    is_instruct: bool = False
    """Whether it was tuned to follow instructions."""
    may_reason: bool = False
    """Whether it writes reasoning before its answer."""
    parameters: int
    """How many, all experts included."""
    active_parameters: int | None = None
    """How many work on a token, for mixtures of experts."""
    context_length: int
    """Tokens, as its configuration states."""
    engine: Name
    """The engine it is made for."""
    convention: Convention = Convention()
    """How it wants to be asked."""
    presets: Mapping[str, Preset] = {}
    """By name; `balanced` is the default where there is one."""
    priority: Priority = "medium"
    """How much a category wants it."""
    specialization_weight: float = Field(default=0.5, ge=0.0, le=1.0)
    """How far the category is the model's speciality."""
    licence: str
    """As its card states."""
    categories: tuple[str, ...] = ()
    """Only for `evalctl_models`: the categories it serves; `*` for all."""
    is_embedded: bool = False
    """Whether its weights ship with the plugin: the default where nothing else can run."""
    notice: str = ""
    """What every output with this model must say."""


class CategoryDefaults(Spec):
    """Limits that hold where the user says nothing."""

    samples: int = 100
    """Samples per dataset."""
    timeout_seconds: float = 30.0
    """Per sample, for executors."""


class CategorySpec(Spec):
    """A kind of work: its models, its datasets, and where its code runs."""

    name: Name
    """Short name."""
    title: str
    """One line for listings."""
    aliases: tuple[Name, ...] = ()
    """Other names it answers to, the long one first."""
    description: str = ""
    """What a good score means, and what it does not."""
    models: tuple[ModelSpec, ...] = ()
    """Models that suit it."""
    datasets: tuple[DatasetSpec, ...]
    """At least one of them primary."""
    executor: str | None = None
    """Name of the executor that its scorers use."""
    defaults: CategoryDefaults = CategoryDefaults()
    """Limits."""

    @model_validator(mode="after")
    def _has_a_primary_dataset(self) -> Self:
        if not any(dataset.role == "primary" for dataset in self.datasets):
            raise ValueError(f"category {self.name}: no dataset has the role `primary`")
        return self


class EngineOptions(Spec):
    """Base of every engine's own options: what `--engine-option KEY=VALUE` may set."""

    chat: ChatUse = "auto"
    """Whether prompts go through the tokenizer's chat template."""


class EngineSpec(Spec):
    """An engine: what it can do, what it needs, and how it is opened."""

    name: Name
    """Unique in the registry."""
    title: str
    """One line for listings."""
    capabilities: tuple[Capability, ...]
    """What it can be asked for."""
    kinds: tuple[ModelKind, ...]
    """Kinds of model it opens."""
    options: Annotated[type[EngineOptions], PlainSerializer(function_name, return_type=str)]
    """Its own options model."""
    factory: str
    """`module:function`, imported when a model is opened: `(ModelRef, EngineOptions) -> Engine`."""
    check: Annotated[Callable[[ModelRef, EngineOptions], ModelFacts], _AsName]
    """Looks at a model without loading it or importing anything heavy; raises ModelError."""
    packages: tuple[str, ...] = ()
    """Import names that must be installed."""
    install: str = ""
    """The pip command that brings them."""
    is_hosted: bool = True
    """Whether it runs in a process of its own."""
    path_form: str = "DIR"
    """What stands behind the colon of `ENGINE:`."""


class ExecutorSpec(Spec):
    """A place where untrusted or unbounded work is done."""

    name: Name
    """Unique in the registry."""
    title: str
    """One line for listings."""
    isolation: str
    """What it keeps away from the host, in words that promise nothing it does not keep."""
    probe: Annotated[Callable[[], str | None], _AsName]
    """Why it cannot be used on this machine; None where it can."""


__all__ = [
    "CategoryDefaults",
    "CategorySpec",
    "Convention",
    "DatasetRole",
    "DatasetSpec",
    "EngineOptions",
    "EngineSpec",
    "Example",
    "ExecutorSpec",
    "JudgeSpec",
    "MetricSpec",
    "ModelSpec",
    "Name",
    "Preset",
    "Priority",
    "Prompt",
    "PromptTemplate",
    "ScorerSpec",
    "Spec",
    "function_name",
]
