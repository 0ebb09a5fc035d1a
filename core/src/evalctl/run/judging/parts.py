"""Verdicts on samples that need several: each is kept as it comes, until all are there.

So is what was spent on verdicts that did not come: they are asked for again, and paid twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from evalctl.errors import StorageError
from evalctl.records import Record
from evalctl.results import Cost
from evalctl.run.bills import Bill
from evalctl.run.judging.sheets import Sheet, Verdict, digest_of, read
from evalctl.specs import ScorerSpec
from evalctl.store import LineWriter, mend, read_lines


class VerdictPart(Record):
    """One verdict of several on a sample, or what one cost that did not come."""

    sample_id: str
    """Id of the sample."""
    key: str
    """Id of the prompt."""
    asked: str
    """Digest of what was asked."""
    text: str
    """What the judge wrote."""
    is_cut_off: bool
    """Whether its limit of tokens ended it."""
    cost: Cost
    """What it cost, without an amount."""
    is_lost: bool = False
    """Whether it did not come."""


def parts_name(scorer: str, judge: str) -> str:
    """Return what tells a round's file of parts from those of others on the same dataset."""
    return f"{scorer} {judge}"


def fill_from(
    known: Mapping[str, VerdictPart], sheet: Sheet, scorer: ScorerSpec
) -> list[VerdictPart]:
    """Put what is known into a sample's sheet, as far as the same is asked; return what that was.

    Args:
        known: By the id of the prompt.
        sheet: The sample's.
        scorer: Reads verdicts.
    """
    used = []
    for prompt in sheet.missing if known else ():
        part = known.get(prompt.sample_id)
        if part is not None and part.asked == digest_of((prompt,)):
            sheet.fill(read(scorer, part.text, is_cut_off=part.is_cut_off), part.key)
            used.append(part)
    return used


class Parts:
    """The file of one round; it goes when all of its samples are judged."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made when there is something to write."""
        self.path = path
        self._known: dict[str, VerdictPart] = {}
        self._lost: dict[str, Bill] = {}
        """By sample."""
        self._writer: LineWriter | None = None

    def recover(self) -> Iterator[VerdictPart]:
        """Mend and read what an earlier session wrote; yield it.

        Raises:
            OutputError: It is damaged elsewhere than at its end.
            StorageError: It cannot be mended.
        """
        mend(self.path, VerdictPart)
        for part in read_lines(self.path, VerdictPart) if self.path.is_file() else ():
            if part.is_lost:
                self._lost.setdefault(part.sample_id, Bill()).join(Bill.of(part.cost))
            else:
                self._known[part.key] = part
            yield part

    def fill(self, sheet: Sheet, scorer: ScorerSpec) -> None:
        """Put what is known, and what it cost, into a sample's sheet, where the same is asked."""
        sheet.bill.join(self._lost.get(sheet.member.sample_id, Bill()))
        for part in fill_from(self._known, sheet, scorer):
            sheet.bill.join(Bill.of(part.cost))

    def keep(self, sheet: Sheet, key: str, verdict: Verdict, cost: Cost) -> None:
        """Write a verdict of a sample that needs more than this one, or what it cost in vain.

        Raises:
            StorageError: The disk is full, or gone.
        """
        prompts = {prompt.sample_id: prompt for prompt in sheet.prompts}
        is_needed = cost.lost_requests if verdict.is_lost else len(prompts) > 1
        if not is_needed:
            return
        self._writer = self._writer or LineWriter(self.path)
        part = VerdictPart(
            sample_id=sheet.member.sample_id,
            key=key,
            asked=digest_of((prompts[key],)),
            text=verdict.text,
            is_cut_off=verdict.is_cut_off,
            cost=cost,
            is_lost=verdict.is_lost,
        )
        self._writer.append(part)

    def close(self, *, is_done: bool) -> None:
        """Close the file, and remove it where it has done its work.

        Raises:
            StorageError: What was written may not be on the disk, or it cannot be removed.
        """
        if self._writer is not None:
            self._writer.close()
        if is_done:
            try:
                self.path.unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(f"cannot remove {self.path}: {error.strerror}") from error
