"""Sentences of a CoNLL file as a stream: a token a line, its columns apart by tabs or spaces.

A blank line ends a sentence, `-DOCSTART-` begins a document. Each sentence is a row: a list for
each column, the first named `tokens` and the last `tags`, with the number of its document and what
stood behind `-DOCSTART-`. What tags mean is for `evalctl.spans`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from pydantic import JsonValue

from evalctl.sources.row import Line, OnBroken

MAX_LINE_BYTES = 1 << 16
"""A longer line is no token."""
MAX_TOKENS = 20_000
"""A sentence with more is refused: the blank lines are missing."""

_TAG = re.compile(r"O|[BIESLU]-\S+")
_DOCUMENT = "-DOCSTART-"


def is_conll(head: bytes) -> bool:
    """Return whether a file begins like one: with a document, or with lines that end in tags."""
    whole = head[: head.rfind(b"\n") + 1] or head
    lines = whole.decode("utf-8-sig", errors="replace").split("\n")
    rows = [_cells(line) for line in lines if line.strip()]
    if rows and rows[0][0] == _DOCUMENT:
        return True
    tagged = [row for row in rows if len(row) > 1 and _TAG.fullmatch(row[-1])]
    return 2 * len(tagged) > len(rows)  # not all of them: a broken one is to be told as such


def read_conll(
    file: BinaryIO, place: str, told: OnBroken, columns: Sequence[str] = ()
) -> Iterator[Line]:
    """Yield the sentences of a file in order.

    Args:
        file: Its bytes.
        place: Its name, for messages.
        told: Told of sentences that cannot be read, by file and line; they are passed over.
        columns: Names of all columns; empty names the first and the last alone.

    Raises:
        DatasetError: There is one, unless `told` takes it.
    """
    reader = _Reader(place, told, tuple(columns))
    number = 0
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            reader.spoil(number, f"the line is longer than {MAX_LINE_BYTES:,} bytes")
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(MAX_LINE_BYTES)
            continue
        yield from reader.take(number, raw)
    yield from reader.finish()


class _Reader:
    """The sentence that is being read."""

    def __init__(self, path: str, told: OnBroken, columns: tuple[str, ...]) -> None:
        self._path = path
        self._told = told
        self._columns = columns
        self._width = len(columns)
        self._rows: list[list[str]] = []
        self._first = 0
        self._is_spoilt = False
        self._document = -1
        self._heading = ""

    def take(self, number: int, raw: bytes) -> Iterator[Line]:
        """Take a line in; yield the sentence that it ends."""
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            self.spoil(number, f"not UTF-8: {error.reason}")
            return
        if not line.strip():
            yield from self.finish()
            return
        cells = _cells(line)
        if cells[0] == _DOCUMENT:
            yield from self.finish()
            self._document += 1
            self._heading = " ".join(cells[1:])
            return
        self._add(number, cells)

    def _add(self, number: int, cells: list[str]) -> None:
        self._width = self._width or len(cells)
        if len(cells) != self._width or len(cells) < 2:
            self.spoil(number, f"{len(cells)} columns, where {max(self._width, 2)} are needed")
        elif len(self._rows) >= MAX_TOKENS:
            self.spoil(
                number, f"a sentence of more than {MAX_TOKENS:,} tokens; no blank line ends it"
            )
        elif not self._is_spoilt:
            self._first = self._first if self._rows else number
            self._rows.append(cells)

    def spoil(self, number: int, reason: str) -> None:
        """Give the sentence up, and tell why at its first fault."""
        if not self._is_spoilt:
            self._is_spoilt = True
            self._rows = []
            self._told(f"{self._path}:{number}", reason)

    def finish(self) -> Iterator[Line]:
        """Yield the sentence that is open, and begin another."""
        rows, self._rows, self._is_spoilt = self._rows, [], False
        if rows:
            names = self._columns or _names(len(rows[0]))
            data: dict[str, JsonValue] = {
                name: list(cells)
                for name, cells in zip(names, zip(*rows, strict=True), strict=True)
            }
            data["document"] = max(self._document, 0)
            data["heading"] = self._heading
            yield Line(data, f"{self._path}:{self._first}")


def _names(width: int) -> tuple[str, ...]:
    return ("tokens", *(f"column_{number}" for number in range(2, width)), "tags")


def _cells(line: str) -> list[str]:
    return line.strip("\r\n").split("\t") if "\t" in line else line.split()
