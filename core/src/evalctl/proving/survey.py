"""One way through all rows of a dataset, on which everything that can be seen of them is seen.

Nothing is kept of a row but a few bytes, and up to a limit the ids that are to be shown.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.errors import DatasetError, DatasetMissingError
from evalctl.plan import LoadedDataset
from evalctl.plan.datasets import find_rows, not_found
from evalctl.plan.order import first_in_order
from evalctl.plan.reading import adapted, selected, unwritable
from evalctl.plan.shots import n_shown, shots_for
from evalctl.positions import Positions
from evalctl.prompts import Asking, compose
from evalctl.proving.answers import Answers
from evalctl.proving.asking import Prompts, Room, Stops
from evalctl.proving.characters import OddText
from evalctl.proving.findings import Cases, Check, Finding, Seen, Watch, unwatched
from evalctl.proving.labels import Labels
from evalctl.proving.labels import Positions as OptionPositions
from evalctl.proving.lengths import Length, Measures, Tokens
from evalctl.proving.questions import Questions
from evalctl.proving.worked_examples import WorkedExamples, read_examples
from evalctl.records import Sample
from evalctl.scales import counted
from evalctl.scoring import attempt
from evalctl.sources import Located, Row
from evalctl.specs import DatasetSpec, ModelSpec

_REASONS = 1000
"""Different reasons of broken rows that are counted apart."""


class Wanted(NamedTuple):
    """What is looked at, and against what."""

    spec: DatasetSpec
    """The dataset."""
    category: str
    """The category that owns it."""
    data_folders: Sequence[Path]
    """Where its files are looked for."""
    models: Sequence[ModelSpec]
    """The category's models, for their context lengths."""
    tokens: Tokens
    """How tokens are counted."""
    limit: int | None = None
    """How many samples are to be proven, spread as those of a run; None for all."""


@dataclass(frozen=True)
class Survey:
    """What a dataset's rows are like."""

    loaded: LoadedDataset
    """Its samples, without broken rows, and of the rest those that are to be proven."""
    n_rows: int
    """Rows that were read, broken ones among them."""
    findings: tuple[Finding, ...]
    """What was seen."""
    lengths: tuple[Length, ...]
    """How long its texts are."""


def survey(wanted: Wanted, watch: Watch = unwatched) -> Survey:
    """Look at every row of a dataset.

    Raises:
        DatasetMissingError: It is not on this machine and cannot be fetched.
        DatasetError: It holds no row.
    """
    spec = wanted.spec
    located = find_rows(spec, wanted.data_folders)
    if located is None:
        raise not_found(spec, wanted.data_folders)
    reading = _Reading(spec, located, watch)
    try:
        checks, chosen = _go_through(wanted, reading)
        content_hash = located.content_hash()
    except DatasetMissingError as error:
        raise not_found(spec, wanted.data_folders, error) from error
    if not reading.n_rows:
        raise DatasetError(f"dataset {spec.name!r}: {located.origin} holds no row")
    findings = [*reading.findings()]
    for check in checks.every if len(reading.usable) else ():
        findings += check.findings()
    loaded = LoadedDataset(
        spec=spec,
        category=wanted.category,
        located=located,
        content_hash=content_hash,
        n_available=len(reading.usable),
        chosen=chosen,
        recorded=None if reading.is_clean else reading.usable,
        told=_pass_over,
    )
    return Survey(loaded, reading.n_rows, tuple(findings), tuple(checks.measures.told()))


class _Checks(NamedTuple):
    """All that looks at samples."""

    every: tuple[Check, ...]
    measures: Measures


def _go_through(wanted: Wanted, reading: _Reading) -> tuple[_Checks, frozenset[str] | None]:
    """Show every sample to every check; return the ids of those that are to be proven."""
    spec = wanted.spec
    examples = read_examples(spec, reading.located, wanted.data_folders)
    measures, questions = Measures(wanted.tokens), Questions()
    checks: tuple[Check, ...] = (
        Prompts(spec, n_shown(spec, examples.shots)),
        WorkedExamples(examples),
        Answers(spec),
        questions,
        Labels(),
        OptionPositions(),
        Stops(spec),
        OddText(),
        Room(spec, wanted.models, wanted.tokens, measures),
    )

    def shown() -> Iterator[Sample]:
        for sample in reading.samples():
            seen = _seen(spec, sample, examples.shots)
            measures.see(seen)
            for check in checks:
                check.see(seen)
            yield sample

    ids: list[str] = []
    if wanted.limit:
        ids = first_in_order(spec.name, shown(), wanted.limit)
    else:
        deque(shown(), maxlen=0)
    if questions.repeated():
        questions.group(reading.again())
    is_part = wanted.limit is not None and wanted.limit < len(reading.usable)
    return _Checks(checks, measures), frozenset(ids) if is_part else None


