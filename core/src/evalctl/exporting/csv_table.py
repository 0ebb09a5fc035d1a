"""csv: the rows of jsonl as a table, with a column for each scorer's and each metric's figures.

Spreadsheets run a cell as a formula if it begins like one, and cells hold what a model wrote. So a
text that begins like one, and is no plain number, gets an apostrophe in front, which spreadsheets
show as nothing. So does a text that begins with an apostrophe: whoever takes one apostrophe off
every cell that begins with one has the text again.

Source: OWASP, "CSV Injection", for the characters.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from evalctl.exporting.drafts import TextSink
from evalctl.exporting.formats import ExportOptions
from evalctl.exporting.json_text import json_text
from evalctl.exporting.rows import COLUMNS, CompletionRow, all_rows, metric_names, scorer_names
from evalctl.exporting.source import ExportSource

SCORE_COLUMNS = ("value", "answer", "explanation", "failed", "outcome")
"""What there is of each scorer, as `score.SCORER.COLUMN`."""

_NESTED = ("scores", "metrics")
_PLAIN = tuple(name for name in COLUMNS if name not in _NESTED)
_FORMULA = re.compile("['=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)


def write_csv(source: ExportSource, sink: TextSink, options: ExportOptions) -> tuple[str, ...]:
    """Write a run as comma-separated values, with a header.

    Raises:
        OutputError: A line of the run folder is damaged.
    """
    scorers, metrics = scorer_names(source), metric_names(source)
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(header(scorers, metrics))
    for row in all_rows(source):
        cells = (_text(value) for value in _values(row, scorers, metrics))
        writer.writerow(cells if options.is_raw else map(guarded, cells))
    return ()


def header(scorers: list[str], metrics: list[str]) -> list[str]:
    """Return the names of the columns."""
    return [
        *_PLAIN,
        *(f"score.{scorer}.{column}" for scorer in scorers for column in SCORE_COLUMNS),
        *(f"metric.{metric}" for metric in metrics),
    ]


def _values(row: CompletionRow, scorers: list[str], metrics: list[str]) -> Iterator[object]:
    for name in _PLAIN:
        value = getattr(row, name)
        if name in {"prompt_messages", "continuations"} and value is not None:
            yield json_text([one.model_dump(mode="json") for one in value])
        else:
            is_json = name in {"metadata", "labels"} and value is not None
            yield json_text(value) if is_json else value
    for scorer in scorers:
        score = row.scores.get(scorer)
        for column in SCORE_COLUMNS:
            yield getattr(score, column) if score is not None else None
    for metric in metrics:
        yield row.metrics.get(metric)


def _text(value: object) -> str:
    """Return a cell: nothing for None, numbers so that they read back as the same."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
