"""The plan: everything resolved, nothing loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from evalctl import __version__
from evalctl.config import CacheChoice
from evalctl.config.overrides import Price
from evalctl.executors.choice import ChosenSandbox
from evalctl.plan.asked import RunSpec
from evalctl.plan.datasets import LoadedDataset
from evalctl.plan.describing import describe_scorer
from evalctl.plan.labels import LabelReading
from evalctl.plan.measured import PlannedMeasuring
from evalctl.plan.probes import PlannedProbe
from evalctl.plan.shots import n_shown, shots_for
from evalctl.positions import Positions
from evalctl.probing import RANKING
from evalctl.prompts import (
    Asking,
    Body,
    around_turns,
    compose,
    continuations,
    cuttable,
    sample_seed,
)
from evalctl.protocols import Capability, ModelFacts, ModelKind, ModelRef
from evalctl.records import Prompt, Sample, Sampling
from evalctl.registry import Owner
from evalctl.results import Part
from evalctl.specs import (
    EngineOptions,
    EngineSpec,
    MetricSpec,
    ModelSpec,
    ScorerSpec,
)


@dataclass(frozen=True)
class PlannedDataset:
    """One dataset as one model will be asked about it."""

    loaded: LoadedDataset
    """Its samples, already checked."""
    asking: Asking
    """Completion, chat or wrapped."""
    shots: tuple[Sample, ...]
    """Worked examples; where the dataset has some for each group, those of all groups."""
    sampling: Sampling
    """How tokens are drawn, with the strings that end a completion."""
    repeats: int
    """Completions per sample."""
    metrics: Mapping[str, tuple[MetricSpec, ...]]
    """By scorer, with those that repeats bring."""
    until_width: float | None = None
    """The width of the headline's interval at which it may stop; None asks all of it."""
    added_by: Mapping[str, Owner] = field(default_factory=dict)
    """Scorers that other plugins added to it, with the plugins."""
    temperatures: Mapping[str, float] = field(default_factory=dict)
    """By the value of the dataset's `temperature_by`; empty where one holds for all samples."""
    reading: LabelReading | None = None
    """How a classifier's labels, or a probe's, are read; None where neither is asked."""
    probe: PlannedProbe | None = None
    """What a probe is trained on; None where there is none, or its answers are recorded."""

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return self.loaded.spec.name

    @property
    def headline(self) -> tuple[ScorerSpec, MetricSpec]:
        """The metric that stands for it, after its scorer."""
        return self._metric(self.loaded.spec.headline)

    @property
    def grouped(self) -> tuple[ScorerSpec, MetricSpec]:
        """The metric that is told by groups of its samples, likewise."""
        return self._metric(self.loaded.spec.group_metric or self.loaded.spec.headline)

    def _metric(self, name: str) -> tuple[ScorerSpec, MetricSpec]:
        return next(
            (scorer, metric)
            for scorer in self.scorers
            for metric in self.metrics[scorer.name]
            if metric.name == name
        )

    @property
    def scorers(self) -> tuple[ScorerSpec, ...]:
        """Its scorers."""
        return self.loaded.spec.scorers

    @property
    def n_shots(self) -> int:
        """Worked examples before each question."""
        return n_shown(self.loaded.spec, self.shots)

    def without(self, scorers: Collection[str]) -> PlannedDataset:
        """Return it without some of the scorers that were added to it."""
        spec = self.loaded.spec
        kept = [one for one in spec.scorers if one.name not in scorers]
        return replace(
            self,
            loaded=replace(self.loaded, spec=spec.with_scorers(kept)),
            metrics={scorer.name: self.metrics[scorer.name] for scorer in kept},
            added_by={n: owner for n, owner in self.added_by.items() if n not in scorers},
        )

    def prompt(self, sample: Sample, seed: int) -> Prompt:
        """Return the request for one of its samples."""
        spec = self.loaded.spec
        shots = shots_for(spec, self.shots, sample)
        body = compose(spec.prompt, sample, shots, self.asking)
        is_text = bool(sample.later_turns) and not body.messages
        return Prompt(
            dataset=self.name,
            sample_id=sample.id,
            text=body.text,
            messages=body.messages,
            later_turns=sample.later_turns,
            around_turns=around_turns(spec.prompt, sample, self.asking) if is_text else (),
            continuations=continuations(spec.prompt, sample) if spec.weighs_choices else (),
            masking=spec.masking if spec.needs == "fill" else "",
            images=body.images,
            words=sample.words if spec.needs == "extract" else (),
            cuttable=self._cuttable(sample, body),
            protocol=self._protocol,
            sampling=self.sampling_of(sample),
            n=self.repeats,
            seed=sample_seed(seed, self.name, sample.id),
        )

    def _cuttable(self, sample: Sample, body: Body) -> tuple[int, int] | None:
        spec = self.loaded.spec
        if spec.needs != "generate":
            return None
        return cuttable(spec.prompt, sample, self.asking, body)

    @property
    def _protocol(self) -> str:
        if self.probe is not None:
            return self.probe.protocol
        return RANKING if self.loaded.spec.judged == "rank" else ""

    def sampling_of(self, sample: Sample) -> Sampling:
        """Return how tokens are drawn for one of its samples."""
        if not self.temperatures:
            return self.sampling
        value = str(sample.metadata.get(self.loaded.spec.temperature_by, ""))
        temperature = self.temperatures.get(value, self.sampling.temperature)
        return self.sampling.model_copy(update={"temperature": temperature})

    def prompts(self, seed: int, done: Positions | None = None) -> Iterator[Asked]:
        """Yield each sample that is not done with its request, as a stream."""
        for index, sample in self.loaded.numbered(done):
            yield Asked(self, index, sample, self.prompt(sample, seed))


