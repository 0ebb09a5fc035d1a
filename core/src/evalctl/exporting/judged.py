"""A judge's scores by sample: they are in a file of their own, in the order of their verdicts."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter

from evalctl.records import Score
from evalctl.store import Judged, read_lines

_SCORES = TypeAdapter(tuple[Score, ...])


class JudgedIndex:
    """The scores of one file of verdicts, in a temporary file and not in memory."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            OutputError: A line is damaged; the message names it.
        """
        self._database = sqlite3.connect("")  # SQLite's private temporary file
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(
            "CREATE TABLE judged (sample TEXT, scorer TEXT, scores BLOB, "
            "PRIMARY KEY (sample, scorer)) WITHOUT ROWID"
        )
        self._database.executemany(
            "INSERT OR REPLACE INTO judged VALUES (?, ?, ?)",
            (
                (line.sample_id, line.scorer, _SCORES.dump_json(line.scores))
                for line in read_lines(path, Judged)
            ),
        )

    def scores(self, sample_id: str) -> Mapping[str, tuple[Score, ...]]:
        """Return a sample's scores by scorer; empty where no judge was asked about it."""
        query = "SELECT scorer, scores FROM judged WHERE sample = ?"
        found = self._database.execute(query, (sample_id,))
        return {scorer: _SCORES.validate_json(scores) for scorer, scores in found}

    def close(self) -> None:
        """Remove the temporary file."""
        self._database.close()
