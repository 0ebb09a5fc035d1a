"""Rows of one local file as a stream: JSON Lines, JSON, CSV, TSV, XML, Parquet or CoNLL.

The format is told by what the file holds; names mislead (MATH's `test.json` is JSON Lines). What
cannot be read is told to whoever reads: a run refuses it, a check passes over it and goes on.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from evalctl.sources.conll import is_conll, read_conll
from evalctl.sources.row import CELL, MAX_LINE_BYTES, Line, OnBroken, refuse
from evalctl.sources.xml_rows import read_xml

_FOREIGN = {
    b"\x1f\x8b": "is compressed with gzip; unpack it",
    b"\x28\xb5\x2f\xfd": "is compressed with Zstandard; unpack it",
    b"\xfd7zXZ": "is compressed with xz; unpack it",
    b"PK\x03\x04": "is a zip archive; unpack it",
    b"\xff\xfe": "is written in UTF-16; UTF-8 is needed",
    b"\xfe\xff": "is written in UTF-16; UTF-8 is needed",
    b"version https://git-lfs": "is a pointer of Git LFS, not the file; `git lfs pull` fetches it",
    b"<!doctype html": "is a web page, not data; was a link to the page downloaded?",
    b"<html": "is a web page, not data; was a link to the page downloaded?",
}
"""What files begin with that are often taken for data."""


def read_file(
    path: Path,
    start: int = 0,
    told: OnBroken = refuse,
    *,
    columns: Sequence[str] = (),
    within: str = "",
) -> Iterator[Line]:
    """Yield the rows of a file in order.

    Args:
        path: The file.
        start: How many of its rows are passed over; JSON Lines are not even parsed then.
        told: Told of rows that are not what the format asks for, by file and line.
        columns: Of a CSV file without a header (empty reads them from its first line), or of a
            CoNLL file (empty names the first and the last one).
        within: Where the rows of a file are that is one JSON object, see `FileParts.within`.

    Raises:
        DatasetError: There is such a row, unless `told` takes it.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if reason := _foreign(head):
        told(str(path), f"the file {reason}")
    elif head.startswith(b"PAR1"):
        yield from islice(_read_parquet(path, told), start, None)
    elif path.suffix.lower() in {".csv", ".tsv"}:
        yield from islice(_read_csv(path, told, columns), start, None)
    elif (begin := head.lstrip(b"\xef\xbb\xbf \t\r\n")).startswith(b"<"):
        yield from islice(read_xml(path, told), start, None)
    elif within:
        yield from islice(_read_json_object(path, within, told), start, None)
    elif begin.startswith(b"["):
        yield from islice(_read_json_array(path, told), start, None)
    elif is_conll(head):
        yield from islice(_read_conll(path, told, columns), start, None)
    else:
        yield from _read_json_lines(path, start, told)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _foreign(head: bytes) -> str:
    begin = head.lstrip().lower()
    for mark, reason in _FOREIGN.items():
        if head.startswith(mark) or (mark.startswith(b"<") and begin.startswith(mark)):
            return reason
    return ""


def _read_json_lines(path: Path, start: int, told: OnBroken) -> Iterator[Line]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            location = f"{path}:{number}"
            if len(line) > MAX_LINE_BYTES:
                told(location, f"the line is longer than {MAX_LINE_BYTES:,} bytes")
                while line and not line.endswith(b"\n"):
                    line = file.readline(MAX_LINE_BYTES)
                continue
            if not line.strip():
                continue
            if start > 0:
                start -= 1
            elif (row := _parse_object(line, location, told)) is not None:
                yield Line(row, location)


def _parse_object(line: bytes, location: str, told: OnBroken) -> Mapping[str, JsonValue] | None:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        torn = "" if line.endswith(b"\n") else "; the file ends here: is it all there?"
        told(location, f"not a JSON object: {error}{torn}")
        return None
    return _checked_object(value, location, told)


def _checked_object(
    value: JsonValue, location: str, told: OnBroken
) -> Mapping[str, JsonValue] | None:
    if isinstance(value, dict):
        return value
    told(location, f"a JSON object is needed, not {type(value).__name__}")
    return None


