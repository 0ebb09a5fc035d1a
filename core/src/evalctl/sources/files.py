"""Rows of one local file as a stream: JSON Lines, a JSON array, CSV, TSV or Parquet.

The format is told by what the file holds; names mislead (MATH's `test.json` is JSON Lines).
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.errors import DatasetError

MAX_LINE_BYTES = 64 << 20
"""A longer line is refused, so that a broken file cannot fill the memory."""


class Line(NamedTuple):
    """One row of a file, before it is part of a source."""

    data: Mapping[str, JsonValue]
    location: str


def read_file(path: Path, start: int = 0, columns: Sequence[str] = ()) -> Iterator[Line]:
    """Yield the rows of a file in order.

    Args:
        path: The file.
        start: How many of its rows are passed over; JSON Lines are not even parsed then.
        columns: Of a CSV file without a header; empty reads them from its first line.

    Raises:
        DatasetError: A row is not what the format asks for; the message names file and line.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PAR1"):
        yield from islice(_read_parquet(path), start, None)
    elif path.suffix.lower() in {".csv", ".tsv"}:
        yield from islice(_read_csv(path, columns), start, None)
    elif head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        yield from islice(_read_json_array(path), start, None)
    else:
        yield from _read_json_lines(path, start)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_json_lines(path: Path, start: int) -> Iterator[Line]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            location = f"{path}:{number}"
            if len(line) > MAX_LINE_BYTES:
                raise DatasetError(f"{location}: the line is longer than {MAX_LINE_BYTES} bytes")
            if not line.strip():
                continue
            if start > 0:
                start -= 1
            else:
                yield Line(_parse_object(line, location), location)


def _parse_object(line: bytes, location: str) -> Mapping[str, JsonValue]:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{location}: not a JSON object: {error}") from None
    return _checked_object(value, location)


def _checked_object(value: JsonValue, location: str) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise DatasetError(f"{location}: a JSON object is needed, not {type(value).__name__}")
    return value


def _read_json_array(path: Path) -> Iterator[Line]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: not a JSON array: {error}") from None
    for index, row in enumerate(rows):
        location = f"{path}[{index}]"
        yield Line(_checked_object(row, location), location)


def _read_csv(path: Path, columns: Sequence[str]) -> Iterator[Line]:
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, columns or None, delimiter=delimiter)
        try:
            for row in reader:
                location = f"{path}:{reader.line_num}"
                if None in row or None in row.values():
                    raise DatasetError(f"{location}: not as many cells as the header names")
                yield Line(dict(row), location)
        except (csv.Error, UnicodeDecodeError) as error:
            raise DatasetError(f"{path}:{reader.line_num}: {error}") from None


def _read_parquet(path: Path) -> Iterator[Line]:
    from pyarrow import ArrowException, parquet  # heavy: only where such a file is read

    try:
        index = 0
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1024):
                for row in batch.to_pylist():
                    yield Line(row, f"{path}[{index}]")
                    index += 1
    except ArrowException as error:
        raise DatasetError(f"{path}: not a readable Parquet file: {error}") from None
