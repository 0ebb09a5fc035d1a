"""What a scan says of a folder, as values that programs read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from evalctl.proving import Finding, Length
from evalctl.records import Record

Status = Literal["ready", "warnings", "unusable", "unknown"]
"""A run takes it as it is; it takes it, and there is something to know; it refuses it; nobody
knows it."""
FORMAT = 1
"""Number of this form."""


class Guess(Record):
    """A dataset that a file may hold."""

    dataset: str
    """Registered name."""
    confidence: float
    """From 0 to 1; from 0.5 on a file is taken for the dataset's."""
    missing: tuple[str, ...] = ()
    """Columns by which the dataset is known that the file does not have."""
    why_not: str = ""
    """Why its adapter refuses the first row that it refuses."""


class FoundSet(Record):
    """Files that are one split of one dataset, with all that was seen in their rows."""

    dataset: str
    """Registered name."""
    category: str
    """The category that the dataset is in."""
    also: tuple[str, ...]
    """Other datasets that read the same files."""
    use: str
    """What a run takes it for: `samples`, `worked examples`, or nothing: `another split`,
    `another release`."""
    split: str
    """The split's name as the files have it; empty where they have none."""
    status: Status
    """Whether a run can take it."""
    reasons: tuple[str, ...]
    """Why it is not simply ready, the worst first."""
    files: tuple[str, ...]
    """Relative to the folder, in the order in which they are read."""
    rows: int
    """Rows that were read, broken ones among them."""
    samples: int
    """What a run would take of them."""
    confidence: float
    """Least confidence of a file that it is this dataset's."""
    runner_up: Guess | None
    """The dataset of another kind that comes next, for the file that is least sure."""
    findings: tuple[Finding, ...]
    """What was seen in the rows."""
    lengths: tuple[Length, ...]
    """How long their texts are, in characters."""
    languages: Mapping[str, float]
    """Share of the sampled rows in each language, by its ISO 639-1 code; `und` is undecided."""
    content_hash: str
    """SHA-256, as a run's manifest has it."""
    licence: str
    """As stated upstream."""
    citation: str
    """Who made it."""
    is_unsafe: bool
    """Whether its texts, which findings may quote, may hurt who reads them."""

    @property
    def problem(self) -> str:
        """Why a run refuses it, with the first row that is at fault; empty where one takes it."""
        failed = [one for one in self.findings if one.verdict == "failed"]
        return "; ".join(self._with_first_case(one) for one in failed)

    def _with_first_case(self, one: Finding) -> str:
        if not one.cases:
            return one.text
        place, what = one.cases[0].id, one.cases[0].what
        shown = f"{place}: {what}" if what and not self.is_unsafe else place
        return f"{one.text} ({shown})"


class Unknown(Record):
    """A file of rows that no installed plugin knows."""

    file: str
    """Relative to the folder."""
    rows: int | None
    """How many it has, broken ones among them; None where none can be read."""
    columns: Mapping[str, str]
    """Its columns, each with the types that its first rows hold."""
    nearest: tuple[Guess, ...]
    """The datasets that it resembles most, the nearest first."""
    problem: str
    """What is wrong with it, or with its first broken row; empty where it can be read."""


class Skipped(Record):
    """A file that holds no rows."""

    file: str
    """Relative to the folder."""
    why: str
    """What it is."""


class ScanReport(Record):
    """All that a scan found in a folder."""

    format: int = FORMAT
    """Number of this form."""
    folder: str
    """The folder, absolute."""
    sets: tuple[FoundSet, ...]
    """What registered datasets have there."""
    unknown: tuple[Unknown, ...]
    """Files of rows that nobody knows, or that cannot be read."""
    skipped: tuple[Skipped, ...]
    """All other files."""

    @property
    def is_ready(self) -> bool:
        """Whether everything that holds rows is ready, warnings or not."""
        fine = all(one.status in ("ready", "warnings") for one in self.sets)
        return fine and not self.unknown