def _read_json_array(path: Path, told: OnBroken) -> Iterator[Line]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        told(str(path), f"not a JSON array: {error}")
        return
    yield from _objects_in(rows, str(path), told)


def _objects_in(rows: Sequence[JsonValue], place: str, told: OnBroken) -> Iterator[Line]:
    for index, value in enumerate(rows):
        location = f"{place}[{index}]"
        if (row := _checked_object(value, location, told)) is not None:
            yield Line(row, location)


def _read_json_object(path: Path, within: str, told: OnBroken) -> Iterator[Line]:
    try:
        whole = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        told(str(path), f"not a JSON object: {error}")
        return
    if _checked_object(whole, str(path), told) is None:
        return
    if within == "*":
        for key, value in whole.items():
            location = f"{path}[{json.dumps(key)}]"
            if (row := _checked_object(value, location, told)) is not None:
                yield Line({"key": key, **row}, location)
    elif isinstance(rows := whole.get(within), list):
        yield from _objects_in(rows, f"{path}[{json.dumps(within)}]", told)
    else:
        told(str(path), f"the object has no list under {within!r}, which holds its rows")


def _read_csv(path: Path, told: OnBroken, columns: Sequence[str]) -> Iterator[Line]:
    csv.field_size_limit(MAX_LINE_BYTES)
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, columns or None, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                location = f"{path}:{reader.line_num}"
                if None in row or None in row.values():
                    told(location, "not as many cells as the header names")
                else:
                    yield Line(dict(row), location)
        except (csv.Error, UnicodeDecodeError) as error:
            told(f"{path}:{reader.line_num}", f"{error}; nothing behind it can be read")


def _read_conll(path: Path, told: OnBroken, columns: Sequence[str]) -> Iterator[Line]:
    for sentence in read_conll(path, told, columns):
        yield Line(sentence.data, f"{path}:{sentence.line}")


_MANY_ROWS = 1024
_FEW_ROWS = 16
"""Rows that are read at once where there are bytes in them: images are large."""


def spread(lines: Iterator[Line], column: str, told: OnBroken) -> Iterator[Line]:
    """Yield the rows that rows hold in a list, each with the other columns of the one around it.

    Args:
        lines: The rows around them.
        column: Whose list it is, see `FileParts.rows_at`.
        told: Told of rows that hold none, by where they are.
    """
    for line in lines:
        inner = line.data.get(column)
        if not isinstance(inner, list):
            told(line.location, f"the column {column!r} holds no list of rows")
            continue
        outer = {name: value for name, value in line.data.items() if name != column}
        for one in _objects_in(inner, f"{line.location}[{json.dumps(column)}]", told):
            yield Line({**outer, **one.data}, one.location)


def _kinds(file: object) -> Iterator[str]:
    """Yield the physical and the logical type of each column of a Parquet file."""
    schema = file.schema  # type: ignore[attr-defined]  # pyarrow has no types
    for number in range(len(schema)):
        yield f"{schema.column(number).physical_type} {schema.column(number).logical_type}"


def _without_bytes(value: object, row: int) -> Any:  # noqa: ANN401  what a cell holds
    """Return a value in which a mark of their row and their digest stand for all bytes."""
    if isinstance(value, bytes):
        return {CELL: row, "sha256": hashlib.sha256(value).hexdigest()}
    if isinstance(value, dict):
        return {key: _without_bytes(one, row) for key, one in value.items()}
    return [_without_bytes(one, row) for one in value] if isinstance(value, list) else value


def _read_parquet(path: Path, told: OnBroken) -> Iterator[Line]:
    from pyarrow import ArrowException, parquet  # heavy: only where such a file is read

    index = 0
    try:
        with parquet.ParquetFile(path) as file:
            holds_bytes = any("BYTE_ARRAY" in c and "String" not in c for c in _kinds(file))
            for batch in file.iter_batches(batch_size=_FEW_ROWS if holds_bytes else _MANY_ROWS):
                for row in batch.to_pylist():
                    data = _without_bytes(row, index) if holds_bytes else row
                    yield Line(data, f"{path}[{index}]")
                    index += 1
    except (ArrowException, OSError, UnicodeDecodeError) as error:
        told(str(path), f"not a readable Parquet file, from row {index} on: {error}")
