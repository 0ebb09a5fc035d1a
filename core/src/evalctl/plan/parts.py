"""Which plugins take part in a plan, and with what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from evalctl.executors.choice import ChosenSandbox
from evalctl.plan.planned import PlannedDataset, PlannedModel
from evalctl.registry import Owner, Registry
from evalctl.results import Part, PartKind


def parts_of(
    models: Sequence[PlannedModel],
    categories: Sequence[str],
    judges: Sequence[PlannedModel],
    sandbox: ChosenSandbox | None,
    registry: Registry,
) -> tuple[Part, ...]:
    """Return all that a plan takes from plugins, each thing once, with the plugin that brings it.

    A dataset's own scorers come with the dataset, a category's executors with the category.

    Args:
        models: With their datasets.
        categories: Names of those whose score is wanted.
        judges: Who judges.
        sandbox: None where there is none.
        registry: What is installed. What is not in it is passed over: an engine whose answers are
            scored again need not be here.
    """
    datasets = {dataset.name: dataset for model in models for dataset in model.datasets}
    homes = dict.fromkeys((*categories, *(one.loaded.category for one in datasets.values())))
    asked = (*models, *judges)
    engines = {model.engine.name for model in asked}
    found: list[Part] = []
    for entry in registry.category_entries:
        if entry.spec.name in homes:
            found.append(_part("category", entry.spec.name, entry.owner))
    found.extend(_models(asked, homes, registry))
    for dataset in datasets.values():
        found.extend(_of_dataset(dataset, registry))
    for engine in registry.engine_entries:
        if engine.spec.name in engines:
            found.append(_part("engine", engine.spec.name, engine.owner))
    for executor in registry.executor_entries:
        if sandbox is not None and executor.spec.name == sandbox.spec.name:
            found.append(_part("executor", executor.spec.name, executor.owner))
    return tuple(dict.fromkeys(found))


def _models(
    asked: Iterable[PlannedModel], categories: Iterable[str], registry: Registry
) -> Iterator[Part]:
    """Yield the registered models: by whom they are in the categories, else by whoever is first."""
    for model in asked:
        entries = [one for one in registry.model_entries if one.spec.name == model.name]
        here = [entry for entry in entries if entry.category in categories]
        for entry in here or entries[:1]:
            yield _part("model", model.name, entry.owner)


def _of_dataset(dataset: PlannedDataset, registry: Registry) -> Iterator[Part]:
    yield _part("dataset", dataset.name, registry.dataset(dataset.name).owner)
    for scorer, owner in dataset.added_by.items():
        yield _part("scorer", scorer, owner, of=dataset.name)


def _part(kind: PartKind, name: str, owner: Owner, *, of: str = "") -> Part:
    return Part(
        kind=kind,
        name=name,
        dataset=of,
        plugin=owner.plugin,
        distribution=owner.distribution,
        version=owner.version,
    )
