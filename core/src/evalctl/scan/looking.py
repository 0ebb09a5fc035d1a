"""The first rows of a file, in each way in which it can be read, and what its columns hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from evalctl.errors import DatasetError
from evalctl.scan.encodings import remedy
from evalctl.scan.families import Way
from evalctl.scan.walk import Found
from evalctl.sources.files import read_file
from evalctl.sources.json_rows import COLUMNS
from evalctl.sources.opening import PackedError, open_bytes, plain_suffix
from evalctl.sources.row import Line

SAMPLED = 40
"""Rows that a file is recognised by."""
_LISTS = re.compile(rb'"([^"\\]{1,60})"\s*:\s*\[\s*\{')
"""Keys of an object that stand before a list of objects."""
_OF_OBJECTS = re.compile(rb'\s*\{\s*"[^"\\]+"\s*:\s*\{')
_OF_COLUMNS = re.compile(rb'\s*\{\s*"[^"\\]+"\s*:\s*(?:\[(?!\s*\{)|\{\s*"0"\s*:)')
"""An object whose first value is a list of values, or an object by row number."""
_TRIED = 3
_CELLS = 60
"""Columns of a file whose types are told."""


class Look(NamedTuple):
    """How a file begins."""

    rows: Mapping[Way, tuple[Line, ...]]
    """Its first rows in each way that gives any."""
    n_broken: int
    """Of the plain way: how many rows among the first could not be read."""
    file: Path | None
    """The file, for rows that refer to what lies beside it; None of a member of an archive."""
    problem: str
    """What the reader said first of what it could not read in the likeliest way, with its place."""

    @property
    def way(self) -> Way:
        """The likeliest way: with the file's own header, and of those the one with most rows."""
        order = sorted(self.rows, key=lambda way: (bool(way.columns), -len(self.rows[way])))
        return order[0] if order else Way()

    @property
    def schema(self) -> dict[str, str]:
        """The columns of the likeliest way, each with the types that it holds."""
        lines = self.rows.get(self.way, ())
        types: dict[str, dict[str, None]] = {}
        for line in lines:
            for column, value in line.data.items():
                types.setdefault(column, {})[type(value).__name__] = None
        return {column: " or ".join(told) for column, told in islice(types.items(), _CELLS)}


class _EnoughError(Exception):
    """More rows are broken than a file is recognised by."""


def look_at(found: Found, head: bytes, declared: Iterable[Way]) -> Look:
    """Return how a file begins.

    Args:
        found: The file.
        head: Its first bytes.
        declared: All ways in which a part of some dataset is declared to be read.
    """
    rows: dict[Way, tuple[Line, ...]] = {}
    broken: dict[Way, list[tuple[str, str]]] = {}
    for way in dict.fromkeys((Way(), *declared, *_inferred(head))):
        if way == Way() or _may_be(way, found.name, head):
            lines, broken[way] = _read(found, way)
            if lines:
                rows[way] = lines
    look = Look(
        rows=rows,
        n_broken=len(broken[Way()]) if Way() in rows else 0,
        file=None if found.member else found.path,
        problem="",
    )
    told = broken[look.way if rows else [*broken][-1]]
    return look._replace(problem=f"{told[0][0]}: {told[0][1]}" if told else "")


def _inferred(head: bytes) -> Iterator[Way]:
    """Yield where in an object rows may be that nobody declares."""
    names = (name.decode("utf-8", "replace") for name in _LISTS.findall(head)[:_TRIED])
    yield from (Way(within=name) for name in dict.fromkeys(names))
    if _OF_OBJECTS.match(head):
        yield Way(within="*")
    if _OF_COLUMNS.match(head):
        yield Way(within=COLUMNS)


def _may_be(way: Way, name: PurePosixPath, head: bytes) -> bool:
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if way.columns:
        return plain_suffix(name) in {".csv", ".tsv", ".txt", ""} and not begin.startswith(
            (b"{", b"[")
        )
    if way.rows_at and f'"{way.rows_at}"'.encode() not in head:
        return False
    if not way.within:
        return begin.startswith(b"[")
    if way.within == COLUMNS:
        return bool(_OF_COLUMNS.match(head))
    return begin.startswith(b"{") and (way.within == "*" or f'"{way.within}"'.encode() in head)


def _read(found: Found, way: Way) -> tuple[tuple[Line, ...], list[tuple[str, str]]]:
    broken: list[tuple[str, str]] = []

    def told(location: str, reason: str) -> None:
        broken.append((location, reason))
        if len(broken) >= SAMPLED:
            raise _EnoughError

    lines: list[Line] = []
    try:
        for line in read_file(found.path, 0, told, way.form(found.member)):
            lines.append(line)
            if len(lines) >= SAMPLED:
                break
    except _EnoughError:
        pass
    except OSError as error:
        broken.append((str(found.path), error.strerror or str(error)))
    return tuple(lines), broken


def ways_of(found: Found) -> tuple[Way, ...]:
    """Return the ways in which a single file gives rows, the one with the most first.

    Raises:
        DatasetError: It cannot be read.
    """
    try:
        with open_bytes(found.path, found.member) as opened:
            head = opened.head()
    except (OSError, PackedError) as error:
        raise DatasetError(f"{found.path} cannot be read: {error}") from error
    rows = look_at(found, head, (Way(within="*"),)).rows
    return tuple(sorted(rows, key=lambda way: -len(rows[way])))


def form_of(file: Path) -> dict[str, object]:
    """Return how a single file is read, by the way in which most of its first rows come out.

    Raises:
        DatasetError: It is not there, or nothing in it can be read as rows.
    """
    found = Found(file, PurePosixPath(file.name), 0, 0)
    ways = ways_of(found)
    if not ways:
        problem = remedy(file, str(file)) or look_at(found, b"", ()).problem
        raise DatasetError(f"{file} holds no rows that can be read{problem and f'; {problem}'}")
    return {"path": str(file.absolute()), "columns": ways[0].columns, "within": ways[0].within}
