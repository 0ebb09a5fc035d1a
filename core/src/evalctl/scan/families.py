"""Registered datasets by how they read rows, and the places where their files are declared to be.

Several datasets may read the same rows (MMLU by log-likelihood and in letters): they are a family,
which a file belongs to as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import PurePosixPath
from typing import NamedTuple

from evalctl.records import Sample
from evalctl.registry import Entry, Registry
from evalctl.sources import FileParts, FileSource, HubPart, HubSource, Row, Source
from evalctl.sources.files import Form
from evalctl.specs import DatasetSpec

_ROLES = ("primary", "secondary", "variant", "sample")
_WORD = re.compile(r"[^a-z0-9]+")


class Way(NamedTuple):
    """How the rows of a file are told apart, where the file alone does not say it."""

    columns: tuple[str, ...] = ()
    """Names of the columns of a file without a header."""
    within: str = ""
    """Where in an object the rows are, as in `FileParts.within`."""
    rows_at: str = ""
    """The column whose list they are, as in `FileParts.rows_at`."""

    @classmethod
    def of(cls, part: FileParts) -> Way:
        """Return how a part is declared to be read."""
        return cls(part.columns, part.within, part.rows_at)

    def form(self, member: str = "") -> Form:
        """Return what a reader of files is told."""
        return Form(self.columns, self.within, member, self.rows_at)


class Place(NamedTuple):
    """A part of a dataset at the place where its declaration looks for it."""

    spec: DatasetSpec
    is_shots: bool
    """Whether worked examples are taken from it, and no samples."""
    source: FileSource
    part: FileParts
    folder: str
    """The data folder that this makes of the tree: relative, empty for the whole of it."""


@dataclass(frozen=True)
class Family:
    """Datasets that make samples of rows in the same way."""

    entries: tuple[Entry[DatasetSpec], ...]
    """The one that a category's score is made of before its variants."""

    @property
    def spec(self) -> DatasetSpec:
        """The first of them."""
        return self.entries[0].spec

    @cached_property
    def columns(self) -> frozenset[str]:
        """Columns by which a file is recognised."""
        return self.spec.columns

    @cached_property
    def parts(self) -> tuple[FileParts, ...]:
        """All parts that are declared to be files."""
        sources = (source for entry in self.entries for source in _sources(entry.spec))
        found = (s.parts for s in sources if isinstance(s, FileSource))
        return tuple(dict.fromkeys(part for parts in found for part in parts))

    @cached_property
    def hub_parts(self) -> tuple[HubPart, ...]:
        """All parts that are declared to be on the hub."""
        sources = (source for entry in self.entries for source in _sources(entry.spec))
        found = (s.parts for s in sources if isinstance(s, HubSource))
        return tuple(dict.fromkeys(part for parts in found for part in parts))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What rows are told that they are part of, none first."""
        hub = (part.label for part in self.hub_parts)
        return tuple(dict.fromkeys(("", *(part.label for part in self.parts), *hub)))

    @cached_property
    def are_all_labelled(self) -> bool:
        """Whether there is no part whose rows go without a label."""
        return all(part.label for part in self.parts) and all(p.label for p in self.hub_parts)

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """How its parts are declared to be read."""
        return tuple(dict.fromkeys(Way.of(part) for part in self.parts))

    @cached_property
    def names(self) -> frozenset[str]:
        """Words by which a path tells that it holds this dataset: its names here and on the hub."""
        hub = (part.path.rpartition("/")[2] for part in self.hub_parts)
        return frozenset(plain(name) for name in (*(e.spec.name for e in self.entries), *hub))

    def places(self, name: PurePosixPath) -> Iterator[Place]:
        """Yield the parts that a file is where it stands."""
        for entry in self.entries:
            spec = entry.spec
            for is_shots, sources in ((False, spec.sources), (True, spec.shot_sources)):
                for source in sources:
                    if isinstance(source, FileSource):
                        yield from _at(name, Place(spec, is_shots, source, source.parts[0], ""))


def families(registry: Registry) -> tuple[Family, ...]:
    """Return the registered datasets by family, in the order of registration."""
    by_place: dict[tuple[tuple[str, ...], frozenset[str]], list[Entry[DatasetSpec]]] = {}
    for entry in registry.dataset_entries:
        spec = entry.spec
        places = [_first_place(source) for source in spec.sources]
        if place := next((one for one in places if one), None):
            by_place.setdefault((place, spec.columns), []).append(entry)
    return tuple(
        Family(tuple(sorted(entries, key=lambda one: _rank(one.spec, place))))
        for (place, _), entries in by_place.items()
    )


def _rank(spec: DatasetSpec, place: tuple[str, ...]) -> tuple[int, bool, int]:
    """Return what sorts the one that a category's score and the files are called after first."""
    named = any(plain(spec.name) in names_in(PurePosixPath(path)) for path in place)
    return _ROLES.index(spec.role), not named, len(spec.name)


def plain(name: str) -> str:
    """Return a name in lower case without what stands between its words."""
    return _WORD.sub("", name.lower())


def spaced(name: str) -> str:
    """Return a name in lower case with one space around each of its words."""
    return f" {' '.join(_WORD.split(name.lower()))} "


def names_in(path: PurePosixPath) -> frozenset[str]:
    """Return what the parts of a path are called, plain; in a hub's cache the dataset's name."""
    parts = [part.lower() for part in (*path.parent.parts, path.name.split(".")[0])]
    ends = [part.rpartition("--")[2].rpartition("___")[2] for part in parts]
    return frozenset(plain(part) for part in (*parts, *ends)) - {""}


def is_of_hub(part: HubPart, name: PurePosixPath) -> bool:
    """Return whether a path is that of a part in a copy of the hub's folders.

    Where the hub has converted a copy to Parquet, files are numbered in a folder for each split.
    """
    names = names_in(name)
    is_numbered = name.name.split(".")[0].isdecimal()
    stem = set(_WORD.split((name.parent if is_numbered else name).name.lower()))
    is_config = part.config is None or plain(part.config) in names
    is_here = plain(part.path.rpartition("/")[2]) in names
    return is_here and is_config and part.split.lower() in stem


def reader_of(spec: DatasetSpec) -> Callable[[Row], Sample]:
    """Return the function that reads a dataset's rows, without what it was given beforehand."""
    function = spec.to_sample
    return function.func if isinstance(function, partial) else function


def _first_place(source: Source) -> tuple[str, ...]:
    match source:
        case FileSource():
            return source.parts[0].paths
        case HubSource():
            return (source.parts[0].path, source.parts[0].config or "")
        case _:
            return ()


def _sources(spec: DatasetSpec) -> tuple[Source, ...]:
    return (*spec.sources, *spec.shot_sources)


def _at(name: PurePosixPath, place: Place) -> Iterator[Place]:
    for part in place.source.parts:
        for pattern in part.paths:
            depth = len(PurePosixPath(pattern).parts)
            if name.match(pattern) and len(name.parts) >= depth:
                folder = PurePosixPath(*name.parts[: len(name.parts) - depth])
                shown = "" if folder == PurePosixPath() else str(folder)
                yield place._replace(part=part, folder=shown)
                break
