"""Rows of CSV and of its relatives with tabs, semicolons or bars, told by the first lines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from evalctl.sources.row import MAX_LINE_BYTES, Line, OnBroken

_DELIMITERS = (",", "\t", ";", "|")
_ESCAPED = re.compile("[\udc80-\udcff]")
"""What bytes become that are not UTF-8."""
_TRIED = 20
"""Records that a delimiter is told by."""


def read_csv(
    file: BinaryIO, place: str, told: OnBroken, *, columns: Sequence[str], delimiter: str
) -> Iterator[Line]:
    """Yield the records of a file.

    Args:
        file: Its bytes, in UTF-8.
        place: Its name, for messages.
        told: Told of records that have not as many cells as there are columns, and of what ends
            the reading.
        columns: Names of the columns of a file without a header; empty reads them.
        delimiter: What stands between cells.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    text = io.TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline="")
    reader = csv.DictReader(text, columns or None, delimiter=delimiter, strict=True)
    try:
        if reason := _foreign("".join(reader.fieldnames or ())):
            told(f"{place}:{reader.line_num}", f"{reason}, in the header; nothing can be read")
            return
        for row in reader:
            location = f"{place}:{reader.line_num}"
            if None in row or None in row.values():
                told(location, "not as many cells as the header names")
            elif reason := next(filter(None, map(_foreign, row.values())), ""):
                told(location, reason)
            else:
                yield Line(dict(row), location)
    except csv.Error as error:
        told(f"{place}:{reader.line_num}", f"{error}; nothing behind it can be read")
    finally:
        text.detach()


def _foreign(text: str) -> str:
    """Return which byte of a text is not UTF-8; nothing where all are."""
    if text.isascii() or not (found := _ESCAPED.search(text)):
        return ""
    return f"not UTF-8: there is the byte 0x{ord(found[0]) - 0xDC00:02x}"


def delimiter_of(head: bytes, preferred: str = ",") -> str:
    """Return what stands between the cells of a file, told by its first bytes.

    Args:
        head: The first bytes.
        preferred: Taken where it makes cells at all; another one only where it makes none.
    """
    order = sorted(_DELIMITERS, key=lambda one: one != preferred)
    widths = {one: _width(head, one) for one in order}
    return next((one for one in order if widths[one] > 1), preferred)


def is_table(head: bytes) -> bool:
    """Return whether a file of another name begins like one: some lines, as wide as each other."""
    if head.lstrip()[:1] in {b"{", b"[", b"<", b""} or head.count(b"\n") < 2:
        return False
    return any(_width(head, one) > 1 for one in _DELIMITERS)


def _width(head: bytes, delimiter: str) -> int:
    """Return how many cells each of the first records has; 0 where they differ."""
    whole = head[: head.rfind(b"\n") + 1] or head
    text = whole.decode("utf-8-sig", errors="replace")
    try:
        rows = [row for row in islice(csv.reader(io.StringIO(text), delimiter=delimiter), _TRIED)]
    except csv.Error:
        return 0
    # The last one may be cut within quotation marks.
    widths = {len(row) for row in (rows[:-1] if len(rows) > 1 else rows) if row}
    return widths.pop() if len(widths) == 1 else 0