@dataclass(frozen=True, slots=True)
class Asked:
    """A sample on its way: whose it is, and what the model is asked."""

    dataset: PlannedDataset
    """Whose it is."""
    index: int
    """Its position in the dataset, from 0."""
    sample: Sample
    """The sample."""
    prompt: Prompt
    """What the model is asked."""


@dataclass(frozen=True)
class PlannedModel:
    """One model with its engine, its settings and its datasets."""

    ref: ModelRef
    """What the engine is asked to open."""
    spec: ModelSpec | None
    """Its declaration; None for `ENGINE:PATH`."""
    engine: EngineSpec
    """The engine."""
    options: EngineOptions
    """Validated."""
    facts: ModelFacts
    """What is known without loading it."""
    datasets: tuple[PlannedDataset, ...]
    """In the order in which they are asked."""
    preset: str | None = None
    """Name of the preset in force."""
    price: Price | None = None
    """What its tokens cost; None where that is not known, or nothing."""
    measuring: PlannedMeasuring | None = None
    """How its speed is measured; None where it is not."""

    @property
    def name(self) -> str:
        """Registered name, or `ENGINE:PATH`."""
        return self.ref.name

    @property
    def context_length(self) -> int | None:
        """Tokens that it was made for, as its files or its declaration say; None where neither."""
        return self.facts.context_length or (self.spec.context_length if self.spec else None)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can be asked for: what its engine offers and its files, or its kind, allow."""
        offered = frozenset(self.engine.capabilities)
        own = self.facts.capabilities
        if own is None:
            own = _OF_KIND.get(self.ref.kind)
        return offered if own is None else offered.intersection(own)


_OF_KIND: Mapping[ModelKind, tuple[Capability, ...]] = {
    "decoder": ("generate", "choose"),
    "encoder": ("embed", "classify", "fill", "extract"),
    "encoder_decoder": ("generate",),
    "vision_language": ("generate",),
    "document": ("generate", "extract"),
}
"""What models of a kind can be asked for, where their files are not here to tell."""


@dataclass(frozen=True)
class PlannedCategory:
    """What a category's score will be made of."""

    name: str
    title: str
    primary: tuple[str, ...]
    """All primary datasets of the category, whether they are in the plan, or installed, or not."""
    otherwise: Mapping[str, str] = field(default_factory=dict)
    """By primary dataset, the one that stands in for it with models that cannot answer it."""

    def counts(self, dataset: PlannedDataset) -> bool:
        """Whether a dataset makes its score, by itself or in another's place."""
        is_known = dataset.name in {*self.primary, *self.otherwise.values()}
        return is_known and dataset.loaded.spec.role == "primary"


@dataclass(frozen=True)
class PlannedBaseline:
    """Another model's answers, which answers are held against in pairs."""

    name: str
    """What readers know it by: `RUN:MODEL`, or the file."""
    path: str
    """The run folder, or the file."""
    model: str
    """The run's model; empty for a file of recorded outputs."""
    content_hash: str
    """SHA-256 of the answers."""


