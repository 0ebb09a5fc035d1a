"""Rows of Parquet and Arrow files, some hundred at a time, those with images fewer.

The one file that imports `pyarrow`, besides `images.py`, which reads single cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalctl.sources.row import Line, OnBroken, without_bytes

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
            is_large = _has_bytes(file.schema_arrow)
            for batch in file.iter_batches(batch_size=_BATCH_OF_BYTES if is_large else _BATCH):
                for row in batch.to_pylist():
                    yield _line(row, path, index, is_large=is_large)
                    index += 1
    except (ArrowException, OSError, UnicodeDecodeError) as error:
        told(str(path), f"not a readable Parquet file, from row {index} on: {error}")


def read_arrow(path: Path, told: OnBroken) -> Iterator[Line]:
    """Yield the rows of an Arrow file, or of a stream."""
    from pyarrow import ArrowException, memory_map

    index = 0
    try:
        with memory_map(str(path)) as source:
            for batch in _batches(source):
                is_large = _has_bytes(batch.schema)
                size = _BATCH_OF_BYTES if is_large else _BATCH
                for first in range(0, batch.num_rows, size):
                    for row in batch.slice(first, size).to_pylist():
                        yield _line(row, path, index, is_large=is_large)
                        index += 1
    except (ArrowException, OSError, UnicodeDecodeError, ValueError) as error:
        told(str(path), f"not a readable Arrow file, from row {index} on: {error}")


def count_rows(path: Path) -> int:
    """Return how many rows an Arrow file has, or a stream."""
    from pyarrow import memory_map

    with memory_map(str(path)) as source:
        return sum(batch.num_rows for batch in _batches(source))


def _has_bytes(schema: pyarrow.Schema) -> bool:
    """Return whether a file has bytes in its rows, which are images as a rule."""
    return "binary" in str(schema)


def _line(row: dict[str, Any], path: Path, index: int, *, is_large: bool) -> Line:
    location = f"{path}[{index}]"
    return without_bytes(row, path, index, location) if is_large else Line(row, location)


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
