"""Putting a `Registry` together out of what the plugins returned; a name taken twice is refused.

A plugin is accepted whole or not at all: the first contribution that clashes with what stands
already is left out with its error, and the rest is put together again without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from evalctl.errors import PluginError
from evalctl.registry import Entry, Owner, Registry, SpecT
from evalctl.specs import (
    CategorySpec,
    DatasetSpec,
    EngineSpec,
    ExecutorSpec,
    ModelSpec,
    ScorerSpec,
)


class Contribution(NamedTuple):
    """All that one plugin's hooks returned."""

    owner: Owner
    """The plugin."""
    categories: tuple[CategorySpec, ...] = ()
    """From `evalctl_categories`."""
    datasets: tuple[DatasetSpec, ...] = ()
    """From `evalctl_datasets`."""
    models: tuple[ModelSpec, ...] = ()
    """From `evalctl_models`."""
    engines: tuple[EngineSpec, ...] = ()
    """From `evalctl_engines`."""
    executors: tuple[ExecutorSpec, ...] = ()
    """From `evalctl_executors`."""

    def offers(self) -> dict[str, tuple[str, ...]]:
        """Return the names that it brings, by kind; kinds without any are left out.

        Models and datasets are those of its categories and those that it adds to others.
        """
        own_datasets = (spec for category in self.categories for spec in category.datasets)
        own_models = (spec for category in self.categories for spec in category.models)
        names = {
            "categories": [spec.name for spec in self.categories],
            "datasets": [spec.name for spec in (*own_datasets, *self.datasets)],
            "models": [spec.name for spec in (*own_models, *self.models)],
            "engines": [spec.name for spec in self.engines],
            "executors": [spec.name for spec in self.executors],
        }
        return {kind: tuple(dict.fromkeys(found)) for kind, found in names.items() if found}


class RefusedError(PluginError):
    """A contribution cannot stand beside the others."""

    def __init__(self, owner: Owner, message: str, *, holder: Owner | None = None) -> None:
        """Keep whose contribution it is, and who has the name that it wants."""
        self.owner = owner
        self.holder = None if holder == owner else holder
        super().__init__(message)


def assemble(
    contributions: Iterable[Contribution], *, hint: str = ""
) -> tuple[Registry, dict[Owner, RefusedError]]:
    """Return the registry of all contributions that stand together, and why others do not.

    Args:
        contributions: One per plugin; of two that clash, the first one stands.
        hint: What failed look-ups in the registry add to their message.
    """
    standing = list(contributions)
    refused: dict[Owner, RefusedError] = {}
    while True:
        try:
            return _build(standing, hint), refused
        except RefusedError as error:
            refused[error.owner] = error
            standing = [one for one in standing if one.owner != error.owner]


def _build(contributions: Sequence[Contribution], hint: str) -> Registry:
    _refuse_orphans(contributions)
    draft = _Draft()
    for one in contributions:
        draft.add_own(one)
    for one in contributions:
        draft.add_joining(one)
    order = {name: position for position, name in enumerate(draft.categories)}
    return Registry(
        category_entries=tuple(draft.complete(entry) for entry in draft.categories.values()),
        model_entries=tuple(
            sorted(draft.models.values(), key=lambda entry: order.get(entry.category, -1))
        ),
        dataset_entries=tuple(
            sorted(draft.datasets.values(), key=lambda entry: order[entry.category])
        ),
        engine_entries=tuple(draft.engines.values()),
        executor_entries=tuple(draft.executors.values()),
        hint=hint,
    )


def _refuse_orphans(contributions: Sequence[Contribution]) -> None:
    """Refuse who adds to categories that nobody brings, before any clash is looked for."""
    known: set[str] = set()
    for one in contributions:
        for category in one.categories:
            known.update((category.name, *category.aliases))
    for one in contributions:
        for dataset in one.datasets:
            if dataset.category not in known:
                raise RefusedError(one.owner, _orphan("dataset", dataset.name, dataset.category))
        for model in one.models:
            if not known.union({"*"}).intersection(model.categories):
                names = " and ".join(model.categories)
                raise RefusedError(one.owner, _orphan("model", model.name, names))


def _orphan(kind: str, name: str, category: str) -> str:
    if not category:
        return f"{kind} {name!r} does not say which category it is for"
    return f"{kind} {name!r} is for the category {category!r}, which is not installed"


