"""All that the installed plugins offer, in one immutable value that is built once.

Here are the entries and how they are looked up by name. How they are put together out of what the
plugins returned, and what counts as a clash, is in `assembly`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from evalctl.errors import UnknownNameError
from evalctl.specs import (
    CategorySpec,
    DatasetSpec,
    EngineSpec,
    Excerpt,
    ExecutorSpec,
    MetricSpec,
    ModelSpec,
    ScorerSpec,
)


class Named(Protocol):
    """A spec that has a name."""

    @property
    def name(self) -> str:
        """The name."""
        ...


SpecT = TypeVar("SpecT", bound=Named, covariant=True)


class Owner(NamedTuple):
    """The plugin that an entry comes from."""

    plugin: str
    """Name of the entry point."""
    distribution: str
    """What was installed with pip."""
    version: str
    """Of the distribution."""

    def __str__(self) -> str:
        """Return plugin, distribution and version, as messages name them."""
        return f"{self.plugin} ({self.distribution} {self.version})"


class Entry(NamedTuple, Generic[SpecT]):
    """A registered spec, and who registered it."""

    spec: SpecT
    """The spec; with what other plugins added, if it is a category's or a dataset's."""
    owner: Owner
    """The plugin that brought it."""
    category: str = ""
    """Short name of the category that a model or dataset is in; empty for other kinds."""


class ScorerEntry(NamedTuple):
    """A scorer that was added to a dataset beside the dataset's own."""

    spec: ScorerSpec
    """As its plugin declares it."""
    owner: Owner
    """The plugin that added it."""
    dataset: str
    """Name of the dataset."""


class MetricEntry(NamedTuple):
    """A metric, and where it is used."""

    spec: MetricSpec
    """As the first dataset declares it."""
    scorers: tuple[str, ...]
    """Names of the scorers whose scores it reduces."""
    datasets: tuple[str, ...]
    """Names of the datasets that report it."""
    headline_of: tuple[str, ...]
    """Names of the datasets that it stands for."""
    owner: Owner
    """The plugin that declares it first."""


