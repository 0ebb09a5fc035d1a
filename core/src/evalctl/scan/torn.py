"""Tables that may have been cut off within their last cell, which no reader can tell."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from evalctl.proving import Finding
from evalctl.proving.findings import Cases
from evalctl.scales import counted
from evalctl.sources.files import Form, read_file
from evalctl.sources.located import FileAt

_TABLES = frozenset({".csv", ".tsv"})
_KNOWN = 10_000
"""Different last cells that are remembered."""


def torn(parts: Iterable[FileAt], names: Iterable[str]) -> Iterator[Finding]:
    """Yield the tables whose last line does not end, unless its last cell stands elsewhere too.

    Some tables are published without a last line break; a label that others have is not cut off.

    Args:
        parts: The files of a group.
        names: What people call them.
    """
    cases = Cases()
    for part, name in zip(parts, names, strict=True):
        is_table = part.path.suffix.lower() in _TABLES
        if is_table and not _ends(part) and (cell := _last_cell(part)):
            cases.add(name, f"it ends in {cell!r}")
    if cases.total:
        told = counted(cases.total, "table ends", "tables end")
        text = f"{told} without a line break: was something cut off?"
        yield cases.finding("torn", "look", text)


def _ends(part: FileAt) -> bool:
    with part.path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _last_cell(part: FileAt) -> str:
    """Return the last cell of a table; nothing where an earlier row has the same one there."""
    known: set[str] = set()
    last = ""
    for line in read_file(part.path, 0, lambda _at, _why: None, Form(part.columns)):
        if last and len(known) < _KNOWN:
            known.add(last)
        last = str([*line.data.values()][-1])
    return "" if last in known else last
