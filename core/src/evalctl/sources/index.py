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

FORMAT = 1
Use = Literal["samples", "worked examples"]
"""What a run takes files for."""


class IndexedPart(Record):
    """A file, and how its rows are told apart."""

    path: str
    """Absolute."""
    size: int
    """In bytes, when it was scanned."""
    mtime_ns: int
    """When it had been changed last."""
    label: str = ""
    columns: tuple[str, ...] = ()
    within: str = ""
    member: str = ""
    rows_at: str = ""

    @property
    def at(self) -> FileAt:
        """The same for a reader."""
        described = self.label, self.columns, self.within, self.member, self.rows_at
        return FileAt(Path(self.path), *described)

    @property
    def is_unchanged(self) -> bool:
        """Whether the file is as it was."""
        try:
            now = Path(self.path).stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.mtime_ns)


class IndexedSet(Record):
    """Files that a run can take as one dataset."""

    dataset: str
    """Registered name."""
    version: str
    """Of the adapter that read every row."""
    use: Use
    """What for."""
    parts: tuple[IndexedPart, ...]
    """In the order in which they are read."""
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
    """All that was found in a folder and can be run."""

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
    """Yield the sets of a dataset that folders hold by their indices, as long as they are there."""
    for folder in folders:
        index = read_index(folder)
        for one in index.sets if index else ():
            if (one.dataset, one.use) == (dataset, use) and one.is_unchanged:
                yield one
