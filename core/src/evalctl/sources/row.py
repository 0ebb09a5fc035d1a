"""One row of a dataset as it was read, with where it was read, or what is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple, cast

from pydantic import JsonValue

from evalctl import images
from evalctl.errors import DatasetError
from evalctl.records import ImageRef

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
    cells: Mapping[str, ImageRef] = {}
    """Where bytes are that it does not hold: by column, with `.` before a field of it."""


def without_bytes(row: Mapping[str, object], path: Path, number: int, location: str) -> Line:
    """Return a row of an Arrow or Parquet file in which `sha256:…` stands for all bytes.

    Args:
        row: As the file has it.
        path: The file.
        number: The row's, within the file.
        location: For messages.
    """
    cells: dict[str, ImageRef] = {}

    def mark(value: object, column: str) -> JsonValue:
        if isinstance(value, bytes):
            digest = hashlib.sha256(value).hexdigest()
            cells[column] = ImageRef(path=str(path), row=number, column=column, digest=digest)
            return f"sha256:{digest}"
        if isinstance(value, dict):
            return {key: mark(one, f"{column}.{key}") for key, one in value.items()}
        if isinstance(value, list):
            return [mark(one, f"{column}[]") for one in value]
        return cast("JsonValue", value)

    data = {column: mark(value, column) for column, value in row.items()}
    return Line(data, location, cells)


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
    file: Path | None = None
    """The file that it was read from; None where it comes from no file."""
    cells: Mapping[str, ImageRef] = {}
    """Where bytes are that it does not hold, as in `Line`."""

    def image(self, column: str) -> ImageRef:
        """Return the image that a column holds (in a Parquet file) or names, as `image_at` does.

        Raises:
            ValueError: It does neither.
        """
        for name in (column, f"{column}.bytes"):  # the second as Hugging Face's datasets hold one
            if name in self.cells:
                return self.cells[name]
        return self.image_at(self.text(column))

    def image_at(self, path: str) -> ImageRef:
        """Return the image in a file beside the row's own.

        One that is not there is referred to all the same: what cannot be seen is the failure of the
        sample, and not of the dataset.

        Args:
            path: Relative to the folder of the row's file, with `/`.

        Raises:
            ValueError: It leads out of that folder, or the row comes from no file.
        """
        return images.reference(self._beside(path))

    def json_beside(self, path: str) -> JsonValue:
        """Return what a JSON file beside the row's own holds.

        Args:
            path: As for `image_at`.

        Raises:
            ValueError: It is not there, larger than 64 MiB, or not JSON; or as `image_at`.
        """
        file = self._beside(path)
        if not file.is_file() or file.stat().st_size > MAX_LINE_BYTES:
            raise ValueError(f"there is no file {file}, or it is larger than {MAX_LINE_BYTES:,}")
        try:
            found: JsonValue = json.loads(file.read_bytes())
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{file} is not JSON: {error}") from None
        return found

    def _beside(self, path: str) -> Path:
        parts = PurePosixPath(path).parts
        if self.file is None:
            raise ValueError(f"{path!r:.120} cannot be found: the row comes from no file")
        if not parts or parts[0] == "/" or ".." in parts or "\\" in path or "\0" in path:
            raise ValueError(f"{path!r:.120} is not a path within the folder of the row's file")
        return self.file.parent.joinpath(*parts)

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
