"""Imported datasets beside the registered ones whose prompt and scorers they take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from evalctl.errors import ConfigError
from evalctl.imported.keeping import Broken, Imported
from evalctl.imported.mapping import FIELDS, renamed, sample_of
from evalctl.registry import Entry, Registry
from evalctl.specs import DatasetSpec


def spec_of(one: Imported, base: DatasetSpec) -> DatasetSpec:
    """Return the dataset that a file becomes.

    Raises:
        ConfigError: Something is mapped that is neither a field nor a column of the base.
    """
    names = set(one.columns.fields)
    if names <= set(FIELDS) and "question" in names:
        to_sample = partial(sample_of, columns=one.columns)
    elif names and names <= base.columns:
        to_sample = partial(renamed, columns=one.columns, reader=base.to_sample)
    else:
        known = f"{', '.join(FIELDS)}, or the columns of {base.name}: "
        raise ConfigError(
            f"dataset {one.name!r} maps {', '.join(sorted(names)) or 'nothing'}; map a question "
            f"and what else of {known}{', '.join(sorted(base.columns))}"
        )
    if base.needs == "choose" and "choices" not in names and names <= set(FIELDS):
        raise ConfigError(f"dataset {one.name!r}: {base.name} is about choices; map `choices`")
    return base.model_copy(
        update={
            "name": one.name,
            "title": f"{one.file.path}, asked and judged as {base.name}",
            "version": "1",
            "licence": one.licence,
            "citation": f"imported from {one.file.path}",
            "sources": (one.file,),
            "columns": frozenset(_columns(one)),
            "to_sample": to_sample,
            "select": None,
            "shots": 0,
            "shot_sources": (),
            "shots_by": "",
            "shot_ids": (),
            "groups": (),
            "group_metric": "",
            "otherwise": "",
            "gold": None,
            "perturb": None,
            "role": "variant",
        }
    )


def joined(
    registry: Registry, every: Iterable[Imported | Broken]
) -> tuple[Registry, tuple[str, ...]]:
    """Return a registry with imported datasets, and why others of them are left out.

    Args:
        registry: What plugins brought; none of its datasets is replaced.
        every: What the user's configuration holds.
    """
    entries = {entry.spec.name: entry for entry in registry.dataset_entries}
    added: list[Entry[DatasetSpec]] = []
    problems: list[str] = []
    for one in every:
        if isinstance(one, Broken):
            problems.append(f"{one.path} is no imported dataset: {one.why}")
        elif one.name in entries:
            problems.append(f"imported dataset {one.name!r}: a plugin has a dataset of that name")
        elif one.like not in entries:
            problems.append(f"imported dataset {one.name!r}: {one.like!r} is not installed")
        else:
            base = entries[one.like]
            try:
                added.append(base._replace(spec=spec_of(one, base.spec)))
            except ConfigError as error:
                problems.append(str(error))
    return _with(registry, added), tuple(problems)


def _with(registry: Registry, added: list[Entry[DatasetSpec]]) -> Registry:
    if not added:
        return registry
    order = {entry.category: at for at, entry in enumerate(registry.dataset_entries)}
    every = [*registry.dataset_entries, *added]
    return replace(
        registry, dataset_entries=tuple(sorted(every, key=lambda one: order[one.category]))
    )


def _columns(one: Imported) -> Iterator[str]:
    for column in one.columns.fields.values():
        yield from column.split("+")
