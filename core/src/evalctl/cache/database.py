"""One SQLite file with generations.

Every method may raise `sqlite3.Error`; `trouble_of` says what that means.

The journal is written ahead (WAL) and synced when it is put into the file: a process that is killed
loses nothing that was committed, a machine that loses power at most the last commits.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, Self
from urllib.parse import quote

from evalctl.cache.cache_folder import BusyError
from evalctl.cache.entries import DamageError, Entry

BUSY_SECONDS = 5.0
"""How long another process's transaction is waited for."""

CHUNK = 500
"""Entries that are deleted in one transaction, so that nobody waits long."""

_SCHEMA = {
    "models": "CREATE TABLE models (digest BLOB PRIMARY KEY, label TEXT NOT NULL) WITHOUT ROWID",
    "entries": (
        "CREATE TABLE entries (address BLOB PRIMARY KEY, used INTEGER NOT NULL, "
        "mark BLOB NOT NULL, data BLOB NOT NULL)"
    ),
    "entries_by_use": "CREATE INDEX entries_by_use ON entries (used)",
}
_PRAGMAS = (
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "mmap_size = 0",  # a file that is cut off while it is mapped would end the process
    "cache_size = -16384",
    "temp_store = MEMORY",
)
_WRITING = (
    "auto_vacuum = INCREMENTAL",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "journal_size_limit = 4194304",
)

TROUBLES = (sqlite3.Error, DamageError, BusyError, OSError, MemoryError, UnicodeError)
"""All that reading and writing may raise; the last where a message quotes a damaged file."""

Trouble = Literal["damaged", "busy", "unusable"]

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_UNUSABLE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
}
_DAMAGED = {sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS}


def trouble_of(error: Exception) -> Trouble:
    """Return what an error means: a file that is no good, somebody in the way, or the machine."""
    if isinstance(error, BusyError):
        return "busy"
    if isinstance(error, OSError | MemoryError):
        return "unusable"
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(code, int) or code in _DAMAGED:
        return "damaged"
    if code & 0xFF in _BUSY:
        return "busy"
    return "unusable" if code & 0xFF in _UNUSABLE else "damaged"


class Row(NamedTuple):
    """An entry with when it was used."""

    address: bytes
    used: int
    entry: Entry


