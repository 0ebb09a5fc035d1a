"""The plan of scoring stored answers again: as it was, with today's scorers, without a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from pydantic import ConfigDict, JsonValue

from evalctl import config as user_config
from evalctl.config import UserConfig, apply_dataset, choose_cache
from evalctl.errors import OutputError
from evalctl.metrics import expand
from evalctl.plan.asked import RunSpec
from evalctl.plan.datasets import LoadedDataset, Part, load_dataset
from evalctl.plan.fitting import check_memory
from evalctl.plan.judges import added_to, notices_of_judges, resolve_judges, taking_part
from evalctl.plan.labels import LabelReading
from evalctl.plan.make import Before, max_errors_of, planned_category
from evalctl.plan.parts import parts_of
from evalctl.plan.planned import Plan, PlannedDataset, PlannedModel
from evalctl.plan.prices import check_prices, max_cost_of
from evalctl.plan.repeating import pass_ks_of
from evalctl.plan.sandbox import wish_of, with_sandbox
from evalctl.plan.stopping import why_not_early
from evalctl.plugins import Loaded
from evalctl.positions import Positions
from evalctl.prompts import Asking
from evalctl.protocols import ModelFacts, ModelRef
from evalctl.records import Record, Sampling
from evalctl.registry import Registry
from evalctl.specs import DatasetRole, EngineOptions, EngineSpec, ModelSpec


class _Then(Record):
    """Part of a manifest's plan, as far as it is needed here."""

    model_config = ConfigDict(extra="ignore")


class _SamplingBy(_Then):
    """The temperatures of samples that did not have the same."""

    temperatures: Mapping[str, float] = {}


class _DatasetThen(_Then):
    """What a manifest says of a dataset, as far as answers are scored again by it."""

    dataset: str
    role: DatasetRole | None = None
    n_samples: int
    n_available: int
    recorded: str | None = None
    until_width: float | None = None
    style: Literal["completion", "chat", "wrapped"]
    repeats: int
    sampling: Sampling
    sampling_by: _SamplingBy = _SamplingBy()
    labels: LabelReading | None = None


class _ModelThen(_Then):
    """What a manifest says of a model."""

    model: str
    path: str
    revision: str | None
    content_hash: str | None
    engine: str
    preset: str | None
    datasets: tuple[_DatasetThen, ...] = ()


class _PlanThen(_Then):
    """What a manifest says of its plan."""

    categories: tuple[str, ...]
    judge_model: _ModelThen | None = None
    judges: Mapping[str, _ModelThen] = {}
    models: tuple[_ModelThen, ...]

    @property
    def panel(self) -> tuple[_ModelThen, ...]:
        """Who judged."""
        return (self.judge_model,) if self.judge_model else tuple(self.judges.values())


def make_recorded(
    then: Mapping[str, JsonValue],
    asked: RunSpec,
    loaded: Loaded,
    before: Before,
    *,
    asks_judges: bool = False,
) -> Plan:
    """Return the plan of scoring a run's answers again.

    Neither the models nor their engines need be here; datasets and their scorers must be.

    Args:
        then: The plan as the run's manifest has it.
        asked: The run's flags.
        loaded: What is installed.
        before: What is known of the run.
        asks_judges: Whether the judges that are asked for are really asked; otherwise those of the
            run stand in the plan, and their verdicts are read again.

    Raises:
        ValidationError: The manifest's plan is of another form.
        OutputError: It is damaged.
        UsageError: A dataset is gone, or programs cannot be run here.
    """
    plan = _PlanThen.model_validate(then)
    registry = loaded.registry
    config = user_config.load(asked.config, before.config) if asked.config else UserConfig()
    datasets = _Datasets(asked, registry, config, before)
    models = tuple(_model(model, registry, datasets) for model in plan.models)
    notices: list[str] = []
    if asks_judges:
        judges = resolve_judges(asked, registry, config, notices)
        notices.extend(notices_of_judges(models, judges))
        check_memory(judges, notices, force=asked.force)
    else:
        judges = tuple(_stored_model(one, registry, ()) for one in plan.panel)
    max_cost = max_cost_of(asked, config) if asks_judges else None
    check_prices(judges, max_cost, notices)
    models, sandbox = with_sandbox(models, wish_of(asked, config), registry, notices)
    return Plan(
        asked=asked,
        models=models,
        categories=tuple(
            planned_category(registry.category(name), registry) for name in plan.categories
        ),
        judges=judges,
        cache=choose_cache(config) if asked.cache and asks_judges else None,
        sandbox=sandbox,
        notices=tuple(notices),
        config=before.config,
        max_errors=max_errors_of(asked, config),
        max_cost=max_cost,
        parts=parts_of(models, plan.categories, judges, sandbox, registry),
    )


