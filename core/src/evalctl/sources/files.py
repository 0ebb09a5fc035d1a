"""Rows of one local file as a stream: JSON Lines, JSON, CSV, XML, Parquet, Arrow or CoNLL.

The format is told by what the file holds; names mislead (MATH's `test.json` is JSON Lines). Files
may be compressed with gzip or Zstandard, or be members of zip archives. What cannot be read is told
to whoever reads: a run refuses it, a check passes over it and goes on.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from evalctl.sources import arrow_rows
from evalctl.sources.conll import is_conll, read_conll
from evalctl.sources.csv_rows import delimiter_of, is_table, read_csv
from evalctl.sources.json_rows import (
    COLUMNS,
    read_array,
    read_columns,
    read_lines,
    read_object,
    spread,
)
from evalctl.sources.opening import PackedError, Stream, is_zip, open_bytes, plain_suffix
from evalctl.sources.row import Line, OnBroken, refuse
from evalctl.sources.xml_rows import read_xml

_FOREIGN = {
    b"\xfd7zXZ": "is compressed with xz; unpack it",
    b"BZh": "is compressed with bzip2; unpack it",
    b"\xff\xfe": "is written in UTF-16; UTF-8 is needed",
    b"\xfe\xff": "is written in UTF-16; UTF-8 is needed",
    b"version https://git-lfs": "is a pointer of Git LFS, not the file; `git lfs pull` fetches it",
    b"<!doctype html": "is a web page, not data; was a link to the page downloaded?",
    b"<html": "is a web page, not data; was a link to the page downloaded?",
    **dict.fromkeys(
        (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
        "is a pickle, which is never loaded; write its rows as JSON Lines",
    ),
}
"""What files begin with that are often taken for data."""


class Form(NamedTuple):
    """How the rows of a file are told apart, where the file alone does not say it."""

    columns: Sequence[str] = ()
    """Of a CSV file without a header (empty reads them from its first line), or of a CoNLL file
    (empty names the first and the last one)."""
    within: str = ""
    """Where the rows of a file are that is one JSON object, see `FileParts.within`."""
    member: str = ""
    """Name of the file within a zip archive; empty for the file itself."""
    rows_at: str = ""
    """Of rows that hold several each, the column whose list they are, see `FileParts.rows_at`."""


PLAIN = Form()
"""Of a file that says itself how its rows are told apart."""


def read_file(
    path: Path, start: int = 0, told: OnBroken = refuse, form: Form = PLAIN
) -> Iterator[Line]:
    """Yield the rows of a file in order.

    Args:
        path: The file.
        start: How many of its rows are passed over; JSON Lines are not even parsed then.
        told: Told of rows that are not what the format asks for, by file and line.
        form: How its rows are told apart.

    Raises:
        DatasetError: There is such a row, unless `told` takes it.
    """
    if form.rows_at:
        around = read_file(path, 0, told, form._replace(rows_at=""))
        yield from islice(spread(around, form.rows_at, told), start, None)
        return
    place = f"{path}!{form.member}" if form.member else str(path)
    try:
        with open_bytes(path, form.member) as file:
            head = file.head()
            packed = bool(form.member) or _is_packed(path)
            if reason := _foreign(head, is_packed=packed):
                told(place, f"the file {reason}")
            elif head.startswith(arrow_rows.PARQUET):
                yield from islice(arrow_rows.read_parquet(path, told), start, None)
            elif arrow_rows.is_arrow(head):
                yield from islice(arrow_rows.read_arrow(path, told), start, None)
            else:
                name = PurePosixPath(form.member or path.name)
                yield from _Text(file, place, head, plain_suffix(name)).rows(start, told, form)
    except PackedError as error:
        told(place, f"the file cannot be unpacked: {error}")


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Text(NamedTuple):
    """A file that is some kind of text."""

    file: Stream
    place: str
    head: bytes
    suffix: str

    def rows(self, start: int, told: OnBroken, form: Form) -> Iterator[Line]:
        """Yield its rows behind the first `start` ones."""
        begin = self.head.lstrip(b"\xef\xbb\xbf \t\r\n")
        is_json = self.suffix in {".json", ".jsonl", ".ndjson"}
        if self.suffix in {".csv", ".tsv"}:
            rows = self._csv(told, form)
        elif begin.startswith(b"<"):
            rows = read_xml(self.file, self.place, told)
        elif form.within == COLUMNS:
            rows = read_columns(self.file, self.place, told)
        elif form.within:
            rows = read_object(self.file, self.place, form.within, told)
        elif begin.startswith(b"["):
            rows = read_array(self.file, self.place, told)
        elif is_conll(self.head):
            rows = read_conll(self.file, self.place, told, form.columns)
        elif not is_json and is_table(self.head):
            rows = self._csv(told, form)
        else:
            yield from read_lines(self.file, self.place, start, told)
            return
        yield from islice(rows, start, None)

    def _csv(self, told: OnBroken, form: Form) -> Iterator[Line]:
        delimiter = delimiter_of(self.head, "\t" if self.suffix == ".tsv" else ",")
        return read_csv(self.file, self.place, told, columns=form.columns, delimiter=delimiter)


def _is_packed(path: Path) -> bool:
    return plain_suffix(path) != path.suffix.lower()


def _foreign(head: bytes, *, is_packed: bool) -> str:
    if is_zip(head):
        return "is a zip archive; unpack it"
    is_table_file = head.startswith(arrow_rows.PARQUET) or arrow_rows.is_arrow(head)
    if is_packed and is_table_file:
        return "is a Parquet or Arrow file that was packed once more; unpack it"
    begin = head.lstrip().lower()
    for mark, reason in _FOREIGN.items():
        if head.startswith(mark) or (mark.startswith(b"<") and begin.startswith(mark)):
            return reason
    return "holds neither text nor Parquet or Arrow; is it whole?" if _is_binary(head) else ""


def _is_binary(head: bytes) -> bool:
    """Return whether a file begins like no text and like no table that is read."""
    if head.startswith(arrow_rows.PARQUET) or arrow_rows.is_arrow(head) or b"\0" not in head:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return True
    return False