@dataclass(frozen=True)
class Plan:
    """Everything that a run will do."""

    asked: RunSpec
    """What was asked."""
    models: tuple[PlannedModel, ...]
    """In order."""
    categories: tuple[PlannedCategory, ...]
    """Whose score is wanted."""
    judges: tuple[PlannedModel, ...] = ()
    """Who judges, one after the other; without datasets."""
    baseline: PlannedBaseline | None = None
    """What answers are held against in pairs."""
    cache: CacheChoice | None = None
    """Where generations are looked up and kept; None where they are not."""
    sandbox: ChosenSandbox | None = None
    """Where programs are run; None where none are."""
    notices: tuple[str, ...] = ()
    """What every reader must know."""
    parts: tuple[Part, ...] = ()
    """What it takes from which plugins."""
    config: str | None = None
    """The user's YAML file, whole."""
    max_errors: int = 0
    """More failures on our side than this make the run fail."""
    max_cost: float | None = None
    """What it may cost, in the currency of its models' prices; None limits nothing."""

    @property
    def n_samples(self) -> int:
        """Samples over all models and datasets."""
        return sum(d.loaded.n_samples for model in self.models for d in model.datasets)

    @property
    def plugins(self) -> dict[str, str]:
        """Version by distribution, of evalctl and of the plugins that take part."""
        found = {part.distribution: part.version for part in self.parts}
        return dict(sorted({"evalctl": __version__, **found}.items()))

    def describe(self) -> dict[str, JsonValue]:
        """Return the plan as plain data, for the manifest and `--dry-run --json`."""
        judges = {judge.name: _describe_model(judge, ()) for judge in self.judges}
        several: dict[str, JsonValue] = {"judges": {**judges}} if len(judges) > 1 else {}
        baseline = _describe_baseline(self.baseline) if self.baseline else {}
        return {
            "categories": [category.name for category in self.categories],
            "judge": ", ".join(judges) or None,
            "judge_model": next(iter(judges.values())) if len(judges) == 1 else None,
            **several,
            **baseline,
            "sandbox": self.sandbox.isolation.model_dump(mode="json") if self.sandbox else None,
            "notices": list(self.notices),
            "models": [_describe_model(model, self.categories) for model in self.models],
        }


def _describe_model(
    model: PlannedModel, categories: Sequence[PlannedCategory]
) -> dict[str, JsonValue]:
    measured = model.measuring.describe() if model.measuring else {}
    return measured | {
        "model": model.name,
        "path": model.ref.path,
        "revision": model.ref.revision,
        "content_hash": model.facts.content_hash,
        "engine": model.engine.name,
        "preset": model.preset,
        "options": model.options.model_dump(mode="json"),
        "price": model.price.model_dump(mode="json") if model.price else None,
        "datasets": [
            _describe_dataset(dataset)
            | {"counts_in": [one.name for one in categories if one.counts(dataset)]}
            for dataset in model.datasets
        ],
    }


def _describe_baseline(baseline: PlannedBaseline) -> dict[str, JsonValue]:
    described: dict[str, JsonValue] = {
        "name": baseline.name,
        "origin": baseline.path,
        "content_hash": baseline.content_hash,
    }
    return {"baseline": described}


def _describe_dataset(dataset: PlannedDataset) -> dict[str, JsonValue]:
    loaded = dataset.loaded
    by: dict[str, JsonValue] = {"by": loaded.spec.temperature_by}
    by["temperatures"] = dict(dataset.temperatures)
    described: dict[str, JsonValue] = {
        "dataset": dataset.name,
        "category": loaded.category,
        "role": loaded.spec.role,
        "adapter_version": loaded.spec.version,
        "origin": loaded.located.origin,
        "revision": loaded.located.revision,
        "content_hash": loaded.content_hash,
        "n_available": loaded.n_available,
        "n_samples": loaded.n_samples,
        "n_recorded": loaded.n_recorded,
        "recorded": loaded.recorded.to_text() if loaded.recorded is not None else None,
        "until_width": dataset.until_width,
        "style": dataset.asking.style,
        "needs": loaded.spec.needs,
        "shots": [shot.id for shot in dataset.shots],
        "n_shots": dataset.n_shots,
        "groups": list(loaded.spec.groups),
        "group_metric": dataset.grouped[1].name,
        "repeats": dataset.repeats,
        "sampling": dataset.sampling.model_dump(mode="json"),
        **({"sampling_by": by} if dataset.temperatures else {}),
        "prompt": loaded.spec.prompt.model_dump(mode="json"),
        "labels": dataset.reading.model_dump(mode="json") if dataset.reading else None,
        "headline": loaded.spec.headline,
        "scorers": {
            scorer.name: describe_scorer(scorer, dataset.metrics[scorer.name])
            for scorer in dataset.scorers
        },
    }
    if dataset.probe is not None:
        described["probe"] = dataset.probe.describe()
    flags = {"has_images": loaded.spec.has_images, "is_unsafe": loaded.spec.is_unsafe}
    return described | {name: True for name, is_set in flags.items() if is_set}
