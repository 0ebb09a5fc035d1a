"""The cache as a run uses it: looked up, filled, bounded, and never a reason to fail."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Self

from evalctl.cache.address import MODEL_BYTES, CacheKey, ModelIdentity
from evalctl.cache.cache_folder import CacheFolder, bytes_of
from evalctl.cache.contents import CacheInfo, Cleared
from evalctl.cache.database import Database, Row
from evalctl.cache.entries import DamageError, fits, pack, unpack
from evalctl.cache.guarded_file import GuardedFile
from evalctl.errors import StorageError
from evalctl.records import Generation, Prompt

DEFAULT_BYTES = 10 << 30

COMMIT_SECONDS = 1.0
"""An entry is held back no longer than this while the cache is in use."""

COMMIT_BYTES = 4 << 20
"""Nor while more than this is held back."""

HELD_BYTES = 64 << 20
"""Where the file cannot be written for now, what comes beyond this is dropped."""

RETRY_SECONDS = 30.0
"""After others were in the way, so that waiting for them never slows a run down much."""

TOUCH_SECONDS = 3600
"""An entry's time of use is not written more often."""

EVICT_TO = 0.9
"""Share of the bound that is kept when it was exceeded, so that this is seldom."""


class GenerationCache:
    """Generations by address, in a folder that concurrent processes may share.

    An instance belongs to one thread. What is put is written within a second of further use, and by
    `flush` and `close`. Nothing but `clear` raises.
    """

    def __init__(self, file: GuardedFile, max_bytes: int) -> None:
        """Take the open file; `open` is what makes one."""
        self.hits = 0
        """Lookups that found something."""
        self.misses = 0
        """Lookups that did not."""
        self._file = file
        self._max_bytes = max_bytes
        self._pending: dict[bytes, Row] = {}
        self._pending_bytes = 0
        self._labels: dict[bytes, str] = {}
        self._used: set[bytes] = set()
        self._flushed = time.monotonic()

    @classmethod
    def open(
        cls,
        folder: Path,
        max_bytes: int = DEFAULT_BYTES,
        *,
        warn: Callable[[str], None] | None = None,
    ) -> Self:
        """Return the cache in a folder, which is made where there is none.

        Args:
            folder: On a disk of this machine: SQLite's journal does not work across machines.
            max_bytes: The bound on its size; what was not used for longest goes first.
            warn: Receives what is wrong with the cache, each thing once; None writes it to standard
                error.
        """
        return cls(
            GuardedFile(CacheFolder(folder.absolute()), warn or _to_standard_error), max_bytes
        )

    @property
    def is_usable(self) -> bool:
        """Whether there is a file to look into."""
        return self._file.is_usable

    def get(self, key: CacheKey, prompt: Prompt) -> Generation | None:
        """Return what was given to this prompt before, under its dataset and id, or None."""
        address = key.address
        found: Generation | None
        if (row := self._pending.get(address)) is not None:
            found = unpack(address, row.entry, prompt)
        else:
            found, used = self._file.attempt(partial(_read, address, prompt)) or (None, 0)
            if found is not None and time.time() - used > TOUCH_SECONDS:
                self._used.add(address)
                self.flush_if_due()
        if found is None or not fits(found, prompt):
            self.misses += 1
            return None
        self.hits += 1
        return found

    def put(self, key: CacheKey, generation: Generation) -> None:
        """Keep a generation; one with an error, or one far too large, is passed over."""
        if not self.is_usable or not self._file.can_write or generation.error is not None:
            return
        entry = pack(key.address, generation)
        if entry is None or 4 * len(entry.data) > self._max_bytes:
            return
        if self._pending_bytes <= HELD_BYTES:
            self._labels[key.model.digest[:MODEL_BYTES]] = key.model.label
            self._pending[key.address] = Row(key.address, int(time.time()), entry)
            self._pending_bytes += len(entry.data)
        self.flush_if_due()

    def has_any(self, identity: ModelIdentity) -> bool:
        """Return whether anything at all is kept of a model."""
        model = identity.digest[:MODEL_BYTES]
        if any(address.startswith(model) for address in self._pending):
            return True
        return bool(self._file.attempt(lambda database: database.has_any(model)))

    def flush(self) -> None:
        """Write what is held back, and make room where the bound is exceeded."""
        self._flushed = time.monotonic()
        if not (self._pending or self._used):
            return
        if self._file.write(self._write):
            self._pending.clear()
            self._pending_bytes = 0
            self._used.clear()
            self._file.write(self._make_room)
        elif self._file.is_in_the_way:
            self._flushed += RETRY_SECONDS

    def flush_if_due(self) -> None:
        """Write what was held back for long enough, or is much; for pauses."""
        seconds = time.monotonic() - self._flushed  # below zero after somebody was in the way
        if seconds > COMMIT_SECONDS or (seconds >= 0 and self._pending_bytes > COMMIT_BYTES):
            self.flush()

    def info(self) -> CacheInfo:
        """Return what the cache holds."""
        self.flush()
        labels = self._file.attempt(Database.labels) or {}
        counts = self._file.attempt(lambda database: database.counts(MODEL_BYTES)) or {}
        times = self._file.attempt(Database.times)
        models: dict[str, int] = {}
        for model, count in counts.items():
            label = labels.get(model, "?")
            models[label] = models.get(label, 0) + count
        folder = self._file.folder
        return CacheInfo(
            folder=folder.path,
            entries=sum(counts.values()),
            bytes=bytes_of(folder.current()),
            max_bytes=self._max_bytes,
            oldest_use=times[0] if times else None,
            newest_use=times[1] if times else None,
            models=dict(sorted(models.items())),
            set_aside=tuple(folder.damaged()),
            is_usable=self.is_usable,
        )

    def clear(self, *, model: str | None = None, older_than_days: float | None = None) -> Cleared:
        """Remove entries, and without arguments also what was set aside.

        Args:
            model: Only those of the models of that name.
            older_than_days: Only those that were not used for so many days.

        Raises:
            StorageError: They cannot be removed.
        """
        self.flush()
        folder = self._file.folder
        before = bytes_of(folder.current())
        oldest = None if older_than_days is None else int(time.time() - older_than_days * 86400)
        removed: list[int] = []
        if not self._file.write(partial(_delete, model, oldest, removed)):
            raise StorageError(f"the generation cache in {folder.path} cannot be cleared")
        # A journal that was written back makes the files smaller too; nothing was removed by it.
        freed = before - bytes_of(folder.current()) if removed else 0
        if model is None and oldest is None:
            freed += folder.delete_set_aside()
        return Cleared(entries=sum(removed), bytes=max(0, freed))

    def close(self) -> None:
        """Write what is held back and close the file; may be called twice."""
        self.flush()
        self._file.close()

    def _write(self, database: Database) -> None:
        database.write(self._pending.values(), self._labels)
        if self._used:
            database.touch(self._used)

    def _make_room(self, database: Database) -> None:
        if database.used_bytes() <= self._max_bytes:
            return
        while database.used_bytes() > EVICT_TO * self._max_bytes and database.delete_oldest():
            pass


def _read(address: bytes, prompt: Prompt, database: Database) -> tuple[Generation | None, int]:
    """Return what stands under an address, and when it was used.

    Raises:
        DamageError: It is not as it was written.
    """
    row = database.read(address)
    if row is None:
        return None, 0
    if not isinstance(row.used, int):
        raise DamageError("an entry's time is of the wrong type")
    return unpack(address, row.entry, prompt), row.used


def _delete(model: str | None, oldest: int | None, removed: list[int], database: Database) -> None:
    for one in _starts(database.labels(), model):
        while count := database.delete(one, oldest):
            removed.append(count)
    database.shrink()


def _starts(labels: Mapping[bytes, str], model: str | None) -> Iterator[bytes | None]:
    """Yield what the addresses of models of that name begin with; None stands for all."""
    if model is None:
        yield None
    yield from (start for start, label in labels.items() if label == model)


def _to_standard_error(message: str) -> None:
    sys.stderr.write(f"warning: {message}\n")
