"""Rows of an XML file: each element inside of the outermost one is a row, read as a stream.

A row's columns are the element's attributes and the elements inside of it. An element that has
neither is its text; one that has is an object again, with its own text under `text`; elements of
one name are a list. Names lose their namespaces. A document type is refused, and with it every
entity of the file's own: nothing is expanded and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from pydantic import JsonValue

from evalctl.sources.row import MAX_LINE_BYTES, Line, OnBroken

MAX_DEPTH = 64
"""Elements inside of each other; a file with more is refused."""

_CHUNK_BYTES = 1 << 16
_ELEMENT_BYTES = 64
"""What an element without a text counts for."""


def read_xml(file: BinaryIO, place: str, told: OnBroken) -> Iterator[Line]:
    """Yield the rows of an XML file in order; no more of it is held than a chunk has.

    Args:
        file: Its bytes.
        place: Its name, for messages.
        told: Told of what is no row, by file and element, and of what ends the reading.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, ParseError

    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    problem = ""
    while not problem:
        chunk = file.read(_CHUNK_BYTES)
        try:
            builder.take(len(chunk))
            parser.feed(chunk)
            if not chunk:
                parser.close()
        except ParseError as error:
            problem = f"it is not well-formed XML: {error.msg}"
        except DefusedXmlException:
            problem = "it declares a document type or entities, which are never read"
        except _BoundError as error:
            problem = str(error)
        yield from builder.finished(place, told)
        if not chunk:
            break
    if problem:
        last = f"{place}[{builder.count}]" if builder.count else place
        told(last, f"behind this, {problem}; the rest cannot be read")


class _BoundError(Exception):
    """The file goes beyond what is read."""


@dataclass
class _Open:
    """An element whose end has not come."""

    name: str
    columns: dict[str, JsonValue]
    """Its attributes, and the elements inside of it that are whole."""
    texts: list[str] = field(default_factory=list)
    lists: set[str] = field(default_factory=set)
    """Names of elements inside of it of which there are several."""
    inside: set[str] = field(default_factory=set)
    """Names of all elements inside of it."""

    def add(self, name: str, value: JsonValue) -> str:
        """Take an element inside of it; return what is wrong with that, if anything."""
        if name not in self.columns:
            self.columns[name] = value
        elif name not in self.inside:
            return f"<{self.name}> has the attribute {name!r} and an element of that name"
        elif name in self.lists:
            several = self.columns[name]
            assert isinstance(several, list), "made below"
            several.append(value)
        else:
            self.columns[name] = [self.columns[name], value]
            self.lists.add(name)
        self.inside.add(name)
        return ""

    def value(self) -> JsonValue:
        """Return what it is, now that it is whole."""
        text = "".join(self.texts)
        if not self.columns:
            return text
        if text.strip():
            self.columns.setdefault("text", text.strip())
        return self.columns


class _Builder:
    """What the parser tells of: builds rows, and lets go of each once it is whole."""

    def __init__(self) -> None:
        self.count = 0
        """Rows that were whole."""
        self._open: list[_Open] = []
        self._whole: list[tuple[str, JsonValue, str]] = []
        self._problem = ""
        self._size = 0

    def take(self, n_bytes: int) -> None:
        """Count what the parser reads next, which it holds until a name or value is whole."""
        self._count(n_bytes)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if len(self._open) >= MAX_DEPTH:
            raise _BoundError(f"elements are inside of each other more than {MAX_DEPTH} times")
        self._count(_ELEMENT_BYTES)
        self._open.append(_Open(_local(tag), {_local(k): v for k, v in attributes.items()}))

    def data(self, text: str) -> None:
        """A text, or a part of one."""
        if len(self._open) > 1:
            self._count(len(text))
            self._open[-1].texts.append(text)

    def end(self, tag: str) -> None:
        """An element is whole."""
        element = self._open.pop()
        if len(self._open) > 1:
            self._problem = self._open[-1].add(element.name, element.value()) or self._problem
        elif self._open:
            self.count += 1
            self._whole.append((element.name, element.value(), self._problem))
            self._problem, self._size = "", 0

    def close(self) -> None:
        """The file ends."""

    def finished(self, place: str, told: OnBroken) -> Iterator[Line]:
        """Yield the rows that are whole, and forget them."""
        first = self.count - len(self._whole) + 1
        whole, self._whole = self._whole, []
        for number, (name, value, problem) in enumerate(whole, first):
            location = f"{place}:{name}[{number}]"
            if problem:
                told(location, problem)
            else:
                yield Line(value if isinstance(value, dict) else {"text": value}, location)

    def _count(self, n_bytes: int) -> None:
        self._size += n_bytes
        if self._size > MAX_LINE_BYTES:
            raise _BoundError(f"an element is longer than {MAX_LINE_BYTES:,} bytes")


def _local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]
