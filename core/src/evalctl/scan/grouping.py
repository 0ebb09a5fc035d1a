"""Files put together to data sets: what a run would take as one, split by split.

Where files stand as a dataset's declaration looks for them, they are what `locate` makes of it.
Elsewhere, as in the hub's layout, parts and shards of one split belong together. A part that is
declared optional is never missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from evalctl.scan.families import Family, Way, is_of_hub, plain, reader_of
from evalctl.scan.recognising import Candidate
from evalctl.scan.walk import Found
from evalctl.sources import FileParts, FileSource, HubPart, HubSource
from evalctl.sources.located import FileAt, find_part
from evalctl.specs import DatasetSpec

Use = Literal["samples", "worked examples", "another split", "another release"]
"""What a run takes a group for; of the last two it takes nothing."""

_SPLIT = re.compile(
    r"(?<![a-z])(train(?:ing)?|test|validation|valid|val|dev(?:elopment)?)(?![a-z])"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SHARD = re.compile(r"^(?:(.*?)-\d{5}-of-\d{5}|0\d{3})$")
"""The second where the hub has converted a copy to Parquet."""
_SHORT = {"training": "train", "valid": "validation", "val": "validation", "development": "dev"}


class Recognised(NamedTuple):
    """A file, and the dataset that it holds."""

    found: Found
    candidate: Candidate


@dataclass(frozen=True)
class Group:
    """Files that are one split of one dataset."""

    family: Family
    spec: DatasetSpec
    """The dataset whose adapter reads them."""
    use: Use
    split: str
    """Its name as the files have it; empty where they have none."""
    parts: tuple[FileAt, ...]
    """The files in the order in which they are read."""
    names: tuple[PurePosixPath, ...]
    """The same, relative to the folder, for people."""
    also: tuple[str, ...] = ()
    """Other datasets that read the same files."""
    lacking: tuple[str, ...] = ()
    """Parts that a run needs and that are not there."""
    may_be: tuple[str, ...] = ()
    """The parts that it may be, where neither name nor rows tell which of them it is."""


def group(files: Sequence[Recognised], root: Path) -> tuple[Group, ...]:
    """Return what the files are together, by dataset in the order of their names.

    Args:
        files: Those that hold a dataset.
        root: The folder that they were found in.
    """
    by_family: dict[int, list[Recognised]] = {}
    for one in files:
        by_family.setdefault(id(one.candidate.family), []).append(one)
    groups = [made for own in by_family.values() for made in _of_family(own, root)]
    return tuple(sorted(groups, key=lambda one: (one.names[0], one.use)))


def _of_family(files: Sequence[Recognised], root: Path) -> list[Group]:
    family = files[0].candidate.family
    by_path = {one.found.path: one for one in files if not one.found.member}
    placed = [*_declared(family, by_path, root), *_of_hub(family, files)]
    declared = _without_parts_of_others(placed)
    taken = {part.path for one in declared for part in one.parts}
    rest = [one for one in files if one.found.member or one.found.path not in taken]
    has_samples = any(one.use == "samples" for one in declared)
    return [*declared, *_laid_out(family, rest, has_samples=has_samples)]


def _declared(family: Family, by_path: Mapping[Path, Recognised], root: Path) -> Iterator[Group]:
    seen: set[tuple[str, bool, int, str]] = set()
    for one in by_path.values():
        for place in family.places(one.found.name):
            key = (place.spec.name, place.is_shots, id(place.source), place.folder)
            if key in seen:
                continue
            seen.add(key)
            found = [(part, find_part(part, root / place.folder)) for part in place.source.parts]
            parts = tuple(one for _, at in found for one in at if one.path in by_path)
            if parts:
                lacking = [p.paths[0] for p, at in found if not at and not p.is_optional]
                yield Group(
                    family,
                    place.spec,
                    "worked examples" if place.is_shots else "samples",
                    _split_of(by_path[parts[0].path].found.name),
                    parts,
                    tuple(by_path[at.path].found.name for at in parts),
                    lacking=tuple(lacking),
                )


def _of_hub(family: Family, files: Sequence[Recognised]) -> Iterator[Group]:
    """Yield what is on the hub in several repositories, configurations or splits, and all here."""
    for entry in family.entries:
        spec = entry.spec
        for use, sources in (("samples", spec.sources), ("worked examples", spec.shot_sources)):
            for source in sources:
                if isinstance(source, HubSource) and len(source.parts) > 1:
                    found = [(part, _files_of(part, files)) for part in source.parts]
                    if all(own for _, own in found):
                        parts = [(part.label, one) for part, own in found for one in own]
                        yield Group(
                            family,
                            spec,
                            "samples" if use == "samples" else "worked examples",
                            _split_of(parts[0][1].found.name),
                            tuple(replace(_at(one), label=label) for label, one in parts),
                            tuple(one.found.name for _, one in parts),
                        )


def _files_of(part: HubPart, files: Sequence[Recognised]) -> list[Recognised]:
    """Return the shards of a part, where folders are called as on the hub."""
    return sorted(
        (one for one in files if is_of_hub(part, one.found.name)), key=lambda one: one.found.name
    )


def _without_parts_of_others(groups: Sequence[Group]) -> list[Group]:
    """Leave out groups whose files another group has, which is told to serve their dataset too."""
    order = sorted(
        groups, key=lambda one: (one.use != "samples", len(one.lacking) > 0, -len(one.parts))
    )
    kept: list[Group] = []
    for one in order:
        paths = {part.path for part in one.parts}
        owner = next(
            (at for at, other in enumerate(kept) if paths <= {p.path for p in other.parts}), None
        )
        if owner is None:
            kept.append(one)
        elif one.spec.name != kept[owner].spec.name and not one.lacking:
            also = dict.fromkeys((*kept[owner].also, one.spec.name))
            kept[owner] = replace(kept[owner], also=tuple(also))
    return kept


def _laid_out(family: Family, files: Iterable[Recognised], *, has_samples: bool) -> Iterator[Group]:
    """Yield groups of files that stand where no declaration looks for them."""
    order = {label: at for at, label in enumerate(family.labels)}
    for own in _together(files):
        own.sort(key=lambda one: (order.get(one.candidate.label, 0), one.found.name))
        split = _split_of(own[0].found.name)
        use = _use(family, split)
        labels = {_told_label(one) for one in own}
        lacking = {e.spec.name: _lacking(e.spec, use, labels) for e in family.entries}
        spec = next((e.spec for e in family.entries if not lacking[e.spec.name]), family.spec)
        yield Group(
            family,
            spec,
            "another release" if use == "samples" and has_samples else use,
            split,
            tuple(_at(one) for one in own),
            tuple(one.found.name for one in own),
            also=tuple(
                entry.spec.name
                for entry in family.entries
                if entry.spec is not spec
                and reader_of(entry.spec) is reader_of(spec)
                and not lacking[entry.spec.name]
            ),
            lacking=lacking[spec.name],
            may_be=own[0].candidate.parts,
        )


def _together(files: Iterable[Recognised]) -> Iterable[list[Recognised]]:
    """Return files by what they belong to: parts of one split, shards of one file."""
    together: dict[tuple[str, ...], list[Recognised]] = {}
    for one in files:
        name, label = one.found.name, _told_label(one)
        shard = _SHARD.match(_stem(name))
        if label:
            own, folder = plain(_stem(name)), plain(name.parent.name)
            is_folder = plain(label) in folder and plain(label) not in own
            around = name.parent.parent if is_folder else name.parent
            key: tuple[str, ...] = (_split_of(name), str(around), _suffix(name))
            if any(_told_label(o) == label and not shard for o in together.get(key, ())):
                key = (str(name),)
        else:
            key = (_split_of(name), str(name.parent), (shard[1] or "") if shard else str(name))
        together.setdefault(key, []).append(one)
    return together.values()


def _lacking(spec: DatasetSpec, use: Use, labels: Set[str]) -> tuple[str, ...]:
    """Return the parts that a run needs besides those that there are; none of files of no part."""
    sources = {"samples": spec.sources, "worked examples": spec.shot_sources}.get(use, ())
    lacking = [
        tuple(one.label for one in source.parts if one.label not in labels and not _may_lack(one))
        for source in sources
        if isinstance(source, FileSource | HubSource)
        and any(one.label in labels for one in source.parts if one.label)
    ]
    return min(lacking, key=len, default=())


def _may_lack(part: FileParts | HubPart) -> bool:
    return isinstance(part, FileParts) and part.is_optional


def _told_label(one: Recognised) -> str:
    """Return the part that a file is known to be."""
    return "" if one.candidate.parts else one.candidate.label


def _at(one: Recognised) -> FileAt:
    way: Way = one.candidate.way
    label, member = one.candidate.label, one.found.member
    return FileAt(one.found.path, label, way.columns, way.within, member, way.rows_at)


def _use(family: Family, split: str) -> Use:
    samples = _hub_splits(entry.spec.sources for entry in family.entries)
    shots = _hub_splits(entry.spec.shot_sources for entry in family.entries)
    if not split or split in samples or (split == "test" and not samples):
        return "samples"
    return "worked examples" if split in shots else "another split"


def _hub_splits(sources: Iterable[Sequence[object]]) -> set[str]:
    return {
        _SHORT.get(part.split, part.split)
        for several in sources
        for source in several
        if isinstance(source, HubSource)
        for part in source.parts
    }


def _split_of(name: PurePosixPath) -> str:
    """Return the split that a path names, the file's own name before its folders."""
    for part in reversed(name.parts):
        words = _CAMEL.sub("_", part.split(".")[0]).lower().replace("_", " ")
        if found := _SPLIT.findall(words):
            last = str(found[-1])
            return _SHORT.get(last, last)
    return ""


def _stem(name: PurePosixPath) -> str:
    return name.name.split(".")[0]


def _suffix(name: PurePosixPath) -> str:
    return name.name.partition(".")[2]