class _Draft:
    """The registry while it is put together."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.categories: dict[str, Entry[CategorySpec]] = {}
        self.models: dict[tuple[str, str], Entry[ModelSpec]] = {}
        self.datasets: dict[str, Entry[DatasetSpec]] = {}
        self.engines: dict[str, Entry[EngineSpec]] = {}
        self.executors: dict[str, Entry[ExecutorSpec]] = {}
        # Categories by every name that they answer to.
        self.aliases: dict[str, Entry[CategorySpec]] = {}
        self.scorers: dict[str, Entry[ScorerSpec]] = {}
        # By a model's name: the first entry, with which path and revision must agree.
        self.weights: dict[str, Entry[ModelSpec]] = {}

    def add_own(self, one: Contribution) -> None:
        """Add what stands by itself: categories with all they carry, engines and executors."""
        for category in one.categories:
            entry = Entry(category, one.owner)
            for name in dict.fromkeys((category.name, *category.aliases)):
                _take(self.aliases, name, entry, f"category {name!r}")
            self.categories[category.name] = entry
            for dataset in category.datasets:
                self.add_dataset(Entry(dataset, one.owner, category.name))
            for model in category.models:
                self.add_model(Entry(model, one.owner, category.name))
            for executor in category.executors:
                self.add_executor(Entry(executor, one.owner, category.name))
        for engine in one.engines:
            what = f"engine {engine.name!r}"
            _take(self.engines, engine.name, Entry(engine, one.owner), what)
        for executor in one.executors:
            self.add_executor(Entry(executor, one.owner))

    def add_joining(self, one: Contribution) -> None:
        """Add what joins categories, its own or those of other plugins."""
        for dataset in one.datasets:
            if not (home := self.aliases.get(dataset.category)):
                orphan = _orphan("dataset", dataset.name, dataset.category)
                raise RefusedError(one.owner, orphan)
            self.add_dataset(Entry(dataset, one.owner, home.spec.name))
        for model in one.models:
            for category in self._homes(model):
                self.add_model(Entry(model, one.owner, category))

    def _homes(self, model: ModelSpec) -> list[str]:
        """The installed categories that a model names; `""` where `*` meets none at all."""
        if "*" in model.categories:
            return list(self.categories) or [""]
        homes = [self.aliases[name].spec.name for name in model.categories if name in self.aliases]
        return list(dict.fromkeys(homes))

    def add_dataset(self, entry: Entry[DatasetSpec]) -> None:
        """Add a dataset and check its scorers against those of the same name."""
        _take(self.datasets, entry.spec.name, entry, f"dataset {entry.spec.name!r}")
        for scorer in entry.spec.scorers:
            known = self.scorers.setdefault(scorer.name, Entry(scorer, entry.owner))
            if known.spec != scorer and known.spec.model_dump() != scorer.model_dump():
                raise RefusedError(
                    entry.owner,
                    f"scorer {scorer.name!r} of dataset {entry.spec.name!r}, brought by "
                    f"{entry.owner}, is not the one that {known.owner} brings under that name",
                    holder=known.owner,
                )

    def add_executor(self, entry: Entry[ExecutorSpec]) -> None:
        """Add an executor."""
        _take(self.executors, entry.spec.name, entry, f"executor {entry.spec.name!r}")

    def add_model(self, entry: Entry[ModelSpec]) -> None:
        """Add a model to one category; in all of them it must be the very same weights."""
        model = entry.spec
        known = self.weights.setdefault(model.name, entry)
        if (known.spec.path, known.spec.revision) != (model.path, model.revision):
            raise RefusedError(
                entry.owner,
                f"model {model.name!r} is {_weights(model)} for {entry.owner}, but "
                f"{_weights(known.spec)} for {known.owner}; give one of them another name",
                holder=known.owner,
            )
        what = f"model {model.name!r} of the category {entry.category!r}"
        _take(self.models, (entry.category, model.name), entry, what)

    def complete(self, entry: Entry[CategorySpec]) -> Entry[CategorySpec]:
        """Return a category with the models and datasets that joined it."""
        name = entry.spec.name
        models = tuple(one.spec for one in self.models.values() if one.category == name)
        datasets = tuple(one.spec for one in self.datasets.values() if one.category == name)
        if (models, datasets) == (entry.spec.models, entry.spec.datasets):
            return entry
        changes = {"models": models, "datasets": datasets}
        return Entry(entry.spec.model_copy(update=changes), entry.owner)


KeyT = TypeVar("KeyT")


def _take(taken: dict[KeyT, Entry[SpecT]], key: KeyT, entry: Entry[SpecT], what: str) -> None:
    if holder := taken.get(key):
        by = "itself" if holder.owner == entry.owner else str(holder.owner)
        raise RefusedError(
            entry.owner,
            f"{what}, brought by {entry.owner}, is already taken by {by}",
            holder=holder.owner,
        )
    taken[key] = entry


def _weights(model: ModelSpec) -> str:
    return f"{model.path}@{model.revision}" if model.revision else model.path
