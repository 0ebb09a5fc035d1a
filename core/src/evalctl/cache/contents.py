"""What is told about a cache as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evalctl.records import Record


class CacheInfo(Record):
    """What a cache holds."""

    folder: Path
    """Where it is."""
    entries: int
    """Generations."""
    bytes: int
    """Size of its file with its journals."""
    max_bytes: int
    """The bound."""
    oldest_use: float | None
    """When the entry that was not used for longest was, in seconds since 1970."""
    newest_use: float | None
    """When an entry was last used or written, in seconds since 1970."""
    models: Mapping[str, int]
    """Generations by the model's name."""
    set_aside: tuple[Path, ...]
    """Damaged files that are kept."""
    is_usable: bool
    """Whether it could be opened."""


class Cleared(Record):
    """What was removed."""

    entries: int
    """Generations."""
    bytes: int
    """By how much the cache's files became smaller."""
