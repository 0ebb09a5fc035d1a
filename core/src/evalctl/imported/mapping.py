"""From rows of any form to samples, by which column is what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import cast

from pydantic import JsonValue

from evalctl.errors import ConfigError
from evalctl.records import Record, Sample
from evalctl.sources import Row

FIELDS = ("question", "answer", "solution", "choices", "id", "cluster")
"""What columns can be mapped to, where they are not those of another dataset."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class ColumnMap(Record):
    """Which column of a file is what."""

    fields: Mapping[str, str]
    """By field, or by column of another dataset, the file's column; `A+B` takes several."""
    first_choice: int = 0
    """The number of the first choice, where answers are numbers of choices."""


def read_mapping(texts: Sequence[str]) -> dict[str, str]:
    """Return what texts of the form `FIELD=COLUMN,FIELD=COLUMN` map.

    Raises:
        ConfigError: One is of another form, or maps a field twice.
    """
    found: dict[str, str] = {}
    for part in (part.strip() for text in texts for part in text.split(",")):
        name, sign, column = part.partition("=")
        if not (name and sign and column):
            raise ConfigError(f"--map {part!r}: write it as FIELD=COLUMN, such as question=prompt")
        if name in found:
            raise ConfigError(f"--map {name} is given twice")
        found[name] = column
    return found


def sample_of(row: Row, *, columns: ColumnMap, tells_by_text: bool = False) -> Sample:
    """Return a row as a sample: a question, its answer, and what else is mapped.

    Args:
        row: The row.
        columns: The mapping.
        tells_by_text: Whether the right choice becomes its text, and not its letter.
    """
    fields = columns.fields
    choices = _choices(row.data, fields["choices"]) if "choices" in fields else ()
    answer = _text(row.data, fields["answer"]) if "answer" in fields else ""
    if choices:
        at = _right_choice(answer, choices, columns.first_choice)
        answer = choices[at] if tells_by_text else _LETTERS[at]
    used = {name for column in fields.values() for name in column.split("+")}
    return Sample(
        id=_text(row.data, fields["id"]) if "id" in fields else str(row.number),
        input=row.text(fields["question"]),
        target=answer,
        solution=_text(row.data, fields["solution"]) if "solution" in fields else answer,
        choices=choices,
        cluster=_text(row.data, fields["cluster"]) if "cluster" in fields else None,
        metadata={name: value for name, value in row.data.items() if name not in used},
    )


def renamed(row: Row, *, columns: ColumnMap, reader: Callable[[Row], Sample]) -> Sample:
    """Return a row as another dataset's adapter reads it, under the names that it knows."""
    data = dict(row.data)
    for name, column in columns.fields.items():
        if column not in data:
            raise ValueError(f"column {column!r} is missing")
        data[name] = row.data[column]
    return reader(row._replace(data=data))


def first_choice_of(rows: Sequence[Row], columns: ColumnMap) -> int:
    """Return the number of the first choice: 1 where answers go up to how many choices there are.

    Args:
        rows: Rows of the file; the more, the surer.
        columns: The mapping.

    Raises:
        ValueError: Answers are numbers, and none of them tells.
    """
    fields = columns.fields
    if not {"choices", "answer"} <= fields.keys():
        return 0
    numbers: list[tuple[int, int]] = []
    for row in rows:
        with suppress(ValueError):  # a broken row is told with its place when all are read
            choices = _choices(row.data, fields["choices"])
            answer = _text(row.data, fields["answer"])
            if answer.isdecimal() and answer not in choices:
                numbers.append((int(answer), len(choices)))
    if not numbers or min(number for number, _ in numbers) < 1:
        return 0
    if any(number == size for number, size in numbers):
        return 1
    least, most = min(numbers)[0], max(numbers)[0]
    raise ValueError(
        f"column {fields['answer']!r} has numbers from {least} to {most}, which tell not whether "
        "choices count from 0 or from 1; write the right choice's text or letter"
    )


def _text(data: Mapping[str, JsonValue], column: str) -> str:
    value = data.get(column)
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value:
        return str(value)
    found = "is missing" if column not in data else f"holds {value!r:.80}"
    raise ValueError(f"column {column!r} {found}; a text or a number is needed")


def _choices(data: Mapping[str, JsonValue], column: str) -> tuple[str, ...]:
    """Return the choices: of several columns, of a list, or of the hub's texts with labels."""
    if "+" in column:
        return tuple(_text(data, name) for name in column.split("+"))
    value = data.get(column)
    if isinstance(value, Mapping):
        value = value.get("text", value.get("choices"))
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) < 2:
        raise ValueError(f"column {column!r} holds {value!r:.80}; a list of choices is needed")
    if not all(isinstance(one, str) for one in value):
        raise ValueError(f"column {column!r} must hold texts as choices")
    return tuple(cast("Sequence[str]", value))


def _right_choice(answer: str, choices: Sequence[str], first: int) -> int:
    """Return where the right choice is, which is told by its text, its letter or its number.

    Raises:
        ValueError: It is none of them.
    """
    letters = _LETTERS[: len(choices)]
    if answer in choices:
        return [*choices].index(answer)
    if len(answer) == 1 and answer.upper() in letters:
        return letters.index(answer.upper())
    if answer.isdecimal() and 0 <= int(answer) - first < len(choices):
        return int(answer) - first
    raise ValueError(f"the answer {answer[:60]!r} is none of {len(choices)} choices")
