"""The plan: everything resolved, nothing loaded."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from evalctl import __version__
from evalctl.config import CacheChoice
from evalctl.config.overrides import Price
from evalctl.executors.choice import ChosenSandbox
from evalctl.plan.asked import RunSpec
from evalctl.plan.datasets import LoadedDataset
from evalctl.plan.shots import n_shown, shots_for
from evalctl.positions import Positions
from evalctl.prompts import Asking, compose, continuations, sample_seed
from evalctl.protocols import Capability, ModelFacts, ModelKind, ModelRef
from evalctl.records import Prompt, Sample, Sampling
from evalctl.registry import Owner
from evalctl.results import Part
from evalctl.specs import EngineOptions, EngineSpec, MetricSpec, ModelSpec, ScorerSpec


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

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return self.loaded.spec.name

    @property
    def headline(self) -> tuple[ScorerSpec, MetricSpec]:
        """The metric that stands for it, after its scorer."""
        return next(
            (scorer, metric)
            for scorer in self.scorers
            for metric in self.metrics[scorer.name]
            if metric.name == self.loaded.spec.headline
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
        return Prompt(
            dataset=self.name,
            sample_id=sample.id,
            text=body.text,
            messages=body.messages,
            continuations=continuations(spec.prompt, sample) if spec.needs == "choose" else (),
            sampling=self.sampling,
            n=self.repeats,
            seed=sample_seed(seed, self.name, sample.id),
        )

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

    @property
    def name(self) -> str:
        """Registered name, or `ENGINE:PATH`."""
        return self.ref.name

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can be asked for: what its engine offers and its kind allows."""
        offered = frozenset(self.engine.capabilities)
        own = _OF_KIND.get(self.ref.kind)
        return offered if own is None else offered.intersection(own)


_OF_KIND: Mapping[ModelKind, tuple[Capability, ...]] = {
    "decoder": ("generate", "choose"),
    "encoder": ("embed", "classify", "fill", "extract"),
    "encoder_decoder": ("generate",),
}
"""What models of a kind can be asked for."""


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
class Plan:
    """Everything that a run will do."""

    asked: RunSpec
    """What was asked."""
    models: tuple[PlannedModel, ...]
    """In order."""
    categories: tuple[PlannedCategory, ...]
    """Whose score is wanted."""
    judge: PlannedModel | None = None
    """The judge, without datasets."""
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
        return {
            "categories": [category.name for category in self.categories],
            "judge": self.judge.name if self.judge else None,
            "judge_model": _describe_model(self.judge, ()) if self.judge else None,
            "sandbox": self.sandbox.isolation.model_dump(mode="json") if self.sandbox else None,
            "notices": list(self.notices),
            "models": [_describe_model(model, self.categories) for model in self.models],
        }


def _describe_model(
    model: PlannedModel, categories: Sequence[PlannedCategory]
) -> dict[str, JsonValue]:
    return {
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


def _describe_dataset(dataset: PlannedDataset) -> dict[str, JsonValue]:
    loaded = dataset.loaded
    return {
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
        "repeats": dataset.repeats,
        "sampling": dataset.sampling.model_dump(mode="json"),
        "prompt": loaded.spec.prompt.model_dump(mode="json"),
        "headline": loaded.spec.headline,
        "scorers": {
            scorer.name: _describe_scorer(scorer, dataset.metrics[scorer.name])
            for scorer in dataset.scorers
        },
    }


def _describe_scorer(scorer: ScorerSpec, metrics: Iterable[MetricSpec]) -> dict[str, JsonValue]:
    described: dict[str, JsonValue] = scorer.model_dump(
        mode="json", exclude={"name", "metrics", "datasets"}
    )
    described["metrics"] = {metric.name: _describe_metric(metric) for metric in metrics}
    return described | ({"is_added": True} if scorer.is_added else {})


def _describe_metric(metric: MetricSpec) -> dict[str, JsonValue]:
    return {
        "title": metric.title,
        "is_pooled": metric.pooled is not None,
        "lower": metric.lower if math.isfinite(metric.lower) else None,
        "upper": metric.upper if math.isfinite(metric.upper) else None,
    }
