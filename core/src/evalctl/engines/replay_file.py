"""Recorded outputs on disk: reading, validating and finding rows in a JSON Lines file.

A row is `{"dataset": "gsm8k", "id": "12", "completions": ["..."]}`, with an optional
`"finish_reasons": ["stop"]`; a completion of several turns is a list of replies. Of a
classifier it is `{"dataset": "…", "id": "12", "labels": {"…": 0.9}}`, with the probability of each
label.

Memory does not grow with the number of rows: what must be looked up out of order goes through an
index in a temporary SQLite file.
"""

from __future__ import annotations

import difflib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeGuard, cast, get_args

from evalctl.errors import ModelError
from evalctl.protocols import Capability
from evalctl.records import FinishReason
from evalctl.sources.row import MAX_LINE_BYTES

BATCH_ROWS = 1_000
"""Rows that are put into the index at once."""

_KEYS = frozenset({"dataset", "id", "completions", "finish_reasons", "labels", "is_prompt_cut"})
_STOP: FinishReason = "stop"
_FINISH_REASONS = tuple(reason for reason in get_args(FinishReason) if reason != "error")


class Place(NamedTuple):
    """Where a line stands in its file."""

    offset: int
    number: int


class RecordedRow(NamedTuple):
    """One sample's recorded completions, or the labels that it was given."""

    dataset: str
    id: str
    completions: tuple[tuple[str, ...], ...]
    """Each with its replies, one for each turn."""
    finish_reasons: tuple[FinishReason, ...]
    """As many as completions; all `stop` where the row does not say."""
    labels: Mapping[str, float] = {}
    """Probability by label; then there are no completions."""
    is_prompt_cut: bool = False
    """Whether the model read only a part of the prompt."""

    @property
    def holds(self) -> Capability:
        """What an engine was asked for that gave it."""
        return "classify" if self.labels else "generate"


def parse_row(line: bytes, location: str) -> RecordedRow:
    """Return a line as a row.

    Args:
        line: The bytes of one line.
        location: `FILE:LINE` for messages.

    Raises:
        ModelError: It is not a row of recorded completions; the message says what is wrong.
    """
    try:
        data = json.loads(line.decode())  # faster than letting json guess the encoding
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{location}: not a JSON object: {error}") from None
    if not isinstance(data, dict):
        raise ModelError(f"{location}: a JSON object is needed, not {type(data).__name__}")
    if not data.keys() <= _KEYS:
        _refuse_misspelt(data, location)
    dataset, sample_id = _text(data, "dataset", location), _text(data, "id", location)
    if "labels" in data:
        row = RecordedRow(dataset, sample_id, (), (), _labels(data, location))
    else:
        completions = _completions(data, location)
        row = RecordedRow(
            dataset, sample_id, completions, _reasons(data, len(completions), location)
        )
    is_cut = data.get("is_prompt_cut", False)
    if not isinstance(is_cut, bool):
        raise ModelError(f'{location}: "is_prompt_cut" must be true or false, not {is_cut!a:.80}')
    return row._replace(is_prompt_cut=is_cut)


def _reasons(data: dict[str, object], count: int, location: str) -> tuple[FinishReason, ...]:
    if "finish_reasons" not in data:
        return (_STOP,) * count
    reasons = _texts(data, "finish_reasons", location)
    if len(reasons) != count or not set(reasons).issubset(_FINISH_REASONS):
        raise ModelError(
            f'{location}: "finish_reasons" must hold one of {", ".join(_FINISH_REASONS)} for each '
            f"of {count} completions, not {list(reasons)!r:.120}"
        )
    return cast("tuple[FinishReason, ...]", reasons)


def read_lines(
    path: Path, on_line: Callable[[bytes], None] | None = None
) -> Iterator[tuple[bytes, Place]]:
    """Yield the lines of a file that are not blank, with their places.

    Args:
        path: The file.
        on_line: Called with every line, blank ones too; for hashing on the way.

    Raises:
        ModelError: A line is longer than 64 MiB.
    """
    offset = number = 0
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if on_line is not None:
                on_line(line)
            if not line.isspace():
                yield line_without_mark(line, path, number), Place(offset, number)
            offset += len(line)


def line_without_mark(line: bytes, path: Path, number: int) -> bytes:
    """Return a line without a byte order mark, which some editors put before the first one.

    Raises:
        ModelError: The line is too long.
    """
    if len(line) > MAX_LINE_BYTES:
        raise ModelError(f"{path}:{number}: the line is longer than {MAX_LINE_BYTES} bytes")
    return line.removeprefix(b"\xef\xbb\xbf")


class Index:
    """Offsets by dataset and sample id, in a temporary file that goes with the object."""

    def __init__(self) -> None:
        """Open an empty index."""
        self._database = sqlite3.connect("")  # SQLite's private temporary file
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE rows (dataset TEXT, id TEXT, offset INT, line INT)")

    def fill(self, rows: Iterator[tuple[RecordedRow, Place]], path: Path) -> None:
        """Put all rows in.

        Raises:
            ModelError: Two rows have the same dataset and id, or there is no room.
        """
        insert = "INSERT INTO rows VALUES (?, ?, ?, ?)"
        entries = ((row.dataset, row.id, place.offset, place.number) for row, place in rows)
        try:
            while batch := list(islice(entries, BATCH_ROWS)):
                self._database.executemany(insert, batch)
            # Sorting once at the end is several times faster than keeping order all along.
            self._database.execute("CREATE UNIQUE INDEX by_key ON rows (dataset, id)")
        except sqlite3.IntegrityError:
            raise ModelError(self._describe_duplicate(path)) from None
        except sqlite3.OperationalError as error:
            raise ModelError(
                f"{path}: no room for the index of its rows in the folder for temporary files: "
                f"{error}; set SQLITE_TMPDIR to another one"
            ) from None

    def find(self, dataset: str, sample_id: str) -> Place | None:
        """Return where the sample's row stands, or None."""
        query = "SELECT offset, line FROM rows WHERE dataset = ? AND id = ?"
        found = self._database.execute(query, (dataset, sample_id)).fetchone()
        return None if found is None else Place(*found)

    def close(self) -> None:
        """Remove the temporary file; may be called twice."""
        self._database.close()

    def _describe_duplicate(self, path: Path) -> str:
        query = (
            "SELECT dataset, id, min(line), max(line) FROM rows GROUP BY dataset, id "
            "HAVING count(*) > 1 ORDER BY min(line) LIMIT 1"
        )
        dataset, sample_id, first, last = self._database.execute(query).fetchone()
        return (
            f"{path}:{last}: sample {sample_id!r} of dataset {dataset!r} was recorded before, on "
            f"line {first}; put all of its completions into one row"
        )


