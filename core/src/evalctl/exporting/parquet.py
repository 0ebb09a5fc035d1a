"""parquet: the rows of jsonl with types. The one file of the exports that imports `pyarrow`.

Scores are a struct with a field for each scorer, metrics one with a field for each metric; the
metadata of samples, which differ from row to row, are JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from evalctl import __version__
from evalctl.exporting.json_text import json_text
from evalctl.exporting.rows import COLUMNS, CompletionRow, all_rows, metric_names, scorer_names
from evalctl.exporting.source import ExportSource

if TYPE_CHECKING:
    import pyarrow

GROUP_ROWS = 10_000
"""Rows that are held in memory at once, and make a row group."""
GROUP_CHARACTERS = 32_000_000
"""Characters of text at which a row group ends before it has all of its rows."""

_STRINGS = (
    "run_id", "model", "engine", "category", "dataset", "sample_id", "prompt_text", "target",
    "output", "reasoning", "finish_reason", "cluster", "metadata", "error",
)  # fmt: skip
_INTEGERS = ("index", "completion", "prompt_tokens", "output_tokens", "seed")
_REALS = ("seconds", "first_token_seconds")


def write_parquet(source: ExportSource, path: Path) -> tuple[str, ...]:
    """Write a run as one Parquet file, row group by row group.

    Raises:
        OutputError: A line of the run folder is damaged.
        OSError: The disk is full, or gone.
    """
    from pyarrow import RecordBatch
    from pyarrow.parquet import ParquetWriter

    scorers, metrics = scorer_names(source), metric_names(source)
    schema = _schema(source, scorers, metrics)
    with ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _groups(source, scorers, metrics):
            writer.write_batch(RecordBatch.from_pylist(group, schema=schema))
    return ()


def _groups(
    source: ExportSource, scorers: list[str], metrics: list[str]
) -> Iterator[list[dict[str, object]]]:
    """Yield rows by groups whose size in memory is bounded."""
    group: list[dict[str, object]] = []
    characters = 0
    for row in all_rows(source):
        group.append(_plain(row, scorers, metrics))
        characters += sum(map(len, (row.prompt_text or "", row.output or "", row.reasoning or "")))
        characters += sum(len(message.content) for message in row.prompt_messages or ())
        if len(group) >= GROUP_ROWS or characters >= GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _plain(row: CompletionRow, scorers: list[str], metrics: list[str]) -> dict[str, object]:
    return row.columns() | {
        "prompt_messages": row.prompt_messages and [dict(one) for one in row.prompt_messages],
        "continuations": row.continuations and [dict(one) for one in row.continuations],
        "labels": row.labels and list(row.labels.items()),
        "scores": {
            name: dict(row.scores[name]) if name in row.scores else None for name in scorers
        },
        "metrics": {name: row.metrics.get(name) for name in metrics},
        "metadata": json_text(row.metadata),
    }


def _schema(source: ExportSource, scorers: list[str], metrics: list[str]) -> pyarrow.Schema:
    import pyarrow as pa

    score = pa.struct(
        [
            ("value", pa.float64()),
            ("answer", pa.string()),
            ("explanation", pa.string()),
            ("failed", pa.bool_()),
            ("outcome", pa.string()),
        ]
    )
    message = pa.struct([("role", pa.string()), ("content", pa.string())])
    likelihood = pa.struct(
        [
            ("text", pa.string()),
            ("logprob", pa.float64()),
            ("tokens", pa.int64()),
            ("is_greedy", pa.bool_()),
        ]
    )
    types = {
        **dict.fromkeys(_STRINGS, pa.string()),
        **dict.fromkeys(_INTEGERS, pa.int64()),
        **dict.fromkeys(_REALS, pa.float64()),
        "from_cache": pa.bool_(),
        "is_prompt_cut": pa.bool_(),
        "prompt_messages": pa.list_(message),
        "continuations": pa.list_(likelihood),
        "labels": pa.map_(pa.string(), pa.float64()),
        "scores": pa.struct([(name, score) for name in scorers]),
        "metrics": pa.struct([(name, pa.float64()) for name in metrics]),
    }
    about = {
        "evalctl.run_id": source.manifest.run_id,
        "evalctl.manifest_sha256": source.manifest_hash,
        "evalctl.version": __version__,
        "evalctl.status": source.summary.status if source.summary else "unfinished",
    }
    return pa.schema([(name, types[name]) for name in COLUMNS], metadata=about)
