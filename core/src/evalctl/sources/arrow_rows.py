"""Rows of Parquet and Arrow files, some hundred at a time, those with images fewer.

The one file that imports `pyarrow`, besides `images.py`, which reads single cells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalctl.sources.row import CELL, Line, OnBroken

if TYPE_CHECKING:
    import pyarrow

PARQUET = b"PAR1"
ARROW_FILE = b"ARROW1"
ARROW_STREAM = b"\xff\xff\xff\xff"
_BATCH = 512
_BATCH_OF_BYTES = 16
"""Of rows with bytes in them."""


def is_arrow(head: bytes) -> bool:
    """Return whether a file begins like an Arrow file, or like a stream as `save_to_disk` has."""
    return head.startswith((ARROW_FILE, ARROW_STREAM))


def read_parquet(path: Path, told: OnBroken) -> Iterator[Line]:
    """Yield the rows of a Parquet file."""
    from pyarrow import ArrowException, parquet  # heavy: only where such a file is read

    index = 0
    try:
        with parquet.ParquetFile(path) as file:
            is_large = "binary" in str(file.schema_arrow)  # bytes, which are images as a rule
            for batch in file.iter_batches(batch_size=_BATCH_OF_BYTES if is_large else _BATCH):
                for row in batch.to_pylist():
                    held = _without_bytes(row, index) if is_large else row
                    yield Line(held, f"{path}[{index}]")
                    index += 1
    except (ArrowException, OSError, UnicodeDecodeError) as error:
        told(str(path), f"not a readable Parquet file, from row {index} on: {error}")


def _without_bytes(value: object, row: int) -> Any:  # noqa: ANN401  what a cell holds
    """Return a value in which a mark of their row and their digest stand for all bytes."""
    if isinstance(value, bytes):
        return {CELL: row, "sha256": hashlib.sha256(value).hexdigest()}
    if isinstance(value, dict):
        return {key: _without_bytes(one, row) for key, one in value.items()}
    return [_without_bytes(one, row) for one in value] if isinstance(value, list) else value


def read_arrow(path: Path, told: OnBroken) -> Iterator[Line]:
    """Yield the rows of an Arrow file, or of a stream."""
    from pyarrow import ArrowException, memory_map

    index = 0
    try:
        with memory_map(str(path)) as source:
            for batch in _batches(source):
                for first in range(0, batch.num_rows, _BATCH):
                    for row in batch.slice(first, _BATCH).to_pylist():
                        yield Line(row, f"{path}[{index}]")
                        index += 1
    except (ArrowException, OSError, UnicodeDecodeError, ValueError) as error:
        told(str(path), f"not a readable Arrow file, from row {index} on: {error}")


def _batches(source: pyarrow.MemoryMappedFile) -> Iterator[pyarrow.RecordBatch]:
    from pyarrow import ipc

    is_file = source.read(len(ARROW_FILE)) == ARROW_FILE
    source.seek(0)
    if not is_file:
        yield from ipc.open_stream(source)
        return
    reader = ipc.open_file(source)
    for number in range(reader.num_record_batches):
        yield reader.get_batch(number)