class Recording:
    """A file of recorded completions, read forward where it can be and by index where not."""

    def __init__(self, path: Path) -> None:
        """Open the file."""
        self.path = path
        self._file: BinaryIO = path.open("rb")
        self._name = str(path)
        self._number = 0
        self._ahead: RecordedRow | None = None
        self._index: Index | None = None

    def find(self, dataset: str, sample_id: str) -> RecordedRow | None:
        """Return the sample's row, or None where it has none.

        Raises:
            ModelError: The file is broken.
        """
        row = self._ahead or self._read()
        if row is None or row.dataset != dataset or row.id != sample_id:
            self._ahead = row
            if (place := self._indexed().find(dataset, sample_id)) is None:
                return None
            self._file.seek(place.offset)
            self._number = place.number - 1
            row = self._read()
        self._ahead = None
        return row

    def close(self) -> None:
        """Close the file and remove the index; may be called twice."""
        self._file.close()
        if self._index is not None:
            self._index.close()

    def _read(self) -> RecordedRow | None:
        while line := self._file.readline(MAX_LINE_BYTES + 1):
            self._number += 1
            if not line.isspace():
                line = line_without_mark(line, self.path, self._number)
                return parse_row(line, f"{self._name}:{self._number}")
        return None

    def _indexed(self) -> Index:
        if self._index is None:
            self._index = Index()
            self._index.fill(read_rows(self.path), self.path)
        return self._index


def read_rows(
    path: Path, on_line: Callable[[bytes], None] | None = None
) -> Iterator[tuple[RecordedRow, Place]]:
    """Yield the rows of a file with their places.

    Raises:
        ModelError: A row is broken.
    """
    name = str(path)
    for line, place in read_lines(path, on_line):
        yield parse_row(line, f"{name}:{place.number}"), place


def read_ids(path: Path, dataset: str) -> Iterator[str]:
    """Yield the ids of a dataset's rows, in the file's order.

    Raises:
        ModelError: A row is broken.
    """
    return (row.id for row, _ in read_rows(path) if row.dataset == dataset)


def _text(data: dict[str, object], key: str, location: str) -> str:
    value = data.get(key)
    if not _is_text(value) or not value:
        found = f"it is {value!a:.80}" if key in data else "it is missing"
        raise ModelError(f'{location}: "{key}" must be a text that is not empty; {found}')
    return value


def _texts(data: dict[str, object], key: str, location: str) -> tuple[str, ...]:
    value = data.get(key)
    if not isinstance(value, list) or not value or not all(map(_is_text, value)):
        found = f"it is {value!a:.80}" if key in data else "it is missing"
        raise ModelError(f'{location}: "{key}" must be a list of at least one text; {found}')
    return tuple(value)


def _completions(data: dict[str, object], location: str) -> tuple[tuple[str, ...], ...]:
    """Return completions, each of which is a text or a list of replies."""
    value = data.get("completions")
    if isinstance(value, list) and any(isinstance(one, list) for one in value):
        found = [one if isinstance(one, list) else [one] for one in value]
        if all(one and all(map(_is_text, one)) for one in found):
            return tuple(map(tuple, found))
        raise ModelError(
            f'{location}: each of "completions" must be a text, or a list of replies that are '
            f"texts, one for each turn; it is {value!a:.80}"
        )
    return tuple((text,) for text in _texts(data, "completions", location))


def _labels(data: dict[str, object], location: str) -> dict[str, float]:
    given = data["labels"]
    if set(data) & {"completions", "finish_reasons"}:
        raise ModelError(f'{location}: a row has "labels" or "completions", not both')
    if not isinstance(given, dict) or not given or not all(map(_is_text, given)):
        raise ModelError(
            f'{location}: "labels" must be an object with a probability for each label; it is '
            f"{given!a:.80}"
        )
    for label, value in given.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= 1:
            raise ModelError(
                f"{location}: the probability of label {label!a:.80} must be a number from 0 to 1; "
                f"it is {value!a:.80}"
            )
    return {label: float(value) for label, value in given.items()}


def _is_text(value: object) -> TypeGuard[str]:
    """Half a surrogate pair is none: JSON can escape one, but nobody can store it."""
    if not isinstance(value, str):
        return False
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False


def _refuse_misspelt(data: dict[str, object], location: str) -> None:
    """Other keys are welcome and ignored, but not those that look like a slip of the pen."""
    for key in data:
        if meant := _misspelt(key):
            raise ModelError(f'{location}: unknown key "{key}"; did you mean "{meant}"?')


@lru_cache(maxsize=1024)
def _misspelt(key: str) -> str | None:
    near = [] if key in _KEYS else difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.8)
    return near[0] if near else None
