"""Imported datasets beside the registered ones whose prompt and scorers they take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
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
        ConfigError: Something is mapped that is neither a field nor a column of the base, or not
            what its rows are judged by.
    """
    names = set(one.columns.fields)
    if names <= set(FIELDS) and "question" in names:
        if problem := _lacking(names, base):
            raise ConfigError(f"dataset {one.name!r}: {problem}")
        to_sample = partial(sample_of, columns=one.columns, tells_by_text=_tells_by_text(base))
    elif names and names <= base.columns:
        to_sample = partial(renamed, columns=one.columns, reader=base.to_sample)
    else:
        known = f"{', '.join(FIELDS)}, or the columns of {base.name}: "
        raise ConfigError(
            f"dataset {one.name!r} maps {', '.join(sorted(names)) or 'nothing'}; map a question "
            f"and what else of {known}{', '.join(sorted(base.columns))}"
        )
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
            "role": "variant",
        }
    )


def _lacking(names: Set[str], base: DatasetSpec) -> str:
    """Return which field is not mapped that the base's own samples have; nothing where all are."""
    example = base.examples[0].sample
    own = ", ".join(sorted(base.columns))
    if base.has_images:
        return f"{base.name} asks about images; map its own columns: {own}"
    if example.target and "answer" not in names:
        return f"{base.name} is judged by its answers; map answer=COLUMN"
    if (base.weighs_choices or example.choices) and "choices" not in names:
        return f"{base.name} is about choices; map choices=COLUMN, or its own columns: {own}"
    return ""


def _tells_by_text(base: DatasetSpec) -> bool:
    """Return whether the right choice is told by its text, and not by its letter."""
    example = base.examples[0].sample
    return example.target in example.choices


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