class Database:
    """One open file. To be used by the thread that opened it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, is_read_only: bool) -> None:
        """Take an open connection."""
        self.path = path
        self.is_read_only = is_read_only
        self._connection = connection
        self._inode = path.stat().st_ino

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file for reading and writing, and make it where there is none.

        Raises:
            sqlite3.Error: It cannot be opened.
            DamageError: It is a database of something else.
        """
        try:
            return cls._opened(path, "mode=rwc", _WRITING)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_READONLY and os.access(path, os.W_OK):
                raise DamageError("its header says that it is not to be written") from error
            raise

    @classmethod
    def open_for_reading(cls, path: Path, *, has_journal: bool) -> Self:
        """Open a file without changing it.

        Args:
            path: The file.
            has_journal: Whether to look into its journal, which needs a folder that can be written;
                nobody may write to a file that is opened without.

        Raises:
            sqlite3.Error: It cannot be opened.
            DamageError: It is a database of something else.
        """
        return cls._opened(path, "mode=ro" if has_journal else "mode=ro&immutable=1", ())

    @classmethod
    def _opened(cls, path: Path, mode: str, pragmas: Iterable[str]) -> Self:
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?{mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
        )
        try:
            for pragma in (*_PRAGMAS, *pragmas):
                connection.execute(f"PRAGMA {pragma}").fetchall()
            database = cls(path, connection, is_read_only=not pragmas)
            database._check_schema()
        except BaseException:
            connection.close()
            raise
        return database

    def is_in_place(self) -> bool:
        """Return whether the file still has its name: nobody set it aside or deleted it."""
        try:
            return self.path.stat().st_ino == self._inode
        except OSError:
            return False

    def read(self, address: bytes) -> Row | None:
        """Return what stands under an address."""
        found = self._connection.execute(
            "SELECT used, mark, data FROM entries WHERE address = ?", (address,)
        ).fetchone()
        return None if found is None else Row(address, found[0], Entry(found[1], found[2]))

    def write(self, rows: Collection[Row], labels: Mapping[bytes, str]) -> None:
        """Write entries, over what stands there, in one transaction.

        Raises:
            DamageError: One is not found afterwards, as where the index is damaged.
        """
        with self._transaction():
            self._connection.executemany(
                "INSERT OR REPLACE INTO models VALUES (?, ?)", labels.items()
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)",
                ((row.address, row.used, *row.entry) for row in rows),
            )
            if not all(self._has(row.address) for row in rows):
                raise DamageError("an entry is not found where it was put")

    def touch(self, addresses: Iterable[bytes]) -> None:
        """Note that entries were used now."""
        now = int(time.time())
        with self._transaction():
            self._connection.executemany(
                "UPDATE entries SET used = ? WHERE address = ?",
                ((now, address) for address in addresses),
            )

    def has_any(self, model: bytes) -> bool:
        """Return whether there is an entry whose address begins with these bytes."""
        found = self._connection.execute(
            "SELECT 1 FROM entries WHERE address >= ? AND address < ? LIMIT 1",
            (model, _after(model)),
        )
        return found.fetchone() is not None

    def used_bytes(self) -> int:
        """Return how much of the file is in use."""
        pages, free, size = (
            self._number(f"PRAGMA {name}") for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def delete_oldest(self) -> int:
        """Delete a chunk of those that were not used for longest; return how many."""
        return self._delete("SELECT rowid FROM entries ORDER BY used LIMIT ?", (CHUNK,))

    def delete(self, model: bytes | None, before: int | None) -> int:
        """Delete a chunk of entries; return how many.

        Args:
            model: Beginning of their addresses; None means all.
            before: Only those last used before, in seconds since 1970; None means all.
        """
        wanted = ["used < ?"] if before is not None else []
        values: list[object] = [before] if before is not None else []
        if model is not None:
            wanted.append("address >= ? AND address < ?")
            values += [model, _after(model)]
        where = " AND ".join(wanted) or "TRUE"
        return self._delete(
            f"SELECT rowid FROM entries WHERE {where} LIMIT ?",  # no user text
            (*values, CHUNK),
        )

    def shrink(self) -> None:
        """Give free pages back to the file system."""
        self._connection.executescript("PRAGMA incremental_vacuum")  # `execute` frees one page
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def labels(self) -> dict[bytes, str]:
        """Return the models' names by what their addresses begin with."""
        found = dict(self._connection.execute("SELECT digest, label FROM models").fetchall())
        if not all(isinstance(k, bytes) and isinstance(v, str) for k, v in found.items()):
            raise DamageError("a model's name is of the wrong type")
        return found

    def counts(self, length: int) -> dict[bytes, int]:
        """Return how many entries there are, by the first bytes of their addresses."""
        found = self._connection.execute(
            "SELECT substr(address, 1, ?), count(*) FROM entries GROUP BY 1", (length,)
        )
        return dict(found.fetchall())

    def times(self) -> tuple[int, int] | None:
        """Return when the entries longest and last used were used, in seconds since 1970."""
        least = self._connection.execute("SELECT min(used) FROM entries").fetchone()[0]
        most = self._connection.execute("SELECT max(used) FROM entries").fetchone()[0]
        return (least, most) if isinstance(least, int) and isinstance(most, int) else None

    def rows(self, *, backwards: bool = False) -> Iterator[tuple[int, Row]]:
        """Yield all entries with their row numbers, ascending or descending."""
        order = "DESC" if backwards else "ASC"
        found = self._connection.execute(
            f"SELECT rowid, address, used, mark, data FROM entries ORDER BY rowid {order}"
        )
        for number, address, used, mark, data in found:
            yield number, Row(address, used, Entry(mark, data))

    def close(self) -> None:
        """Close the file; the last who does puts the journal into it."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _delete(self, selected: str, values: tuple[object, ...]) -> int:
        with self._transaction():
            statement = f"DELETE FROM entries WHERE rowid IN ({selected})"
            return self._connection.execute(statement, values).rowcount

    def _has(self, address: bytes) -> bool:
        found = self._connection.execute("SELECT used FROM entries WHERE address = ?", (address,))
        return found.fetchone() is not None

    def _number(self, statement: str) -> int:
        return int(self._connection.execute(statement).fetchone()[0])

    def _check_schema(self) -> None:
        """Make the tables in a new file.

        Raises:
            DamageError: There are others, or triggers: the file is not one of ours.
        """
        if not (self._tables() or self.is_read_only):
            with self._transaction():
                for statement in () if self._tables() else _SCHEMA.values():
                    self._connection.execute(statement)
        if self._tables() != _SCHEMA:
            raise DamageError("it is no cache of evalctl")

    def _tables(self) -> dict[str, str]:
        found = self._connection.execute("SELECT name, sql FROM sqlite_schema").fetchall()
        return {name: sql for name, sql in found if sql is not None}

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise


def _after(model: bytes) -> bytes:
    """Return the least address that is greater than all that begin with these bytes."""
    number = int.from_bytes(model) + 1
    length = len(model)
    return number.to_bytes(length) if number < 1 << (8 * length) else b"\xff" * (length + 64)
