"""One row of a dataset as it was read, with where it was read, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.errors import DatasetError

MAX_LINE_BYTES = 64 << 20
"""A longer line, cell or element is refused, so that a broken file cannot fill the memory."""

OnBroken = Callable[[str, str], None]
"""Told where a row is that cannot be read, and why; where it returns, reading goes on behind it."""


def refuse(location: str, reason: str) -> None:
    """End reading at a broken row.

    Raises:
        DatasetError: Always.
    """
    raise DatasetError(f"{location}: {reason}")


class Line(NamedTuple):
    """One row of a file, before it is part of a source."""

    data: Mapping[str, JsonValue]
    """Columns by name."""
    location: str
    """For messages."""


def texts_in(value: JsonValue, what: str) -> list[str]:
    """Return what must be a list of texts, such as one inside of a column.

    Args:
        value: What is there.
        what: What it is called in messages.

    Raises:
        ValueError: It is no list, or holds something else than texts.
    """
    entries = value if isinstance(value, Sequence) and not isinstance(value, str) else (None,)
    texts = [one for one in entries if isinstance(one, str)]
    if len(texts) < len(entries):
        raise ValueError(f"{what} holds {value!r:.80}; a list of texts is needed")
    return texts


class Row(NamedTuple):
    """One row, before any adapter has looked at it."""

    data: Mapping[str, JsonValue]
    """Columns by name."""
    number: int
    """Position among all rows of the source, from 0."""
    part: str
    """Label of the source's part that it comes from, such as a year or a subject."""
    location: str
    """For messages: `file:line`, or `hub id[index]`."""

    def text(self, column: str) -> str:
        """Return a column that must hold a text with something in it.

        Raises:
            ValueError: The column is missing, not a text, or empty.
        """
        value = self.data.get(column)
        if not isinstance(value, str) or not value.strip():
            found = "is missing" if column not in self.data else f"holds {value!r:.80}"
            raise ValueError(f"column {column!r} {found}; a text is needed")
        return value

    def texts(self, column: str) -> list[str]:
        """Return a column that must hold a list of texts.

        Raises:
            ValueError: The column is missing, or no list of texts alone.
        """
        if column not in self.data:
            raise ValueError(f"column {column!r} is missing; a list of texts is needed")
        return texts_in(self.data[column], f"column {column!r}")
