"""A registry while it is put together: who may add what to whom, and what counts as a clash.

Contributions are put in in four rounds: what stands by itself, what joins categories, parts of
others' datasets, what joins datasets. So it does not matter which plugin comes first, and whoever
adds to something always gives way to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from evalctl.assembly.contribution import Contribution, RefusedError, orphan_of
from evalctl.metrics import shared_name
from evalctl.registry import Entry, Owner, Registry, ScorerEntry, SpecT
from evalctl.specs import (
    CategorySpec,
    DatasetSpec,
    EngineSpec,
    ExecutorSpec,
    ModelSpec,
    ScorerSpec,
)

_JUDGED = {"choose": "log-likelihoods", "classify": "labels", "rank": "similarities"}
"""What a scorer judges that judges no texts, by what an engine is asked for."""


class Draft:
    """The registry while it is put together, and who cannot stand in it."""

    def __init__(self, contributions: Sequence[Contribution]) -> None:
        """Put everything in; of a contribution that is refused, some may be in as well."""
        self.refused: dict[Owner, RefusedError] = {}
        # What there is by every name that it answers to. Entries are in order.
        self._categories: dict[str, Entry[CategorySpec]] = {}
        self._models: dict[tuple[str, str], Entry[ModelSpec]] = {}
        self._datasets: dict[str, Entry[DatasetSpec]] = {}
        self._engines: dict[str, Entry[EngineSpec]] = {}
        self._executors: dict[str, Entry[ExecutorSpec]] = {}
        # By a model's name: the first entry, with which path and revision must agree.
        self._weights: dict[str, Entry[ModelSpec]] = {}
        # By a scorer's name: the first one, with which all others of that name must agree.
        self._scorers: dict[str, Entry[ScorerSpec]] = {}
        # By dataset.
        self._added: defaultdict[str, list[ScorerEntry]] = defaultdict(list)
        self._find_orphans(contributions)
        # What excerpts are taken from, by name; none is taken from another.
        self._wholes: dict[str, Entry[DatasetSpec]] = {}
        for add in (self._add_own, self._add_joining):
            self._add_all(add, contributions)
        self._wholes |= self._datasets
        for add in (self._add_excerpts, self._add_scorers):
            self._add_all(add, contributions)

    def registry(self, hint: str) -> Registry:
        """Return it as it stands."""
        datasets = [self._with_added(entry) for entry in self._datasets.values()]
        datasets_of, models_of = _by_category(datasets), _by_category(self._models.values())
        homes = dict.fromkeys(entry.spec.name for entry in self._categories.values())
        return Registry(
            category_entries=tuple(
                _completed(self._categories[name], models_of[name], datasets_of[name])
                for name in homes
            ),
            model_entries=tuple(entry for name in ("", *homes) for entry in models_of[name]),
            dataset_entries=tuple(entry for name in homes for entry in datasets_of[name]),
            scorer_entries=tuple(entry for added in self._added.values() for entry in added),
            engine_entries=tuple(self._engines.values()),
            executor_entries=tuple(self._executors.values()),
            hint=hint,
        )

    def _add_all(
        self, add: Callable[[Contribution], None], contributions: Sequence[Contribution]
    ) -> None:
        for one in contributions:
            if one.owner not in self.refused:
                self._try(add, one)

    def _try(self, add: Callable[[Contribution], None], one: Contribution) -> None:
        """Add a contribution, or note why it is refused.

        Part of the border around plugins: specs that were made past their validation may raise
        anything.
        """
        try:
            add(one)
        except RefusedError as error:
            self.refused[one.owner] = error
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # the border; SystemExit is no Exception
            refusal = RefusedError(one.owner, f"{type(error).__name__}: {error}")
            refusal.__cause__ = error
            self.refused[one.owner] = refusal

    def _find_orphans(self, contributions: Sequence[Contribution]) -> None:
        """Refuse who adds to what nobody brings, before any clash is looked for."""
        categories: set[str] = set()
        datasets: set[str] = set()

        def note(one: Contribution) -> None:
            own = [spec.name for category in one.categories for spec in category.datasets]
            names = [name for spec in one.categories for name in (spec.name, *spec.aliases)]
            datasets.update(own, [spec.name for spec in one.datasets])
            datasets.update(part.name for category in one.categories for part in category.excerpts)
            categories.update(names)

        def check(one: Contribution) -> None:
            if orphan := orphan_of(one, categories, datasets):
                raise RefusedError(one.owner, orphan)

        for step in (note, check):
            for one in contributions:
                if one.owner not in self.refused:
                    self._try(step, one)

    def _add_own(self, one: Contribution) -> None:
        """Add what stands by itself: categories with all they carry, engines and executors."""
        for category in one.categories:
            entry = Entry(category, one.owner)
            for name in dict.fromkeys((category.name, *category.aliases)):
                _take(self._categories, name, entry, f"category {name!r}")
            for dataset in category.datasets:
                self._add_dataset(Entry(dataset, one.owner, category.name))
            for model in category.models:
                self._add_model(Entry(model, one.owner, category.name))
            for executor in category.executors:
                self._add_executor(Entry(executor, one.owner, category.name))
        for engine in one.engines:
            what = f"engine {engine.name!r}"
            _take(self._engines, engine.name, Entry(engine, one.owner), what)
        for executor in one.executors:
            self._add_executor(Entry(executor, one.owner))

    def _add_joining(self, one: Contribution) -> None:
        """Add what joins categories, its own or those of other plugins."""
        for dataset in one.datasets:
            if home := self._categories.get(dataset.category):
                if dataset.role == "primary" and home.owner != one.owner:
                    raise RefusedError(one.owner, _headline_of(home, dataset, one.owner))
                self._add_dataset(Entry(dataset, one.owner, home.spec.name))
        for model in one.models:
            for category in self._homes(model):
                self._add_model(Entry(model, one.owner, category))

    def _add_excerpts(self, one: Contribution) -> None:
        """Add the parts of other plugins' datasets that a plugin's categories have."""
        for category in one.categories:
            for excerpt in category.excerpts:
                if (whole := self._wholes.get(excerpt.dataset)) is None:
                    continue
                made = [excerpt.taken_from(whole.spec)]
                if other := self._wholes.get(whole.spec.otherwise):
                    stand_in = excerpt.stand_in(other.spec)
                    made = [excerpt.taken_from(whole.spec, otherwise=stand_in.name)]
                    made.append(stand_in.taken_from(other.spec))
                for spec in made:
                    self._add_dataset(Entry(spec, one.owner, category.name))

    def _homes(self, model: ModelSpec) -> list[str]:
        """The installed categories that a model names; `""` where `*` meets none at all."""
        known = self._categories
        names = known if "*" in model.categories else [n for n in model.categories if n in known]
        homes = list(dict.fromkeys(known[name].spec.name for name in names))
        return homes or ([""] if "*" in model.categories else [])

    def _add_scorers(self, one: Contribution) -> None:
        """Add scorers to datasets, its own or those of other plugins."""
        for scorer in one.scorers:
            for name in dict.fromkeys(scorer.datasets):
                if home := self._datasets.get(name):
                    self._add_scorer(ScorerEntry(scorer, one.owner, name), home)

    def _add_scorer(self, entry: ScorerEntry, home: Entry[DatasetSpec]) -> None:
        """Add a scorer behind those of a dataset; no name of theirs may come up again."""
        present = [(scorer, home.owner) for scorer in home.spec.scorers]
        present += [(other.spec, other.owner) for other in self._added[entry.dataset]]
        for scorer, owner in present:
            if (clash := _shared(entry.spec, scorer)) is not None:
                message = (
                    f"{clash} of scorer {entry.spec.name!r}, which {entry.owner} adds to dataset "
                    f"{entry.dataset!r}, is already taken there by {_by(owner, entry.owner)}"
                )
                raise RefusedError(entry.owner, message, holder=owner)
        needs = home.spec.judged
        if entry.spec.reads != needs:
            judges = _JUDGED.get(entry.spec.reads, "texts")
            message = (
                f"scorer {entry.spec.name!r}, which {entry.owner} adds to dataset "
                f"{entry.dataset!r}, judges {judges}, but the dataset needs `{home.spec.needs}`"
            )
            raise RefusedError(entry.owner, message, holder=home.owner)
        self._check_scorer(entry.spec, entry.owner, entry.dataset)
        self._added[entry.dataset].append(entry)

    def _add_dataset(self, entry: Entry[DatasetSpec]) -> None:
        _take(self._datasets, entry.spec.name, entry, f"dataset {entry.spec.name!r}")
        for scorer in entry.spec.scorers:
            self._check_scorer(scorer, entry.owner, entry.spec.name)

    def _check_scorer(self, scorer: ScorerSpec, owner: Owner, dataset: str) -> None:
        """See that a scorer is the one that is known by its name."""
        known = self._scorers.setdefault(scorer.name, Entry(scorer, owner))
        if known.spec != scorer and _judgement(known.spec) != _judgement(scorer):
            message = (
                f"scorer {scorer.name!r} of dataset {dataset!r}, brought by {owner}, is not the "
                f"one that {'it' if known.owner == owner else known.owner} brings under that name"
            )
            raise RefusedError(owner, message, holder=known.owner)

    def _add_executor(self, entry: Entry[ExecutorSpec]) -> None:
        _take(self._executors, entry.spec.name, entry, f"executor {entry.spec.name!r}")

    def _add_model(self, entry: Entry[ModelSpec]) -> None:
        """Add a model to one category; in all of them it must be the very same weights."""
        model = entry.spec
        known = self._weights.setdefault(model.name, entry)
        if (known.spec.path, known.spec.revision) != (model.path, model.revision):
            message = (
                f"model {model.name!r} is {_weights(model)} for {entry.owner}, but "
                f"{_weights(known.spec)} for {known.owner}; give one of them another name"
            )
            raise RefusedError(entry.owner, message, holder=known.owner)
        what = f"model {model.name!r} of the category {entry.category!r}"
        _take(self._models, (entry.category, model.name), entry, what)

    def _with_added(self, entry: Entry[DatasetSpec]) -> Entry[DatasetSpec]:
        """Return a dataset with the scorers that were added to it."""
        if not (added := self._added.get(entry.spec.name)):
            return entry
        scorers = (*entry.spec.scorers, *(one.spec for one in added))
        return entry._replace(spec=entry.spec.with_scorers(scorers))


KeyT = TypeVar("KeyT")


def _take(taken: dict[KeyT, Entry[SpecT]], key: KeyT, entry: Entry[SpecT], what: str) -> None:
    if holder := taken.get(key):
        by = _by(holder.owner, entry.owner)
        message = f"{what}, brought by {entry.owner}, is already taken by {by}"
        raise RefusedError(entry.owner, message, holder=holder.owner)
    taken[key] = entry


def _by(holder: Owner, owner: Owner) -> str:
    return "itself" if holder == owner else str(holder)


def _headline_of(home: Entry[CategorySpec], dataset: DatasetSpec, owner: Owner) -> str:
    return (
        f"dataset {dataset.name!r}, brought by {owner}, has the role `primary`, but the score of "
        f"the category {home.spec.name!r} is up to {home.owner}; make it `secondary`"
    )


def _shared(one: ScorerSpec, other: ScorerSpec) -> str | None:
    """Return what two scorers of one dataset may not have both, or None."""
    if one.name == other.name:
        return "the name"
    for metric in one.metrics:
        for known in other.metrics:
            if (name := shared_name(metric, known)) is not None:
                return f"metric {name!r}"
    return None


def _judgement(scorer: ScorerSpec) -> dict[str, object]:
    """Return all of a scorer but where it is added."""
    return scorer.model_dump(exclude={"datasets"})


def _weights(model: ModelSpec) -> str:
    return f"{model.path}@{model.revision}" if model.revision else model.path


def _by_category(entries: Iterable[Entry[SpecT]]) -> defaultdict[str, list[Entry[SpecT]]]:
    found: defaultdict[str, list[Entry[SpecT]]] = defaultdict(list)
    for entry in entries:
        found[entry.category].append(entry)
    return found


def _completed(
    entry: Entry[CategorySpec],
    models: Sequence[Entry[ModelSpec]],
    datasets: Sequence[Entry[DatasetSpec]],
) -> Entry[CategorySpec]:
    """Return a category with all that joined it."""
    joined = (tuple(one.spec for one in models), tuple(one.spec for one in datasets))
    if joined == (entry.spec.models, entry.spec.datasets):
        return entry
    changes = dict(zip(("models", "datasets"), joined, strict=True))
    return entry._replace(spec=entry.spec.model_copy(update=changes))
