"""A judge's scores by sample: they are in a file of their own, in the order of their verdicts."""

from __future__ import annotations

import sqlite3
from itertools import groupby
from pathlib import Path

from evalctl.results import SampleResult
from evalctl.store import Judged, mean_metrics, mean_scores, read_lines


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
            "CREATE TABLE judged (sample TEXT, scorer TEXT, judge TEXT, line TEXT, "
            "PRIMARY KEY (sample, scorer, judge)) WITHOUT ROWID"
        )
        self._database.executemany(
            "INSERT OR REPLACE INTO judged VALUES (?, ?, ?, ?)",
            (
                (
                    line.sample_id,
                    line.scorer,
                    line.judge,
                    line.model_dump_json(exclude={"verdicts"}),
                )
                for line in read_lines(path, Judged)
            ),
        )

    def joined(self, result: SampleResult) -> SampleResult:
        """Return a result with what judges made of it; of a panel the mean."""
        query = "SELECT line FROM judged WHERE sample = ? ORDER BY scorer"
        scores, metrics = dict(result.scores), dict(result.metrics)
        found = self._database.execute(query, (result.sample_id,))
        lines = [_Kept.model_validate_json(text) for (text,) in found]
        for scorer, given in groupby(lines, key=lambda line: line.scorer):
            panel = list(given)
            scores[scorer] = mean_scores([line.scores for line in panel])
            metrics.update(mean_metrics(line.metrics for line in panel))
        return result.model_copy(update={"scores": scores, "metrics": metrics})

    def close(self) -> None:
        """Remove the temporary file."""
        self._database.close()


class _Kept(Judged):
    """A line without its verdicts, which no export has."""

    verdicts: tuple[str, ...] = ()
