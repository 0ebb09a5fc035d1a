"""Rows of JSON: a line each, the elements of an array, or what an object holds.

Arrays and objects are parsed value by value as the file comes in, so that a file of one line needs
no more memory than its largest value, which is bounded.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple

from pydantic import JsonValue

from evalctl.sources.row import MAX_LINE_BYTES, Line, OnBroken

COLUMNS = "[]"
"""Stands for the place of rows in an object whose values are the columns."""
MAX_COLUMN_BYTES = 256 << 20
"""A file of columns is held whole, and a larger one refused."""
_CHUNK_BYTES = 1 << 16
_BLANK = " \t\r\n"
_OTHERS = {"[": "list", '"': "str"}
_NEAR_END = 16
"""An error so near to the end of what was read may be gone once more was."""


def read_lines(file: BinaryIO, place: str, start: int, told: OnBroken) -> Iterator[Line]:
    """Yield the objects of JSON Lines behind the first `start` ones, which are not even parsed."""
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        location = f"{place}:{number}"
        if len(line) > MAX_LINE_BYTES:
            told(location, f"the line is longer than {MAX_LINE_BYTES:,} bytes")
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE_BYTES)
            continue
        if not line.strip():
            continue
        if start > 0:
            start -= 1
        elif (row := _parse_line(line, location, told)) is not None:
            yield Line(row, location)


def read_array(file: BinaryIO, place: str, told: OnBroken) -> Iterator[Line]:
    """Yield the objects of an array."""
    reader = _Reader(file)
    index = 0
    try:
        reader.expect("[")
        for index, value in enumerate(reader.elements()):
            yield from _line(value, f"{place}[{index}]", told)
            index += 1
        reader.expect_end()
    except _JsonError as error:
        told(f"{place}[{index}]" if index else place, f"not a JSON array: {error}")


def read_object(file: BinaryIO, place: str, within: str, told: OnBroken) -> Iterator[Line]:
    """Yield the rows that an object holds, see `FileParts.within`."""
    reader = _Reader(file)
    is_there = within == "*"
    last = ""
    try:
        if (sign := reader.next_sign()) in _OTHERS:
            told(place, f"a JSON object is needed, not {_OTHERS[sign]}")
            return
        reader.expect("{")
        for key in reader.names():
            last = key
            if within == "*":
                yield from _keyed(key, reader.value(), f"{place}[{json.dumps(key)}]", told)
            elif key == within and reader.next_sign() == "[":
                is_there = True
                reader.expect("[")
                for index, value in enumerate(reader.elements()):
                    yield from _line(value, f"{place}[{json.dumps(key)}][{index}]", told)
            else:
                reader.value()
        reader.expect_end()
    except _JsonError as error:
        behind = f", behind {last!r}" if last else ""
        told(place, f"not a JSON object: {error}{behind}")
        return
    if not is_there:
        told(place, f"the object has no list under {within!r}, which holds its rows")


def read_columns(file: BinaryIO, place: str, told: OnBroken) -> Iterator[Line]:
    """Yield the rows of an object whose values are columns: lists, or objects by row number."""
    reader = _Reader(file)
    columns: dict[str, list[JsonValue]] = {}
    try:
        reader.expect("{")
        for name in reader.names():
            value = reader.value()
            if isinstance(value, dict):
                value = [*value.values()]
            if not isinstance(value, list):
                raise _JsonError(f"{name!r} holds {type(value).__name__} in place of a list")
            columns[name] = value
            if reader.n_bytes > MAX_COLUMN_BYTES:
                raise _JsonError(f"its columns are longer than {MAX_COLUMN_BYTES:,} bytes")
        reader.expect_end()
    except _JsonError as error:
        told(place, f"not a JSON object of columns: {error}")
        return
    if len({len(column) for column in columns.values()}) > 1:
        told(place, "the object's columns are not as long as each other")
        return
    for index, values in enumerate(zip(*columns.values(), strict=True)):
        yield Line(dict(zip(columns, values, strict=True)), f"{place}[{index}]")


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
        for index, value in enumerate(inner):
            where = f"{line.location}[{json.dumps(column)}][{index}]"
            for one in _line(value, where, told):
                yield Line({**outer, **one.data}, one.location, line.cells)


def _keyed(key: str, value: JsonValue, location: str, told: OnBroken) -> Iterator[Line]:
    for line in _line(value, location, told):
        yield Line({"key": key, **line.data}, location)


def _parse_line(line: bytes, location: str, told: OnBroken) -> Mapping[str, JsonValue] | None:
    try:
        value = json.loads(line.removeprefix(codecs.BOM_UTF8).decode())
    except (ValueError, RecursionError) as error:
        torn = "" if line.endswith(b"\n") else "; the file ends here: is it all there?"
        told(location, f"not a JSON object: {error}{torn}")
        return None
    if isinstance(value, dict):
        return value
    told(location, f"a JSON object is needed, not {type(value).__name__}")
    return None


def _line(value: JsonValue, location: str, told: OnBroken) -> Iterator[Line]:
    if isinstance(value, dict):
        yield Line(value, location)
    else:
        told(location, f"a JSON object is needed, not {type(value).__name__}")


class _JsonError(Exception):
    """What was read is no JSON, or more than is held."""


class _Scanned(NamedTuple):
    """A value, and where it ends in what is held."""

    value: JsonValue
    end: int


class _Reader:
    """Values out of a file, as many characters of it held as the next value has."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._parser = json.JSONDecoder()
        self._held = ""
        self._at = 0
        self._is_whole = False
        self.n_bytes = 0
        """How many bytes were read."""

    def next_sign(self) -> str:
        """Return the next character that is not blank, and leave it; nothing at the end."""
        while True:
            while self._at < len(self._held):
                if (sign := self._held[self._at]) not in _BLANK:
                    return sign
                self._at += 1
            if not self._more(_CHUNK_BYTES):
                return ""

    def expect(self, sign: str) -> None:
        """Pass over a character."""
        if (found := self.next_sign()) != sign:
            raise _JsonError(f"{sign!r} is needed, not {found!r}" if found else "it ends too early")
        self._at += 1

    def expect_end(self) -> None:
        """Refuse what stands behind the last value."""
        if found := self.next_sign():
            raise _JsonError(f"extra data: {found!r}")

    def elements(self) -> Iterator[JsonValue]:
        """Yield the values of the array that was opened, and pass over its end."""
        if self._closes("]"):
            return
        while True:
            yield self.value()
            if self._closes("]"):
                return
            self.expect(",")

    def names(self) -> Iterator[str]:
        """Yield the keys of the object that was opened; whoever asks reads the values."""
        if self._closes("}"):
            return
        while True:
            if not isinstance(key := self.value(), str):
                raise _JsonError("a key is needed, in quotation marks")
            self.expect(":")
            yield key
            if self._closes("}"):
                return
            self.expect(",")

    def value(self) -> JsonValue:
        """Return the next value."""
        self.next_sign()
        wanted = _CHUNK_BYTES
        while True:
            found = self._scan()
            if found is not None:
                self._at = found.end
                return found.value
            wanted *= 2
            if len(self._held) - self._at > MAX_LINE_BYTES:
                raise _JsonError(f"a value is longer than {MAX_LINE_BYTES:,} bytes")
            self._more(wanted)

    def _scan(self) -> _Scanned | None:
        """Return the next value; None where more of the file may be needed for it."""
        try:
            value, end = self._parser.raw_decode(self._held, self._at)
        except json.JSONDecodeError as error:
            is_cut = error.msg.startswith("Unterminated") or (
                error.pos > len(self._held) - _NEAR_END
            )
            if is_cut and not self._is_whole:
                return None
            raise _JsonError(error.msg.lower() if self._held else "it ends too early") from None
        except (ValueError, RecursionError) as error:  # numbers and nesting without end
            raise _JsonError(str(error)) from None
        if end == len(self._held) and not self._is_whole:
            return None  # a number may go on
        return _Scanned(value, end)

    def _closes(self, sign: str) -> bool:
        if self.next_sign() != sign:
            return False
        self._at += 1
        return True

    def _more(self, n_bytes: int) -> bool:
        """Hold more of the file; return whether there was any."""
        if self._is_whole:
            return False
        data = self._file.read(n_bytes)
        self._is_whole = not data
        self.n_bytes += len(data)
        try:
            text = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise _JsonError(f"not UTF-8: {error.reason}") from None
        self._held = self._held[self._at :] + text
        self._at = 0
        return bool(data)