class _Datasets:
    """Finds the datasets of a run, each once."""

    def __init__(
        self, asked: RunSpec, registry: Registry, config: UserConfig, before: Before
    ) -> None:
        self._asked = asked
        self._registry = registry
        self._config = config
        self._before = before
        self._loaded: dict[tuple[str, str | None, int, str | None], LoadedDataset] = {}

    def plan(self, then: _DatasetThen) -> PlannedDataset:
        """Return a dataset as it was asked, with the scorers that there are now."""
        loaded = self._load(then)
        pass_k = pass_ks_of(loaded.spec, self._asked, self._config)
        scorers = loaded.spec.scorers
        return PlannedDataset(
            loaded=loaded,
            asking=Asking(style=then.style),
            shots=(),
            sampling=then.sampling,
            repeats=then.repeats,
            metrics={scorer.name: expand(scorer, then.repeats, pass_k) for scorer in scorers},
            until_width=then.until_width if loaded.is_shuffled else None,
            added_by=added_to(loaded.spec, self._registry),
            temperatures=then.sampling_by.temperatures,
            reading=then.labels,
        )

    def _load(self, then: _DatasetThen) -> LoadedDataset:
        key = (then.dataset, then.role, then.n_samples, then.recorded)
        if key not in self._loaded:
            entry = self._registry.dataset(then.dataset)
            folders = (*self._asked.data_folders, *self._config.data_folders)
            part = _part(then)
            checked = self._before.checked.get(then.dataset)
            role = then.role or entry.spec.role  # a stand-in has that of what it stands for
            spec = apply_dataset(entry.spec.model_copy(update={"role": role}), self._config)
            spec = taking_part(spec, self._asked)
            loaded = load_dataset(spec, entry.category, folders, part, checked)
            may_stop = then.until_width is not None and not why_not_early(spec)
            self._loaded[key] = replace(loaded, is_shuffled=may_stop)
        return self._loaded[key]


def _part(then: _DatasetThen) -> Part:
    limit = None if then.n_samples == then.n_available else then.n_samples
    if then.recorded is None:
        return Part(limit)
    try:
        return Part(limit, Positions.from_text(then.recorded))
    except ValueError as error:
        raise OutputError(f"the manifest's plan of {then.dataset} is damaged: {error}") from None


def _model(then: _ModelThen, registry: Registry, datasets: _Datasets) -> PlannedModel:
    return _stored_model(then, registry, tuple(datasets.plan(one) for one in then.datasets))


def _stored_model(
    then: _ModelThen, registry: Registry, datasets: tuple[PlannedDataset, ...]
) -> PlannedModel:
    """Return a model of which what it gave is stored, and that is not asked."""
    ref = ModelRef(name=then.model, path=then.path, revision=then.revision, kind="recorded")
    return PlannedModel(
        ref=ref,
        spec=_spec(then.model, registry),
        engine=EngineSpec(
            name=then.engine,
            title="stored answers",
            capabilities=(),
            kinds=("recorded",),
            options=EngineOptions,
            factory="",
            check=_nothing_known,
        ),
        options=EngineOptions(),
        facts=ModelFacts(content_hash=then.content_hash),
        datasets=datasets,
        preset=then.preset,
    )


def _spec(name: str, registry: Registry) -> ModelSpec | None:
    return next((e.spec for e in registry.models_in() if e.spec.name == name), None)


def _nothing_known(model: ModelRef, options: EngineOptions) -> ModelFacts:
    return ModelFacts()
