"""From the registry to the rows of `evalctl list`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from evalctl.availability import (
    dataset_availability,
    engine_problem,
    executor_availability,
    model_availability,
)
from evalctl.cli.rows import (
    AdditionRow,
    BroughtRow,
    CategoryRow,
    DatasetRow,
    EngineRow,
    ExecutorRow,
    MetricRow,
    ModelRow,
    Service,
)
from evalctl.hookspecs import PROJECT
from evalctl.registry import Entry, Owner, Registry
from evalctl.specs import CategorySpec, MeasuredMetricSpec, ModelSpec


def category_rows(registry: Registry) -> Iterator[CategoryRow]:
    """Yield a row for each category."""
    for entry in registry.category_entries:
        spec = entry.spec
        yield CategoryRow(
            name=spec.name,
            aliases=spec.aliases,
            title=spec.title,
            description=spec.description,
            models=tuple(model.name for model in spec.models),
            primary_datasets=tuple(
                one.name for one in registry.datasets_of(spec.name) if one.role == "primary"
            ),
            datasets=tuple(dataset.name for dataset in registry.datasets_of(spec.name)),
            executors=tuple(executor.name for executor in spec.executors),
            added=tuple(_additions(entry, registry)),
            **_brought(entry.owner),
        )


def _additions(category: Entry[CategorySpec], registry: Registry) -> Iterator[AdditionRow]:
    """Yield what other plugins added to a category."""
    name = category.spec.name
    datasets = [entry for entry in registry.datasets_in(name) if entry.category == name]
    names = {entry.spec.name for entry in datasets}
    found: list[tuple[str, str, str | None, Owner]] = [
        *(("model", one.spec.name, None, one.owner) for one in registry.models_in(name)),
        *(("dataset", one.spec.name, None, one.owner) for one in datasets),
        *(
            ("scorer", one.spec.name, one.dataset, one.owner)
            for one in registry.scorer_entries
            if one.dataset in names
        ),
    ]
    for kind, what, dataset, owner in found:
        if owner != category.owner:
            yield AdditionRow(kind=kind, name=what, dataset=dataset, **_brought(owner))


def _brought(owner: Owner) -> BroughtRow:
    return BroughtRow(
        plugin=owner.plugin,
        distribution=owner.distribution,
        distribution_version=owner.version,
    )


def model_rows(registry: Registry, category: str | None) -> Iterator[ModelRow]:
    """Yield a row for each model of a category, its favourites first, or of all.

    Raises:
        UnknownNameError: The category is not registered.
    """
    entries = registry.models_in(category)
    if category is not None:
        entries = tuple(sorted(entries, key=lambda entry: entry.spec.preference))
    owners = {entry.spec.name: entry.owner for entry in registry.category_entries}
    by_name: dict[str, list[Entry[ModelSpec]]] = {}
    for entry in entries:
        by_name.setdefault(entry.spec.name, []).append(entry)
    for name, same in by_name.items():
        spec = same[0].spec
        state = model_availability(spec, registry)
        yield ModelRow(
            name=name,
            title=spec.title,
            categories=tuple(
                Service(
                    category=one.category,
                    priority=one.spec.priority,
                    specialization_weight=one.spec.specialization_weight,
                    plugin=one.owner.plugin,
                    is_added=owners.get(one.category, one.owner) != one.owner,
                )
                for one in same
            ),
            path=spec.path,
            revision=spec.revision,
            kind=spec.kind,
            parameters=spec.parameters,
            context_length=spec.context_length,
            engine=spec.engine,
            presets=tuple(spec.presets),
            licence=spec.licence,
            is_embedded=spec.is_embedded,
            can_run=state.can_run,
            reason=state.reason,
            obstacle=state.obstacle,
            **_brought(same[0].owner),
        )


def dataset_rows(
    registry: Registry, category: str | None, data_folders: Sequence[Path]
) -> Iterator[DatasetRow]:
    """Yield a row for each dataset of a category, or of all.

    Raises:
        UnknownNameError: The category is not registered.
    """
    owners = {entry.spec.name: entry.owner for entry in registry.category_entries}
    for entry in registry.datasets_in(category):
        spec = entry.spec
        state = dataset_availability(spec, data_folders)
        metrics = (metric.name for scorer in spec.scorers for metric in scorer.metrics)
        yield DatasetRow(
            name=spec.name,
            category=entry.category,
            title=spec.title,
            role=spec.role,
            headline=spec.headline,
            metrics=tuple(dict.fromkeys(metrics)),
            needs=spec.needs,
            licence=spec.licence,
            citation=spec.citation,
            version=spec.version,
            is_available=state.can_run,
            reason=state.reason,
            obstacle=state.obstacle,
            is_unsafe=spec.is_unsafe,
            is_added=owners[entry.category] != entry.owner,
            added_scorers=tuple(
                AdditionRow(kind="scorer", name=name, dataset=spec.name, **_brought(owner))
                for name, owner in registry.added_to(spec.name).items()
            ),
            **_brought(entry.owner),
        )


def metric_rows(registry: Registry, category: str | None) -> Iterator[MetricRow]:
    """Yield a row for each metric of a category's datasets, or of all.

    Raises:
        UnknownNameError: The category is not registered.
    """
    owners = {entry.spec.name: entry.owner for entry in registry.category_entries}
    homes = {entry.spec.name: owners[entry.category] for entry in registry.dataset_entries}
    for entry in registry.metrics_in(category):
        spec = entry.spec
        yield MetricRow(
            name=spec.name,
            title=spec.title,
            lower=spec.lower,
            upper=spec.upper,
            scorers=entry.scorers,
            datasets=entry.datasets,
            headline_of=entry.headline_of,
            is_added=all(homes[name] != entry.owner for name in entry.datasets),
            **_brought(entry.owner),
        )
    wanted = None if category is None else registry.category(category).name
    for home in registry.category_entries:
        if home.spec.measuring is not None and wanted in (None, home.spec.name):
            for metric in home.spec.measuring.metrics:
                yield _measured_row(metric, home.owner)


def _measured_row(metric: MeasuredMetricSpec, owner: Owner) -> MetricRow:
    """Return the row of a metric that is computed from what was measured: of no dataset."""
    return MetricRow(
        name=metric.name,
        title=metric.title,
        lower=0.0,
        upper=None,
        scorers=(),
        datasets=(),
        headline_of=(),
        is_added=False,
        **_brought(owner),
    )


def engine_rows(registry: Registry) -> Iterator[EngineRow]:
    """Yield a row for each engine."""
    for entry in registry.engine_entries:
        spec = entry.spec
        problem = engine_problem(spec)
        yield EngineRow(
            name=spec.name,
            title=spec.title,
            model=f"{spec.name}:{spec.path_form}",
            capabilities=spec.capabilities,
            kinds=spec.kinds,
            options=tuple(spec.options.model_fields),
            is_installed=problem is None,
            problem=problem,
            is_added=entry.owner.distribution != PROJECT,
            **_brought(entry.owner),
        )


def executor_rows(registry: Registry) -> Iterator[ExecutorRow]:
    """Yield a row for each executor."""
    for entry in registry.executor_entries:
        spec = entry.spec
        state = executor_availability(spec)
        yield ExecutorRow(
            name=spec.name,
            title=spec.title,
            isolation=spec.isolation,
            level=spec.level,
            is_usable=state.can_run,
            problem=None if state.can_run else state.reason,
            note=state.reason if state.can_run else "",
            category=entry.category or None,
            is_added=entry.owner.distribution != PROJECT and not entry.category,
            **_brought(entry.owner),
        )
