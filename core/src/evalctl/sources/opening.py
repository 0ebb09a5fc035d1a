"""Opening a file's bytes as a stream: as they are, or out of gzip, Zstandard or a zip archive.

Nothing is unpacked onto the disk, and what expands too far is given up: a stream is told by how
many bytes went in for those that came out.
"""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Protocol

from evalctl.sources.zstd_frames import zstd_is_whole

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_FOLD = 200
"""Files that expand further are refused, once they are larger than `FREE_BYTES`."""
FREE_BYTES = 256 << 20
"""Up to so many bytes may come of a file of any size."""
MOST_MEMBERS = 10_000
"""An archive with more files is not read."""
HEAD_BYTES = 4096
"""So much is looked at to tell a format."""

_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_BUFFER = 1 << 17
_WINDOW_BYTES = 1 << 27
"""So much memory a Zstandard file may ask for."""


class _Bytes(Protocol):
    """What bytes come out of."""

    def read(self, size: int = ..., /) -> bytes:
        """Return up to so many."""
        ...


class PackedError(Exception):
    """What is packed cannot be read: it is damaged, or expands too far."""


class Stream(io.BufferedReader):
    """Bytes that can be looked at before they are read."""

    def head(self) -> bytes:
        """Return the first bytes, before anything is read."""
        return self.peek(HEAD_BYTES)[:HEAD_BYTES]


@contextmanager
def open_bytes(path: Path, member: str = "") -> Iterator[Stream]:
    """Open a file, or a member of a zip archive; compressed ones come out as they were.

    Args:
        path: The file.
        member: Name within the zip archive that it is; empty for the file itself.

    Raises:
        PackedError: What is packed is damaged, or expands too far; also while it is read.
        OSError: There is no such file.
    """
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("rb", buffering=0))
        whole = stack.enter_context(Stream(raw, _BUFFER))
        if member:
            archive = stack.enter_context(_archive(whole))
            try:
                inner: _Bytes = stack.enter_context(archive.open(member))
            except (KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
                raise PackedError(f"{member} cannot be read: {error}") from error
            size = max(archive.getinfo(member).compress_size, 1)
            stream = Stream(_Bounded(inner, lambda: size), _BUFFER)
        else:
            stream = whole
            if stream.head().startswith(_ZSTD) and not zstd_is_whole(path):
                raise PackedError(
                    "packed data are cut off, or not all of that kind"
                )  # zstandard would not say so
        yield stack.enter_context(_unpacked(stream, raw, size if member else 0))


def members_of(path: Path) -> list[str]:
    """Return the files that a zip archive holds, in order, without those that lead out of it.

    Raises:
        PackedError: It is no zip archive, is damaged, or holds too much.
    """
    with path.open("rb") as raw, _archive(raw) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MOST_MEMBERS:
            raise PackedError(
                f"an archive of {len(infos):,} files; up to {MOST_MEMBERS:,} are read"
            )
        total = sum(info.file_size for info in infos)
        if total > FREE_BYTES and total > MOST_FOLD * path.stat().st_size:
            raise PackedError(f"it expands more than {MOST_FOLD}-fold")
        return [info.filename for info in infos if _stays_inside(info.filename)]


def is_zip(head: bytes) -> bool:
    """Return whether a file begins like a zip archive."""
    return head.startswith(_ZIP)


def plain_suffix(path: Path | PurePosixPath) -> str:
    """Return a file's suffix in lower case, beneath that of its compression."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in {".gz", ".zst", ".zstd"} else suffix


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return not path.is_absolute() and ".." not in path.parts


def _archive(raw: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(raw)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise PackedError(f"not a readable zip archive: {error}") from error


def _unpacked(stream: Stream, raw: io.FileIO, size: int) -> Stream:
    """Return what stands in a stream, without its compression.

    Args:
        stream: The file, or a member of it.
        raw: The file.
        size: How large the member is in the archive; 0 for the file itself.
    """
    head = stream.head()
    went_in: Callable[[], int] = (lambda: size) if size else raw.tell
    if head.startswith(_GZIP):
        return Stream(_Bounded(gzip.GzipFile(fileobj=stream), went_in), _BUFFER)
    if head.startswith(_ZSTD):
        import zstandard  # rarely needed

        unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES)
        return Stream(_Bounded(unpacker.stream_reader(stream, read_across_frames=True), went_in))
    return stream


class _Bounded(io.RawIOBase):
    """What comes out of a packed stream, no further than it may expand."""

    def __init__(self, inner: _Bytes, went_in: Callable[[], int]) -> None:
        self._inner = inner
        self._went_in = went_in
        self._n_out = 0

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read some bytes.

        Raises:
            PackedError: They are damaged, or too many.
        """
        view = memoryview(buffer).cast("B")
        damaged = _damaged()
        try:
            data = self._inner.read(len(view))
        except damaged as error:
            raise PackedError(f"packed data are damaged or cut off: {error}") from error
        self._n_out += len(data)
        if self._n_out > FREE_BYTES and self._n_out > MOST_FOLD * self._went_in():
            raise PackedError(f"it expands more than {MOST_FOLD}-fold; the rest is not read")
        view[: len(data)] = data
        return len(data)


def _damaged() -> tuple[type[Exception], ...]:
    """Return what is raised by packed data that are not whole."""
    module = sys.modules.get("zstandard")
    known = (EOFError, OSError, zlib.error, zipfile.BadZipFile)
    return (*known, module.ZstdError) if module else known
