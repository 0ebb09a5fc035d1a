"""Verdicts of earlier runs, which answer the same questions again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evalctl.plan import PlannedModel
from evalctl.run.judging.parts import VerdictPart, parts_name
from evalctl.store import Judged, RunFolder, read_lines

_Key = tuple[str, str, str]
"""Scorer, judge, sample."""


@dataclass(frozen=True)
class JudgedRun:
    """A run that has verdicts."""

    folder: RunFolder
    """The run."""
    judges: Mapping[str, str | None]
    """Content hash by judge, as the run had them."""

    def has(self, judge: PlannedModel) -> bool:
        """Return whether its verdicts by a judge of this name are by this judge."""
        return self.judges.get(judge.name, "") == judge.facts.content_hash


@dataclass
class StoredVerdicts:
    """The verdicts of runs, looked up by what was asked; an earlier one's go first."""

    runs: Sequence[JudgedRun]
    _open: tuple[str, str] = ("", "")
    _known: list[dict[_Key, Judged]] = field(default_factory=list)
    _open_parts: tuple[str, str, str, str] = ("", "", "", "")
    _parts: dict[str, VerdictPart] = field(default_factory=dict)

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
        self._read(model, dataset)
        scorer, sample_id, asked = wanted
        for run, known in zip(self.runs, self._known, strict=True):
            found = known.get((scorer, judge.name, sample_id))
            if found is not None and found.asked == asked and run.has(judge):
                return found
        return None

    def parts(
        self, judge: PlannedModel, model: str, dataset: str, scorer: str
    ) -> Mapping[str, VerdictPart]:
        """Return, by the key of what was asked, single verdicts on samples that lack others."""
        opened = (judge.name, model, dataset, scorer)
        if self._open_parts != opened:
            paths = [
                run.folder.parts_path(model, dataset, parts_name(scorer, judge.name))
                for run in self.runs
                if run.has(judge)
            ]
            self._parts = {
                part.key: part
                for path in paths
                if path.is_file()
                for part in read_lines(path, VerdictPart)
                if not part.is_lost
            }
            self._open_parts = opened
        return self._parts

    def _read(self, model: str, dataset: str) -> None:
        """Hold the verdicts of one dataset, and no other's."""
        if self._open == (model, dataset):
            return
        self._known = [_verdicts_of(run.folder, model, dataset) for run in self.runs]
        self._open = (model, dataset)


def _verdicts_of(folder: RunFolder, model: str, dataset: str) -> dict[_Key, Judged]:
    path = folder.judged_path(model, dataset)
    lines = read_lines(path, Judged) if path.is_file() else iter(())
    return {(line.scorer, line.judge, line.sample_id): line for line in lines}
