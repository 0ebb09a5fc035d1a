"""Whether a Zstandard file is all there, told by its frames without unpacking them.

The reader of the package zstandard ends in silence where a file was cut off.

Source: RFC 8878, section 3.1.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

_MOST_HEADER_BYTES = 18
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
_RLE = 1


def zstd_is_whole(path: Path) -> bool:
    """Return whether a file is made of whole frames, with nothing behind the last one."""
    import zstandard  # rarely needed

    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while file.tell() < size:
            start = file.tell()
            head = file.read(_MOST_HEADER_BYTES)
            if int.from_bytes(head[:4], "little") in _SKIPPABLE:
                file.seek(start + 8 + int.from_bytes(head[4:8], "little"))
                continue
            try:
                parameters = zstandard.get_frame_parameters(head)
                file.seek(start + zstandard.frame_header_size(head))
            except zstandard.ZstdError:
                return False
            if not _pass_blocks(file, size):
                return False
            file.seek(4 if parameters.has_checksum else 0, os.SEEK_CUR)
        return file.tell() == size


def _pass_blocks(file: BinaryIO, size: int) -> bool:
    """Pass over a frame's blocks; return whether its last one is there."""
    is_last = False
    while not is_last:
        header = int.from_bytes(head := file.read(3), "little")
        is_last, kind, length = bool(header & 1), header >> 1 & 3, header >> 3
        file.seek(1 if kind == _RLE else length, os.SEEK_CUR)
        if len(head) < 3 or file.tell() > size:
            return False
    return True
