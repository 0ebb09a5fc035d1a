"""Verdicts of an earlier run, which answer the same questions again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalctl.plan import PlannedModel
from evalctl.store import Judged, RunFolder, read_lines

_Key = tuple[str, str, str]
"""Scorer, judge, sample."""


@dataclass
class StoredVerdicts:
    """The verdicts of a run, looked up by what was asked."""

    folder: RunFolder
    """The run."""
    judges: Mapping[str, str | None]
    """Content hash by judge, as the run had them."""
    _open: tuple[str, str] = ("", "")
    _known: dict[_Key, Judged] = field(default_factory=dict)

    def find(
        self, judge: PlannedModel, model: str, dataset: str, wanted: tuple[str, str, str]
    ) -> Judged | None:
        """Return what a judge wrote of a sample when it was asked the same; None where it was not.

        Args:
            judge: Who is to judge now.
            model: Whose answers are judged.
            dataset: The dataset.
            wanted: The scorer, the sample, and the digest of what is asked.
        """
        if self.judges.get(judge.name, "") != judge.facts.content_hash:
            return None
        self._read(model, dataset)
        scorer, sample_id, asked = wanted
        found = self._known.get((scorer, judge.name, sample_id))
        return found if found is not None and found.asked == asked else None

    def _read(self, model: str, dataset: str) -> None:
        """Hold the verdicts of one dataset, and no other's."""
        if self._open == (model, dataset):
            return
        path = self.folder.judged_path(model, dataset)
        lines = read_lines(path, Judged) if path.is_file() else iter(())
        self._known = {(line.scorer, line.judge, line.sample_id): line for line in lines}
        self._open = (model, dataset)
