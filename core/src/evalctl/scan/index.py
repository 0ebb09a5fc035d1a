"""Scans that are kept: nothing that has not changed is read a second time.

A folder's state is a file in the user's cache, with each file's size, time and hash; beside it is
the index that runs read (`sources/index.py`). Both are believed by those registered datasets alone
that they were made with.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from evalctl import __version__
from evalctl.errors import ConfigError
from evalctl.proving import Watch, unwatched
from evalctl.records import Record
from evalctl.registry import Registry
from evalctl.scan.earlier import Earlier, Stamp
from evalctl.scan.families import reader_of
from evalctl.scan.grouping import Group
from evalctl.scan.report import FORMAT, FoundSet, ScanReport
from evalctl.scan.scanning import Scanned, scan
from evalctl.scan.walk import Found, walk
from evalctl.sources.files import hash_file
from evalctl.sources.index import FORMAT as INDEX_FORMAT
from evalctl.sources.index import Index, IndexedPart, IndexedSet, index_path
from evalctl.specs import DatasetSpec
from evalctl.specs.base import function_name
from evalctl.store.whole import write_whole


class State(Record):
    """A scan, with what it takes to know whether it still holds."""

    made_with: str
    """A hash over the forms of report and index, and the datasets that were known."""
    stamps: Mapping[str, Stamp]
    """Of all files that were walked over, by name."""
    report: ScanReport
    """What was found."""


def scan_again(
    folder: Path, registry: Registry, watch: Watch = unwatched, *, workers: int = 1
) -> ScanReport:
    """Return what is in a folder, reading only what has changed since it was scanned last.

    Raises:
        ConfigError: It is no folder.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder")
    folder = folder.absolute()
    made_with = _made_with(registry)
    files = {str(one.name): one for one in walk(folder) if isinstance(one, Found)}
    state = _read(folder, made_with)
    stamps = state.stamps if state else {}
    unchanged = {n for n, one in files.items() if n in stamps and stamps[n].is_of(one.path)}
    if state and len(unchanged) == len(files) == len(stamps):
        return state.report
    earlier = Earlier(state.report if state else None, frozenset(unchanged))
    scanned = scan(folder, registry, watch, earlier=earlier, workers=workers)
    _keep(folder, scanned, made_with, files)
    return scanned.report


def _read(folder: Path, made_with: str) -> State | None:
    path = index_path(folder, ".scan.json")
    try:
        state = State.model_validate_json(path.read_bytes()) if path else None
    except (OSError, ValueError):
        return None
    return state if state is not None and state.made_with == made_with else None


def _keep(folder: Path, scanned: Scanned, made_with: str, files: Mapping[str, Found]) -> None:
    """Write state and index; a scan that cannot be kept is a scan all the same."""
    paths = index_path(folder, ".scan.json"), index_path(folder)
    if paths[0] is None or paths[1] is None:
        return
    read = {name.partition("!/")[0] for one in scanned.report.sets for name in one.files}
    read |= {one.file.partition("!/")[0] for one in scanned.report.unknown}
    stamps = {
        name: Stamp(
            size=one.size,
            mtime_ns=one.mtime_ns,
            sha256=hash_file(one.path) if name in read else "",
        )
        for name, one in files.items()
    }
    state = State(made_with=made_with, stamps=stamps, report=scanned.report)
    try:
        paths[0].parent.mkdir(parents=True, exist_ok=True)
        write_whole(paths[0], state.model_dump_json())
        write_whole(paths[1], _index(folder, scanned, files).model_dump_json())
    except OSError:
        return


def _index(folder: Path, scanned: Scanned, files: Mapping[str, Found]) -> Index:
    """Return what runs may take and what they must not, the surest first."""
    both = zip(scanned.report.sets, scanned.groups, strict=True)
    surest = sorted(both, key=lambda pair: -pair[0].confidence)
    sets = [entry for one, made in surest for entry in _entries(one, made, files)]
    return Index(folder=str(folder), sets=tuple(sets))


def _entries(one: FoundSet, made: Group, files: Mapping[str, Found]) -> list[IndexedSet]:
    if made.use not in ("samples", "worked examples"):
        return []
    found = [files[str(name).partition("!/")[0]] for name in made.names]
    parts = tuple(
        IndexedPart(at=part, size=file.size, mtime_ns=file.mtime_ns)
        for part, file in zip(made.parts, found, strict=True)
    )
    specs = [entry.spec for entry in made.family.entries if entry.spec.name in made.also]
    return [
        IndexedSet(
            dataset=spec.name,
            version=spec.version,
            use=made.use,
            parts=parts,
            problem=one.problem,
            content_hash=one.content_hash,
            n_samples=one.samples if _reads_alike(spec, made.spec) else None,
        )
        for spec in (made.spec, *specs)
    ]


def _reads_alike(one: DatasetSpec, other: DatasetSpec) -> bool:
    return one is other or (one.to_sample is other.to_sample and one.select is other.select)


def _made_with(registry: Registry) -> str:
    """Return a hash over what is known, the time of the adapters' files among it."""
    digest = hashlib.sha256(f"{__version__} {FORMAT} {INDEX_FORMAT}".encode())
    for entry in registry.dataset_entries:
        spec = entry.spec
        reader = reader_of(spec)
        source = getattr(sys.modules.get(reader.__module__), "__file__", None)
        changed = os.stat(source).st_mtime_ns if source else 0  # noqa: PTH116
        told = (spec.name, spec.version, *entry.owner, function_name(reader), changed)
        digest.update(repr(told).encode())
    return digest.hexdigest()
