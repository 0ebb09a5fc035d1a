"""jsonl: one flat object a sample and completion, as `rows.CompletionRow` says."""

from __future__ import annotations

from pydantic import BaseModel

from evalctl.exporting.drafts import TextSink
from evalctl.exporting.formats import ExportOptions
from evalctl.exporting.json_text import json_text
from evalctl.exporting.rows import CompletionRow, all_rows
from evalctl.exporting.source import ExportSource


def write_jsonl(source: ExportSource, sink: TextSink, options: ExportOptions) -> tuple[str, ...]:
    """Write a run as JSON Lines.

    Raises:
        OutputError: A line of the run folder is damaged.
    """
    del options
    for row in all_rows(source):
        sink.write(json_text(_plain(row)) + "\n")
    return ()


def _plain(row: CompletionRow) -> dict[str, object]:
    return row.columns() | {
        "prompt_messages": _dumped(row.prompt_messages),
        "continuations": _dumped(row.continuations),
        "scores": {name: score.model_dump(mode="json") for name, score in row.scores.items()},
    }


def _dumped(values: tuple[BaseModel, ...] | None) -> list[object] | None:
    return None if values is None else [value.model_dump(mode="json") for value in values]
