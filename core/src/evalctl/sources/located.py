"""Finding a declared source on this machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice
from pathlib import Path

from evalctl.errors import DatasetError
from evalctl.sources.declared import (
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    InlineSource,
    OwnFile,
    PackagedSource,
    Source,
)
from evalctl.sources.files import Form, hash_file, read_file
from evalctl.sources.hub import is_cached, read_hub
from evalctl.sources.row import Line, OnBroken, Row, refuse


@dataclass(frozen=True)
class FileAt:
    """A part that is a file on this machine."""

    path: Path
    label: str = ""
    columns: tuple[str, ...] = ()
    within: str = ""
    member: str = ""
    """Name of the file within the zip archive that `path` is."""
    rows_at: str = ""

    @property
    def file(self) -> Path | None:
        """What lies in its folder is beside its rows; None for a member of an archive."""
        return None if self.member else self.path

    @property
    def place(self) -> str:
        """What messages call it."""
        return f"{self.path}!{self.member}" if self.member else str(self.path)


_NAMED = 7
"""So many files or hub parts are named in messages."""

Part = FileAt | HubPart | InlineSource


@dataclass(frozen=True)
class Located:
    """A source whose rows can be read here, as often as wanted."""

    parts: tuple[Part, ...]
    """In order."""

    @property
    def is_local(self) -> bool:
        """Whether reading it needs no network."""
        return all(is_cached(part) for part in self.parts if isinstance(part, HubPart))

    @property
    def is_of_files(self) -> bool:
        """Whether nothing of it comes from the hub."""
        return not any(isinstance(part, HubPart) for part in self.parts)

    @property
    def origin(self) -> str:
        """For people: the files or hub ids that it is read from, the first of many."""
        names = list(dict.fromkeys(_describe(part) for part in self.parts))
        more = len(names) - _NAMED
        return ", ".join(names[:_NAMED] + ([f"and {more} more"] if more > 0 else []))

    @property
    def revision(self) -> str | None:
        """Hub commits, where it comes from the hub; None for files."""
        hub = [part.revision or "main" for part in self.parts if isinstance(part, HubPart)]
        return ",".join(dict.fromkeys(hub)) or None

    def rows(self, start: int = 0, told: OnBroken = refuse) -> Iterator[Row]:
        """Yield all rows in order.

        Args:
            start: How many are passed over, unparsed where the source is one file that can be.
            told: Told of rows of files that cannot be read; they are counted like the others.

        Raises:
            DatasetError: A row cannot be read, unless `told` takes it; the message names where.
        """
        is_one_file = len(self.parts) == 1 and isinstance(self.parts[0], FileAt)
        index = skipped = start if is_one_file else 0

        def counted(location: str, reason: str) -> None:
            nonlocal index
            told(location, reason)
            index += 1

        for part in self.parts:
            for line in _read(part, skipped, counted):
                if index >= start:
                    label = getattr(part, "label", "")
                    file = part.file if isinstance(part, FileAt) else None
                    yield Row(line.data, index, label, line.location, file, line.cells)
                index += 1

    def content_hash(self) -> str:
        """Return a SHA-256 over the contents: of file bytes, or of rows for the hub's copy."""
        digest = hashlib.sha256()
        of_files = _Hashes()
        for part in self.parts:
            if isinstance(part, FileAt):
                digest.update(f"{of_files[part.path]}{part.member}".encode())
            else:
                for line in _read(part):
                    digest.update(json.dumps(line.data, sort_keys=True, default=str).encode())
        return digest.hexdigest()


class _Hashes(dict[Path, str]):
    """SHA-256 of files, each read once: many parts may be members of one archive."""

    def __missing__(self, path: Path) -> str:
        self[path] = hash_file(path)
        return self[path]


def locate(source: Source, data_folders: Sequence[Path]) -> Located | None:
    """Return the source as it is found here, or None where it needs files that are not here.

    A hub source is always found: whether it can be fetched shows when it is read.

    Args:
        source: The declaration.
        data_folders: Where upstream's files are looked for, in order.
    """
    match source:
        case FileSource():
            for folder in data_folders:
                found = [(part, find_part(part, folder)) for part in source.parts]
                if any(at for _, at in found) and all(at or p.is_optional for p, at in found):
                    return Located(tuple(one for _, at in found for one in at))
            return None
        case PackagedSource():
            path = Path(str(files(source.package))) / source.path
            if not path.is_file():
                raise DatasetError(f"{source.package} is installed without its file {source.path}")
            return Located((FileAt(path),))
        case HubSource():
            return Located(source.parts)
        case InlineSource():
            return Located((source,))
        case OwnFile():
            at = FileAt(Path(source.path), "", source.columns, source.within, source.member)
            return Located((at,)) if at.path.is_file() else None


def find_part(part: FileParts, folder: Path) -> tuple[FileAt, ...]:
    """Return a part's files: the first one, or all that match the first path that has any."""
    for pattern in part.paths:
        found = (path for path in sorted(folder.glob(pattern)) if _is_whole(path, part.beside))
        if paths := tuple(found if part.takes_all else islice(found, 1)):
            described = part.label, part.columns, part.within, "", part.rows_at
            return tuple(FileAt(path, *described) for path in paths)
    return ()


def _is_whole(path: Path, beside: str) -> bool:
    return path.is_file() and (not beside or any(path.parent.glob(beside)))


def _read(part: Part, start: int = 0, told: OnBroken = refuse) -> Iterator[Line]:
    match part:
        case FileAt():
            form = Form(part.columns, part.within, part.member, part.rows_at)
            return read_file(part.path, start, told, form)
        case HubPart():
            return read_hub(part)
        case InlineSource():
            return (Line(row, f"row {index}") for index, row in enumerate(part.rows))


def _describe(part: Part) -> str:
    match part:
        case FileAt():
            return part.place
        case HubPart():
            return f"{part.path}{f'/{part.config}' if part.config else ''}:{part.split}"
        case InlineSource():
            return "inline rows"
