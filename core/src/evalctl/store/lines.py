"""JSON Lines that survive: appended whole, synced every second, a torn end mended.

A line is one write to the file. Where the disk refuses part of it, that part is taken back, so that
the file always ends with a whole line.
"""

from __future__ import annotations

import contextlib
import os
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ValidationError

from evalctl.errors import OutputError, StorageError

SYNC_SECONDS = 1.0
"""What is written may be this far ahead of what a power failure leaves."""

_CHUNK_BYTES = 1 << 20

LineT = TypeVar("LineT", bound=BaseModel)


class LineWriter:
    """Appends lines to one file. One thread writes; a `Syncer` may sync from another."""

    def __init__(self, path: Path, *, crc: int = 0) -> None:
        """Open the file for appending; folders are made.

        Args:
            path: The file.
            crc: CRC-32 of what the file holds already.

        Raises:
            StorageError: It cannot be opened.
        """
        self.path = path
        self.crc = crc
        self.is_dirty = False
        self._problem: OSError | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._file = os.open(path, flags, 0o666)
            self.size = os.fstat(self._file).st_size
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror}") from error

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Sync and close."""
        self.close()

    def append(self, line: BaseModel) -> None:
        """Write one line, as a whole or not at all.

        Raises:
            StorageError: The disk is full, or gone.
        """
        data = line.model_dump_json().encode() + b"\n"
        try:
            if self._problem is not None:
                raise self._problem
            self._write(data)
        except OSError as error:
            raise StorageError(f"cannot write {self.path}: {error.strerror}") from error
        self.size += len(data)
        self.crc = zlib.crc32(data, self.crc)
        self.is_dirty = True

    def sync(self) -> None:
        """Bring what was written to the disk; a failure is told by `append` or `close`."""
        self.is_dirty = False
        try:
            os.fsync(self._file)
        except OSError as error:
            self._problem = error

    def close(self) -> None:
        """Sync and close; may be called twice.

        Raises:
            StorageError: What was written may not be on the disk.
        """
        if self._file < 0:
            return
        self.sync()
        file, self._file = self._file, -1
        try:
            os.close(file)
        except OSError as error:  # such as a quota of a file system on another machine
            self._problem = error
        if self._problem is not None:
            reason = f"cannot write {self.path}: {self._problem.strerror}"
            raise StorageError(reason) from self._problem

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise


class Syncer:
    """Syncs the files of a run from a thread of its own, so that writing never waits for a disk."""

    def __init__(self, seconds: float = SYNC_SECONDS) -> None:
        """Begin; the files come with `watch`."""
        self._seconds = seconds
        self._writers: list[LineWriter] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="evalctl-sync", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Sync and close all files, and end the thread.

        Raises:
            StorageError: What was written may not be on the disk.
        """
        self._ended.set()
        self._thread.join()
        with contextlib.ExitStack() as stack:
            for writer in self._writers:
                stack.callback(writer.close)

    def watch(self, writer: LineWriter) -> LineWriter:
        """Look after a file until the end, and return it."""
        with self._lock:
            self._writers.append(writer)
        return writer

    def _run(self) -> None:
        while not self._ended.wait(self._seconds / 2):
            with self._lock:
                dirty = [writer for writer in self._writers if writer.is_dirty]
            for writer in dirty:
                writer.sync()


def read_lines(path: Path, kind: type[LineT], *, start: int = 0) -> Iterator[LineT]:
    """Yield the lines of a JSON Lines file; a torn last line is passed over.

    Args:
        path: The file.
        kind: What a line is.
        start: Where to begin, in bytes.

    Raises:
        OutputError: A line other than the last is damaged; the message names it.
    """
    with path.open("rb") as file:
        file.seek(start)
        for number, line in enumerate(file, 1):
            try:
                yield kind.model_validate_json(line)
            except ValidationError as error:
                if not line.endswith(b"\n"):
                    return
                place = f"{path}:{number}" if start == 0 else f"{path}, byte {start} on, :{number}"
                raise OutputError(f"{place} {what_is_wrong(error)}") from None


def crc_of(path: Path, size: int, *, start: int = 0, crc: int = 0) -> int | None:
    """Return the CRC-32 of a file's first `size` bytes; None where it has fewer.

    Args:
        path: The file.
        size: How much of it counts.
        start: How much of that is in `crc` already.
        crc: CRC-32 of the first `start` bytes.
    """
    size -= start
    with path.open("rb") as file:
        file.seek(start)
        while size > 0:
            chunk = file.read(min(size, _CHUNK_BYTES))
            if not chunk:
                return None
            crc = zlib.crc32(chunk, crc)
            size -= len(chunk)
    return crc


def what_is_wrong(error: ValidationError) -> str:
    """Return in one line why a file is no file of ours."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    if place == "schema_version":
        return f"has the schema version {problem['input']!r}; this evalctl reads version 1"
    what = f"{place}: {problem['msg']}" if place else problem["msg"]
    return f"is damaged or was written by another version: {what}"
