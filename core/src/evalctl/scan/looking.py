"""The first rows of a file, in each way in which it can be read, and what its columns hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from evalctl.scan.families import Way
from evalctl.sources.files import read_file
from evalctl.sources.row import Line

SAMPLED = 40
"""Rows that a file is recognised by."""
_CELLS = 60
"""Columns of a file whose types are told."""


class Look(NamedTuple):
    """How a file begins."""

    rows: Mapping[Way, tuple[Line, ...]]
    """Its first rows in each way that gives any."""
    n_broken: int
    """Of the plain way: how many rows among the first could not be read."""
    problem: str
    """What the reader said of the first of them, with its place."""

    @property
    def schema(self) -> dict[str, str]:
        """The columns of the likeliest way, each with the types that it holds."""
        if not self.rows:
            return {}
        lines = max(self.rows.values(), key=len)
        types: dict[str, dict[str, None]] = {}
        for line in lines:
            for column, value in line.data.items():
                types.setdefault(column, {})[type(value).__name__] = None
        return {column: " or ".join(told) for column, told in islice(types.items(), _CELLS)}


class _EnoughError(Exception):
    """More rows are broken than a file is recognised by."""


def look_at(path: Path, head: bytes, declared: Iterable[Way]) -> Look:
    """Return how a file begins.

    Args:
        path: The file.
        head: Its first bytes.
        declared: All ways in which a part of some dataset is declared to be read.
    """
    rows: dict[Way, tuple[Line, ...]] = {}
    lines, broken = _read(path, Way())
    first = broken
    if lines:
        rows[Way()] = lines
    for way in dict.fromkeys(declared):
        if way != Way() and _may_be(way, path, head):
            lines, broken = _read(path, way)
            if lines:
                rows[way] = lines
    problem = f"{first[0][0]}: {first[0][1]}" if first else ""
    return Look(rows, len(first) if rows.get(Way()) else 0, problem)


def _may_be(way: Way, path: Path, head: bytes) -> bool:
    if way.columns:
        return path.suffix.lower() in {".csv", ".tsv"}
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    return begins and (way.within == "*" or f'"{way.within}"'.encode() in head)


def _read(path: Path, way: Way) -> tuple[tuple[Line, ...], list[tuple[str, str]]]:
    broken: list[tuple[str, str]] = []

    def told(location: str, reason: str) -> None:
        broken.append((location, reason))
        if len(broken) >= SAMPLED:
            raise _EnoughError

    lines: list[Line] = []
    try:
        for line in read_file(path, 0, told, columns=way.columns, within=way.within):
            lines.append(line)
            if len(lines) >= SAMPLED:
                break
    except _EnoughError:
        pass
    except OSError as error:
        broken.append((str(path), error.strerror or str(error)))
    return tuple(lines), broken
