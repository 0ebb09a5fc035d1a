"""From a damaged file to a new one: what is still whole is taken over, within a limit of time."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

from evalctl.cache.database import TROUBLES, Database, Row
from evalctl.cache.entries import DamageError, unpack

RESCUE_SECONDS = 10.0
"""How long whole entries are taken over; the rest is asked for again when it is needed."""

_BATCH = 1000


def rescue(damaged: Path, into: Database) -> int:
    """Copy the entries that are whole; return how many.

    The damaged file is read from both ends, each time until the damage is met, and not changed.

    Raises:
        sqlite3.Error: The new file cannot be written.
    """
    until = time.monotonic() + RESCUE_SECONDS
    source = _opened(damaged)
    if source is None:
        return 0
    try:
        labels = _labels(source)
        last = -1
        count = 0
        for is_backwards in (False, True):
            found = _whole(source, last, is_backwards=is_backwards)
            for batch in _batches(found):
                into.write([row for _, row in batch], labels)
                count += len(batch)
                last = last if is_backwards else batch[-1][0]
                if time.monotonic() > until:
                    return count
        return count
    finally:
        source.close()


def _opened(path: Path) -> Database | None:
    """Open a damaged file with its journal, or without where that is what is damaged."""
    for has_journal in (True, False):
        with contextlib.suppress(*TROUBLES):
            return Database.open_for_reading(path, has_journal=has_journal)
    return None


def _labels(source: Database) -> dict[bytes, str]:
    try:
        return source.labels()
    except TROUBLES:
        return {}


def _whole(source: Database, last: int, *, is_backwards: bool) -> Iterator[tuple[int, Row]]:
    """Yield whole entries until the damage, or until what was read before is met."""
    with contextlib.suppress(*TROUBLES):
        for number, row in source.rows(backwards=is_backwards):
            if is_backwards and number <= last:
                return
            if _is_whole(row):
                yield number, row


def _is_whole(row: Row) -> bool:
    if not (isinstance(row.address, bytes) and isinstance(row.used, int)):
        return False
    try:
        unpack(row.address, row.entry)
    except DamageError:
        return False
    return True


def _batches(found: Iterator[tuple[int, Row]]) -> Iterator[list[tuple[int, Row]]]:
    while batch := list(itertools.islice(found, _BATCH)):
        yield batch
