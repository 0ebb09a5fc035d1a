"""Every row of a group through the dataset's adapter, once, and what is to be seen on the way.

What is checked is what a run checks before it loads a model, so that a group that is ready here
runs. Of a row a few bytes are kept.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

from evalctl.errors import EvalctlError
from evalctl.plan.reading import adapted, read_samples, selected, unwritable
from evalctl.proving import Case, Finding, Length
from evalctl.proving.characters import OddText
from evalctl.proving.findings import Cases, Seen
from evalctl.proving.labels import Labels, Positions
from evalctl.proving.lengths import Lengths
from evalctl.proving.questions import fingerprint
from evalctl.records import Sample
from evalctl.scales import counted
from evalctl.scan.columns import Columns
from evalctl.scan.encodings import remedy
from evalctl.scan.grouping import Group
from evalctl.scan.languages import Languages
from evalctl.scan.repeats import repeated
from evalctl.scan.torn import torn
from evalctl.sources import Located, Row

KEPT = 20
"""Rows of a finding that a report names."""
_VOID = frozenset({"nan", "none", "null", "n/a", "na", "undefined", "#n/a"})
"""Texts that stand for a value that was lost."""


class Validated(NamedTuple):
    """What the rows of a group are like."""

    rows: int
    samples: int
    findings: tuple[Finding, ...]
    lengths: tuple[Length, ...]
    languages: dict[str, float]
    questions: array[int]
    """64 bits of each question, for overlaps with others."""


def validate(group: Group) -> Validated:
    """Read every row of a group."""
    rows = _Pass(group)
    try:
        for sample in rows.samples():
            rows.see(sample)
    except EvalctlError as error:  # rows of this kind are of no use to the dataset
        rows.give_up(str(error))
    return rows.told()


def samples_again(group: Group) -> Iterator[Sample]:
    """Yield the samples of a group that was validated, without those that cannot be taken."""
    located = Located(group.parts)
    try:
        yield from read_samples(group.spec, located, told=lambda _location, _reason: None)
    except EvalctlError:  # rows of this kind are of no use to the dataset; that was told
        return


class _Pass:
    """One way through the rows."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._located = Located(group.parts)
        self._n_rows = 0
        self._n_samples = 0
        self._broken = Cases()
        self._twice = Cases()
        self._left = Cases()
        self._unseen = Cases()
        self._n_seen = 0
        self._void = Cases()
        self._part = ""
        self._ids: set[int] = set()
        self._columns = Columns()
        self._odd = OddText()
        self._labels, self._positions = Labels(), Positions()
        self._lengths = {"input": Lengths(), "target": Lengths()}
        self._languages = Languages()
        self._questions = array("Q")

    def samples(self) -> Iterator[Sample]:
        """Yield what the group's dataset makes of its rows."""
        spec = self._group.spec
        made = adapted(spec, self._rows(), self._break)
        if spec.select is None:
            return made
        return selected(spec, self._watched(made), self._located.origin, self._break)

    def _watched(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """Look for ids that stand twice where the dataset's selection may leave one out."""
        ids: set[int] = set()
        for sample in samples:
            if (key := hash((self._part, sample.id))) in ids:
                self._left.add(sample.id)
            ids.add(key)
            yield sample

    def see(self, sample: Sample) -> None:
        """Look at a sample."""
        if reason := unwritable(sample):
            self._broken.add(sample.id, reason)
            return
        self._n_samples += 1
        if (key := hash(sample.id)) in self._ids:
            self._twice.add(sample.id)
        self._ids.add(key)
        if len(sample.input) < 10 and sample.input.strip().lower() in _VOID:
            self._void.add(sample.id, f"its text is {sample.input!r}")
        elif len(sample.target) < 4 and sample.target.lower() == "nan":
            self._void.add(sample.id, f"its answer is {sample.target!r}")
        if sample.images:
            self._n_seen += 1
            if lost := [image.path for image in sample.images if not Path(image.path).is_file()]:
                self._unseen.add(sample.id, f"{PurePath(lost[0]).name} is not there")
        seen = Seen(sample, sample.input, "", None)
        self._odd.see(seen)
        self._labels.see(seen)
        self._positions.see(seen)
        self._lengths["input"].add(len(sample.input))
        if sample.target:
            self._lengths["target"].add(len(sample.target))
        self._languages.see(sample.input or " ".join(sample.choices))
        self._questions.append(fingerprint(sample))

    def give_up(self, why: str) -> None:
        """Remember why no row is of use, and count them."""
        self._n_rows = sum(1 for _ in self._located.rows(told=lambda _location, _reason: None))
        self._broken = Cases()
        self._broken.add(str(self._group.names[0]), self._relative(why))
        self._broken.total = self._n_rows

    def told(self) -> Validated:
        """Return what came out."""
        lengths = [
            one.told(text, "characters") for text, one in self._lengths.items() if one.quantile(1.0)
        ]
        return Validated(
            self._n_rows,
            self._n_samples,
            tuple(_short(one) for one in self._findings()),
            tuple(lengths),
            self._languages.shares(),
            self._questions,
        )

    def _findings(self) -> Iterator[Finding]:
        if self._broken.total:
            told = counted(self._broken.total, "row")
            text = f"{told} of {self._n_rows:,} cannot be taken"
            yield self._broken.finding("rows", "failed", text)
            yield from self._encodings()
        if not self._n_samples and not self._broken.total:
            yield Finding(name="rows", verdict="failed", text="no row")
        if self._twice.total:
            told = counted(self._twice.total, "row has", "rows have")
            yield self._twice.finding("ids", "failed", f"{told} the id of an earlier row")
        elif self._left.total:
            told = counted(self._left.total, "row has", "rows have")
            text = f"{told} the id of an earlier row; not all of them are taken"
            yield self._left.finding("ids_left_out", "look", text)
        if self._unseen.total:
            text = f"images of {self._unseen.total:,} of {self._n_seen:,} samples are not there"
            is_blind = self._unseen.total == self._n_seen
            yield self._unseen.finding("images", "failed" if is_blind else "look", text)
        if self._void.total:
            told = counted(self._void.total, "row")
            yield self._void.finding("void", "look", f"{told} with a lost value, such as `nan`")
        yield from self._columns.findings()
        yield from torn(self._group.parts, map(str, self._group.names))
        yield from repeated(self._questions)
        yield from (one for one in self._odd.findings() if one.verdict != "ok")
        yield from self._labels.findings()
        yield from self._positions.findings()

    def _encodings(self) -> Iterator[Finding]:
        """Yield which files are not UTF-8, where rows could not be read."""
        for part, name in zip(self._group.parts, self._group.names, strict=True):
            if told := remedy(part.path, str(name), part.member):
                yield Finding(name="encoding", verdict="failed", text=told)

    def _rows(self) -> Iterator[Row]:
        for row in self._located.rows(told=self._unread):
            self._n_rows += 1
            self._part = row.part
            self._columns.see(row)
            yield row

    def _unread(self, location: str, reason: str) -> None:
        self._n_rows += 1
        self._break(location, reason)

    def _break(self, location: str, reason: str) -> None:
        prefixes = (f"broken row for {self._group.spec.name!r}: ",)
        for prefix in prefixes:
            reason = reason.removeprefix(prefix)
        self._broken.add(self._relative(location), reason)

    def _relative(self, location: str) -> str:
        """Return a place with its file as people name it: within the folder."""
        for part, name in zip(self._group.parts, self._group.names, strict=True):
            place = part.place
            if location.startswith(place):
                return f"{name}{location[len(place) :]}"
        return location


def _short(one: Finding) -> Finding:
    cases: tuple[Case, ...] = one.cases[:KEPT]
    return one.model_copy(update={"cases": cases})
