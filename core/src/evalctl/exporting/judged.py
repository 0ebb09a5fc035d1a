"""A judge's scores by sample: they are in a file of their own, in the order of their verdicts."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from evalctl.results import SampleResult
from evalctl.store import Judged, read_lines


class JudgedIndex:
    """The lines of one file of verdicts, in a temporary file and not in memory."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            OutputError: A line is damaged; the message names it.
        """
        self._database = sqlite3.connect("")  # SQLite's private temporary file
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(
            "CREATE TABLE judged (sample TEXT, scorer TEXT, line TEXT, "
            "PRIMARY KEY (sample, scorer)) WITHOUT ROWID"
        )
        self._database.executemany(
            "INSERT OR REPLACE INTO judged VALUES (?, ?, ?)",
            (
                (line.sample_id, line.scorer, line.model_dump_json(exclude={"verdicts"}))
                for line in read_lines(path, Judged)
            ),
        )

    def joined(self, result: SampleResult) -> SampleResult:
        """Return a result with what judges made of it."""
        query = "SELECT line FROM judged WHERE sample = ?"
        scores, metrics = dict(result.scores), dict(result.metrics)
        for (text,) in self._database.execute(query, (result.sample_id,)):
            line = _Kept.model_validate_json(text)
            scores[line.scorer] = line.scores
            metrics.update(line.metrics)
        return result.model_copy(update={"scores": scores, "metrics": metrics})

    def close(self) -> None:
        """Remove the temporary file."""
        self._database.close()


class _Kept(Judged):
    """A line without its verdicts, which no export has."""

    verdicts: tuple[str, ...] = ()