@dataclass(frozen=True)
class Registry:
    """What is installed. Look-ups raise `UnknownNameError`, which suggests names that are near.

    Entries are in the order of the plugins, built-ins first, and of what each returned; models and
    datasets are together by category.
    """

    category_entries: tuple[Entry[CategorySpec], ...] = ()
    """Categories, complete with what other plugins added."""
    model_entries: tuple[Entry[ModelSpec], ...] = ()
    """Models, one entry for each category that a model serves."""
    dataset_entries: tuple[Entry[DatasetSpec], ...] = ()
    """Datasets, each in its one category."""
    scorer_entries: tuple[ScorerEntry, ...] = ()
    """Added scorers, one entry for each dataset that a scorer was added to."""
    engine_entries: tuple[Entry[EngineSpec], ...] = ()
    """Engines, whether or not their packages are installed."""
    executor_entries: tuple[Entry[ExecutorSpec], ...] = ()
    """Executors, whether or not they work on this machine."""
    hint: str = ""
    """What a failed look-up adds to its message: the plugins that could not be loaded."""

    @property
    def categories(self) -> tuple[CategorySpec, ...]:
        """All categories."""
        return tuple(entry.spec for entry in self.category_entries)

    @property
    def engines(self) -> tuple[EngineSpec, ...]:
        """All engines."""
        return tuple(entry.spec for entry in self.engine_entries)

    @property
    def executors(self) -> tuple[ExecutorSpec, ...]:
        """All executors."""
        return tuple(entry.spec for entry in self.executor_entries)

    def category(self, name: str) -> CategorySpec:
        """Return a category by its short name or an alias, with all that was added to it.

        Raises:
            UnknownNameError: No installed plugin has it.
        """
        for spec in self.categories:
            if name == spec.name or name in spec.aliases:
                return spec
        known = [known for spec in self.categories for known in (spec.name, *spec.aliases)]
        raise UnknownNameError("category", name, known, hint=self.hint)

    def model(self, name: str, *, category: str | None = None) -> ModelSpec:
        """Return a model, with the priority and weight that a category gives it.

        Args:
            name: Name of the model.
            category: Short name or alias; None takes the first category that has the model.

        Raises:
            UnknownNameError: The model, or the category, is not registered.
        """
        kind = "model" if category is None else f"model of the category {category}"
        return self._find(kind, name, self.models_in(category)).spec

    def models_in(self, category: str | None = None) -> tuple[Entry[ModelSpec], ...]:
        """Return the model entries of a category (short name or alias), or all of them.

        Raises:
            UnknownNameError: The category is not registered.
        """
        wanted = None if category is None else self.category(category).name
        return tuple(entry for entry in self.model_entries if wanted in (None, entry.category))

    def models_of(self, category: str) -> tuple[ModelSpec, ...]:
        """Return the models of a category (short name or alias).

        Raises:
            UnknownNameError: The category is not registered.
        """
        return self.category(category).models

    def categories_of(self, model: str) -> tuple[CategorySpec, ...]:
        """Return the categories that a registered model serves.

        Raises:
            UnknownNameError: The model is not registered.
        """
        self.model(model)
        serving = {entry.category for entry in self.model_entries if entry.spec.name == model}
        return tuple(spec for spec in self.categories if spec.name in serving)

    def dataset(self, name: str) -> Entry[DatasetSpec]:
        """Return a dataset with its category and its owner.

        Raises:
            UnknownNameError: It is not registered.
        """
        return self._find("dataset", name, self.dataset_entries)

    def datasets_in(self, category: str | None = None) -> tuple[Entry[DatasetSpec], ...]:
        """Return the dataset entries of a category (short name or alias), or all of them.

        Those of other categories that count in it stand behind its own; `Entry.category` stays that
        of their owner.

        Raises:
            UnknownNameError: The category is not registered.
        """
        if category is None:
            return self.dataset_entries
        wanted = self.category(category)
        own = [entry for entry in self.dataset_entries if entry.category == wanted.name]
        also = dict.fromkeys(wanted.also_counts)
        known = {e.spec.name: e for e in self.dataset_entries if e.category != wanted.name}
        return (*own, *(known[name] for name in also if name in known))

    def datasets_of(self, category: str) -> tuple[DatasetSpec, ...]:
        """Return the datasets of a category (short name or alias), with others that count in it.

        Raises:
            UnknownNameError: The category is not registered.
        """
        return tuple(entry.spec for entry in self.datasets_in(category))

    def lacking(self, category: str) -> tuple[str, ...]:
        """Return the datasets that count in a category and that no installed plugin brings.

        Raises:
            UnknownNameError: The category is not registered.
        """
        known = {entry.spec.name for entry in self.dataset_entries}
        return tuple(name for name in self.category(category).also_counts if name not in known)

    def absent_excerpts(self, category: str) -> tuple[Excerpt, ...]:
        """Return a category's excerpts of datasets that no installed plugin brings.

        Raises:
            UnknownNameError: The category is not registered.
        """
        known = {entry.spec.name for entry in self.dataset_entries}
        excerpts = self.category(category).excerpts
        return tuple(one for one in excerpts if one.dataset not in known)

    def engine(self, name: str) -> EngineSpec:
        """Return an engine; its packages need not be installed.

        Raises:
            UnknownNameError: It is not registered.
        """
        return self._find("engine", name, self.engine_entries).spec

    def executor(self, name: str) -> ExecutorSpec:
        """Return an executor; it need not work on this machine.

        Raises:
            UnknownNameError: It is not registered.
        """
        return self._find("executor", name, self.executor_entries).spec

    def added_to(self, dataset: str) -> dict[str, Owner]:
        """Return the scorers that were added to a dataset, with the plugins that did it."""
        return {one.spec.name: one.owner for one in self.scorer_entries if one.dataset == dataset}

    def scorer(self, name: str) -> ScorerSpec:
        """Return a scorer that some dataset uses.

        Raises:
            UnknownNameError: No dataset uses it.
        """
        scorers = {s.name: s for entry in self.dataset_entries for s in entry.spec.scorers}
        if name not in scorers:
            raise UnknownNameError("scorer", name, scorers, hint=self.hint)
        return scorers[name]

    def metric(self, name: str) -> MetricEntry:
        """Return a metric that some dataset reports.

        Raises:
            UnknownNameError: No dataset reports it.
        """
        metrics = {entry.spec.name: entry for entry in self.metrics_in()}
        if name not in metrics:
            raise UnknownNameError("metric", name, metrics, hint=self.hint)
        return metrics[name]

    def metrics_in(self, category: str | None = None) -> tuple[MetricEntry, ...]:
        """Return the metrics of a category's datasets (short name or alias), or all of them.

        Raises:
            UnknownNameError: The category is not registered.
        """
        added = {(one.dataset, one.spec.name): one.owner for one in self.scorer_entries}
        found: dict[str, MetricEntry] = {}
        for entry in self.datasets_in(category):
            dataset = entry.spec
            for scorer in dataset.scorers:
                owner = added.get((dataset.name, scorer.name), entry.owner)
                for metric in scorer.metrics:
                    use = (scorer.name,), (dataset.name,)
                    headline_of = (dataset.name,) if metric.name == dataset.headline else ()
                    here = MetricEntry(metric, *use, headline_of, owner)
                    known = found.get(metric.name)
                    found[metric.name] = _joined(known, here) if known else here
        return tuple(found.values())

    def _find(self, kind: str, name: str, entries: tuple[Entry[SpecT], ...]) -> Entry[SpecT]:
        for entry in entries:
            if entry.spec.name == name:
                return entry
        raise UnknownNameError(kind, name, (e.spec.name for e in entries), hint=self.hint)


def _joined(one: MetricEntry, other: MetricEntry) -> MetricEntry:
    """Return a metric's places together, as the first of them has it."""
    return one._replace(
        scorers=tuple(dict.fromkeys(one.scorers + other.scorers)),
        datasets=tuple(dict.fromkeys(one.datasets + other.datasets)),
        headline_of=tuple(dict.fromkeys(one.headline_of + other.headline_of)),
    )