def _seen(spec: DatasetSpec, sample: Sample, shots: Sequence[Sample]) -> Seen:
    completion = compose(spec.prompt, sample, shots_for(spec, shots, sample), Asking())
    chat = compose(spec.prompt, sample, (), Asking(style="chat"))
    gold = attempt(spec.gold, sample) if spec.gold else None
    return Seen(
        sample,
        completion.text,
        "\n".join(turn.content for turn in chat.messages),
        gold if isinstance(gold, str) else None,
    )


class _Reading:
    """Reads rows past broken ones, which it remembers."""

    def __init__(self, spec: DatasetSpec, located: Located, watch: Watch) -> None:
        self.located = located
        self.n_rows = 0
        """Rows so far, broken ones among them."""
        self.usable = Positions()
        """Positions of the samples that a run could take, among all that could be read."""
        self.is_clean = True
        """Whether these are all."""
        self._spec = spec
        self._watch = watch
        self._at = ""
        self._columns: tuple[str, ...] = ()
        self._ids: set[int] = set()
        self._broken, self._twice = Cases(), Cases()
        self._reasons: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def samples(self) -> Iterator[Sample]:
        """Yield every sample that a run could take."""
        for index, sample in enumerate(self._readable()):
            if reason := unwritable(sample):
                self._break(self._at, f"sample {sample.id!r}: {reason}")
            elif (key := hash(sample.id)) in self._ids:
                self._twice.add(sample.id, f"again at {self._at}")
            else:
                self._ids.add(key)
                self.usable.add(index)
                yield sample
                continue
            self.is_clean = False

    def again(self) -> Iterator[Sample]:
        """Yield the same samples once more."""
        rows = self.located.rows(told=_pass_over)
        samples = adapted(self._spec, rows, _pass_over)
        every = selected(self._spec, samples, self.located.origin, _pass_over)
        for index, sample in enumerate(every):
            if index in self.usable:
                self._watch("comparing repeated questions", index)
                yield sample

    def findings(self) -> Iterator[Finding]:
        """Yield what is said about rows and their ids."""
        if self._broken.total:
            yield self._told_of_broken()
        else:
            chosen = len(self.usable) + self._twice.total
            part = f", {chosen:,} of them taken" if chosen != self.n_rows else ""
            text = f"rows: {self.n_rows:,} read{part}"
            yield Finding(name="rows", verdict="ok", text=text)
        if self._twice.total:
            told = counted(self._twice.total, "row has", "rows have")
            yield self._twice.finding("ids", "failed", f"ids: {told} the id of an earlier row")
        else:
            yield Finding(name="ids", verdict="ok", text="ids: each stands once")

    def _told_of_broken(self) -> Finding:
        reasons: list[JsonValue] = [
            {"reason": reason, "rows": count, "first": self._first[reason]}
            for reason, count in self._reasons.most_common()
        ]
        told = counted(self._broken.total, "row")
        text = f"rows: {told} of {self.n_rows:,} cannot be read"
        figures: dict[str, JsonValue] = {"reasons": reasons, "columns": [*self._columns]}
        if self._columns and (missing := sorted(self._spec.columns - set(self._columns))):
            has = ", ".join(map(repr, self._columns[:10]))
            figures["hint"] = f"The first row has {has}, and lacks {', '.join(map(repr, missing))}."
        return self._broken.finding("rows", "failed", text, figures)

    def _readable(self) -> Iterator[Sample]:
        samples = adapted(self._spec, self._rows(), self._break)
        return selected(self._spec, samples, self.located.origin, self._break)

    def _rows(self) -> Iterator[Row]:
        for row in self.located.rows(told=self._unread):
            self.n_rows += 1
            self._at = row.location
            self._columns = self._columns or tuple(map(str, row.data))
            self._watch("reading rows", self.n_rows)
            yield row

    def _unread(self, location: str, reason: str) -> None:
        """Remember what is no row at all."""
        self.n_rows += 1
        self._break(location, reason)

    def _break(self, location: str, reason: str) -> None:
        for broken in ("broken row for", "broken rows for"):
            reason = reason.removeprefix(f"{broken} {self._spec.name!r}: ")
        self._broken.add(location, reason)
        if reason in self._reasons or len(self._reasons) < _REASONS:
            self._reasons[reason] += 1
            self._first.setdefault(reason, location)


def _pass_over(_location: str, _reason: str) -> None:
    """Leave a broken row out; it was told before."""
