"""A zip file whose directory is not held in memory.

`zipfile` keeps about half a kilobyte for every member until the end; a log has a member for every
sample. Here the directory goes to a file of its own first. Members are deflated; sizes and offsets
beyond 4 GiB are told as ZIP64 does.

Source: PKWARE, ".ZIP File Format Specification" 6.3.10, sections 4.3 and 4.5.3.
"""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Iterable
from typing import BinaryIO

from evalctl.errors import OutputError

_LIMIT_32 = 0xFFFFFFFF
_LIMIT_16 = 0xFFFF
_VERSION = 45  # ZIP64
_UTF8_NAMES = 0x800
_DEFLATED = 8
_MIDNIGHT, _FIRST_OF_1980 = 0, 0x21  # the same bytes every time


class ZipStream:
    """Writes members one after the other."""

    def __init__(self, file: BinaryIO, directory: BinaryIO) -> None:
        """Take two empty files that can be sought in: the zip file, and one for its directory."""
        self._file = file
        self._directory = directory
        self._count = 0

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a member.

        Raises:
            OutputError: Its name is longer than a zip file can have it.
            OSError: The disk is full, or gone.
        """
        encoded = name.encode()
        if len(encoded) > _LIMIT_16:
            raise OutputError(f"the name of a zip member is too long: {name[:80]}...")
        offset = self._file.tell()
        self._file.write(_local_header(encoded, 0, 0, 0))
        compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        check = size = 0
        for chunk in chunks:
            check, size = zlib.crc32(chunk, check), size + len(chunk)
            self._file.write(compressor.compress(chunk))
        self._file.write(compressor.flush())
        end = self._file.tell()
        header = len(_local_header(encoded, 0, 0, 0))
        packed = end - offset - header
        self._file.seek(offset)
        self._file.write(_local_header(encoded, check, packed, size))
        self._file.seek(end)
        self._directory.write(_directory_entry(encoded, check, packed, size, offset))
        self._count += 1

    def close(self) -> None:
        """Write the directory; the files themselves stay open.

        Raises:
            OSError: The disk is full, or gone.
        """
        size, offset = self._directory.tell(), self._file.tell()
        self._directory.seek(0)
        shutil.copyfileobj(self._directory, self._file)
        self._file.write(_end(self._count, size, offset))


def _local_header(name: bytes, check: int, packed: int, size: int) -> bytes:
    """Return what stands before a member; its sizes are in the extra field, always."""
    extra = struct.pack("<HHQQ", 1, 16, size, packed)
    fixed = (_VERSION, _UTF8_NAMES, _DEFLATED, _MIDNIGHT, _FIRST_OF_1980, check)
    sizes = (_LIMIT_32, _LIMIT_32, len(name), len(extra))
    return struct.pack("<4s5H3I2H", b"PK\x03\x04", *fixed, *sizes) + name + extra


def _directory_entry(name: bytes, check: int, packed: int, size: int, offset: int) -> bytes:
    extra = struct.pack("<HHQQQ", 1, 24, size, packed, offset)
    fixed = (_VERSION, _VERSION, _UTF8_NAMES, _DEFLATED, _MIDNIGHT, _FIRST_OF_1980, check)
    sizes = (_LIMIT_32, _LIMIT_32, len(name), len(extra))
    rest = (0, 0, 0, 0, _LIMIT_32)  # no comment, first disk, no attributes, offset in the extra
    return struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *fixed, *sizes, *rest) + name + extra


def _end(count: int, size: int, offset: int) -> bytes:
    """Return what stands after the directory: first as ZIP64 has it, then with what fits."""
    counts = (_VERSION, _VERSION, 0, 0, count, count)
    end64 = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, *counts, size, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, offset + size, 1)
    fits = (min(count, _LIMIT_16), min(size, _LIMIT_32), min(offset, _LIMIT_32))
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, fits[0], fits[0], fits[1], fits[2], 0)
    return end64 + locator + end
