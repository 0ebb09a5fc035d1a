"""What scans found in data folders, for runs to begin at once and to find files by what they hold.

An index is kept in the user's cache, a file for each folder. It is believed as long as the files
have the sizes and times that they had; what cannot be read is as good as not there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from evalctl.caches import kept_folder
from evalctl.records import Record
from evalctl.sources.located import FileAt, Located

FORMAT = 2
Use = Literal["samples", "worked examples"]
"""What a run takes files for."""


class IndexedPart(Record):
    """A file, and how its rows are told apart."""

    at: FileAt
    """The same for a reader."""
    size: int
    """In bytes, when it was scanned."""
    mtime_ns: int
    """When it had been changed last."""

    @property
    def is_unchanged(self) -> bool:
        """Whether the file is as it was."""
        try:
            now = self.at.path.stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.mtime_ns)


class IndexedSet(Record):
    """Files that are one dataset."""

    dataset: str
    """Registered name."""
    version: str
    """Of the adapter that read every row."""
    use: Use
    """What for."""
    parts: tuple[IndexedPart, ...]
    """In the order in which they are read."""
    problem: str = ""
    """Why no run takes it; empty where one does."""
    content_hash: str
    """SHA-256, as `Located.content_hash` has it."""
    n_samples: int | None
    """How many samples a run gets; None where its rows went through another dataset's adapter."""

    @property
    def located(self) -> Located:
        """Where its rows are."""
        return Located(tuple(part.at for part in self.parts))

    @property
    def is_unchanged(self) -> bool:
        """Whether all of its files are as they were."""
        return all(part.is_unchanged for part in self.parts)


class Index(Record):
    """All datasets that were found in a folder."""

    format: int = FORMAT
    folder: str
    """Absolute."""
    sets: tuple[IndexedSet, ...]
    """The likeliest first."""


def index_path(folder: Path, suffix: str = ".sets.json") -> Path | None:
    """Return where a folder's index is kept; None where this user has no place for it."""
    if (kept := kept_folder()) is None:
        return None
    name = hashlib.sha256(str(folder.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return kept / "folders" / f"{name[:24]}{suffix}"


def read_index(folder: Path) -> Index | None:
    """Return a folder's index; None where there is none that can be read."""
    path = index_path(folder)
    try:
        index = Index.model_validate_json(path.read_bytes()) if path else None
    except (OSError, ValueError):
        return None
    return index if index and index.format == FORMAT else None


def indexed(dataset: str, folders: Sequence[Path], use: Use = "samples") -> Iterator[IndexedSet]:
    """Yield the sets that a run can take, by the folders' indices, as long as they are there."""
    for _, one in _known(dataset, folders, use):
        if one.is_unchanged and not one.problem:
            yield one


def refused(dataset: str, folders: Sequence[Path], use: Use = "samples") -> Iterator[str]:
    """Yield which files of a dataset no run can take, by an index, why, and a remedy."""
    for folder, one in _known(dataset, folders, use):
        if not one.is_unchanged:
            yield (
                f"{one.located.origin} has changed since it was indexed; "
                f"`evalctl datasets index {folder}` looks at it again"
            )
        elif one.problem:
            yield (
                f"{one.located.origin} cannot be used: {one.problem}. Mend that, then run "
                f"`evalctl datasets index {folder}`"
            )


def _known(dataset: str, folders: Sequence[Path], use: Use) -> Iterator[tuple[Path, IndexedSet]]:
    for folder in folders:
        index = read_index(folder)
        for one in index.sets if index else ():
            if (one.dataset, one.use) == (dataset, use):
                yield folder, one
