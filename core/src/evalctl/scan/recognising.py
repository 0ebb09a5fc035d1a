"""Which registered dataset a file holds, told by its first rows.

The rows go through every dataset's own adapter. What counts is how many it takes, whether the
columns are there by which the dataset is known, how many of the file's columns the adapter asks
for, whether it refuses the same rows with their values in the wrong columns (one that takes
anything proves nothing), and whether the path names the dataset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import PurePosixPath
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.errors import EvalctlError
from evalctl.plan.reading import adapted
from evalctl.records import Sample
from evalctl.scan.families import Family, Way, is_of_hub, names_in, plain, spaced
from evalctl.scan.looking import Look
from evalctl.sources import Row
from evalctl.sources.row import Line

ENOUGH = 0.5
"""Least confidence at which a file is taken for a dataset's."""
_COLUMNS, _ASKED, _REFUSES, _NAMED = 0.45, 0.3, 0.25, 0.5
_PLACED = 2.0
"""Evidence of a file that stands where the dataset's declaration looks for it; of one whose path
names the dataset it is 1."""
_LEAST_ASKED = 0.3
"""An adapter that asks for less of a file's columns was made for another, whatever it takes."""
_RESEMBLES = 0.1
"""Most that a dataset gets whose adapter takes no row; it is told as the nearest one."""
_LABELLED = 0.7
"""Evidence of a path that names no dataset, but one of a dataset's parts."""
_LABELS_TRIED = 12
_ROTATED = 12
"""Rows that an adapter is shown in disorder."""


class Candidate(NamedTuple):
    """A dataset that a file may hold."""

    family: Family
    way: Way
    """How its rows are told apart for it."""
    label: str
    """The part that its rows are taken for."""
    evidence: float
    """All that speaks for it; what exceeds 1 only decides between two that are certain."""
    accepted: float
    """Share of the rows that the adapter takes."""
    why_not: str
    """Why it refuses the first row that it refuses; empty where it takes all."""
    missing: tuple[str, ...]
    """Columns by which it is known that are not there."""
    is_placed: bool
    """Whether the file stands where a run looks for the dataset, and for nothing else."""
    parts: tuple[str, ...] = ()
    """The parts that it may be, where neither its path nor its rows tell which of them it is."""

    @property
    def confidence(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.evidence)


def candidates(
    look: Look, name: PurePosixPath, families: Sequence[Family]
) -> tuple[Candidate, ...]:
    """Return the datasets that a file may hold, the likeliest first; none where none fits."""
    found: list[Candidate] = []
    for family in families:
        tried = [
            _judged(family, look, way, lines, name)
            for way, lines in look.rows.items()
            if way == Way() or way in family.ways or not way.columns
        ]
        if tried:
            found.append(max(tried, key=lambda one: one.evidence))
    some = [one for one in found if one.evidence > 0]
    return tuple(sorted(some, key=lambda one: (not one.is_placed, -one.evidence)))


class _Asked(dict[str, JsonValue]):
    """A row's columns, which remember which of them were asked for."""

    def __init__(self, data: Mapping[str, JsonValue]) -> None:
        super().__init__(data)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> JsonValue:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: JsonValue = None) -> JsonValue:  # type: ignore[override]
        self.asked.add(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)


class _Trial(NamedTuple):
    """What an adapter makes of rows."""

    accepted: float
    asked: float
    """Share of the columns that it asks for, of the rows that it takes."""
    why_not: str
    first: Sample | None
    """The first one that it makes."""


def _judged(
    family: Family,
    look: Look,
    way: Way,
    lines: Sequence[Line],
    name: PurePosixPath,
) -> Candidate:
    there = {column for line in lines for column in line.data}
    missing = tuple(sorted(family.columns - there))
    matched = 1 - len(missing) / len(family.columns) if family.columns else 0.0
    label, is_declared = _label(family, name, way)
    labels = (label,) if label else family.labels[:_LABELS_TRIED]
    trials = {one: _try(family, look, lines, one) for one in labels}
    best, parts = _part(family, trials)
    trial = trials[best]
    is_named = float(bool(family.names & names_in(name))) or (_LABELLED if label else 0.0)
    is_named = _PLACED if is_declared else is_named
    certainty = 0.0
    if trial.accepted and (trial.asked >= _LEAST_ASKED or is_named):
        refuses = 1 - _try(family, look, [*_rotated(lines[:_ROTATED])], best).accepted
        certainty = _COLUMNS * matched + _ASKED * trial.asked + _REFUSES * refuses
        certainty += _NAMED * is_named
    elif is_declared:
        certainty = _NAMED  # it stands in the place, and is not what belongs there
    else:
        certainty = _likeness(family, there) + _RESEMBLES * bool(is_named)
    share = trial.accepted or 1.0
    return Candidate(
        family=family,
        way=way,
        label=best,
        evidence=round(certainty * share, 3),
        accepted=trial.accepted,
        why_not=trial.why_not,
        missing=missing,
        is_placed=is_declared,
        parts=parts,
    )


def _part(family: Family, trials: Mapping[str, _Trial]) -> tuple[str, tuple[str, ...]]:
    """Return the part that rows tell a file to be, and which ones it may be where they do not.

    They do where one part alone takes them, or where samples are the same whatever the part.
    """
    most = max(trial.accepted for trial in trials.values())
    equal = [one for one in trials if trials[one].accepted == most]
    is_same = all(trials[one].first == trials[equal[0]].first for one in equal)
    if is_same or not (equal[0] or family.are_all_labelled):
        return equal[0], ()
    labelled = [one for one in equal if one]
    untried = family.labels[_LABELS_TRIED:]
    return labelled[0], (*labelled, *untried) if len(labelled) > 1 else ()


def _likeness(family: Family, there: Set[str]) -> float:
    """Return a little where a file has some of a dataset's columns, in capitals or not."""
    known = {column.casefold() for column in family.columns}
    return _RESEMBLES * len(known & {column.casefold() for column in there}) / len(known or " ")


def _label(family: Family, name: PurePosixPath, way: Way) -> tuple[str, bool]:
    """Return the part that a path tells a file to be, and whether it stands in a declared place."""
    for place in family.places(name):
        if Way.of(place.part) == way:
            return place.part.label, True
    called_so = {
        part.label
        for part in family.parts
        if any(_stem(PurePosixPath(path)) == _stem(name) for path in part.paths)
    }
    on_hub = {part.label for part in family.hub_parts if is_of_hub(part, name)}
    for labels in (called_so, on_hub):
        if len(labels) == 1 and (label := labels.pop()):
            return label, False
    for level in map(PurePosixPath, reversed(name.parts)):
        wholes, words = names_in(level), spaced(level.name.split(".")[0])
        named = [label for label in family.labels if plain(label) in wholes] or [
            label for label in family.labels if label and spaced(label) in words
        ]
        if named:
            return max(named, key=len), False
    return "", False


def _stem(name: PurePosixPath) -> str:
    return plain(name.name.split(".")[0])


def _try(family: Family, look: Look, lines: Sequence[Line], label: str) -> _Trial:
    refused: list[str] = []
    n_taken, asked = 0, 0.0
    first: Sample | None = None
    for number, line in enumerate(lines):
        data = _Asked(line.data)
        row = Row(data, number, label, line.location, look.file)
        try:
            for sample in adapted(family.spec, [row], lambda _, why: refused.append(why)):
                first = first or sample
                n_taken += 1
                asked += len(data.asked & line.data.keys()) / max(1, len(line.data))
        except EvalctlError as error:  # rows of this kind are of no use to the dataset
            refused.append(f": {error}")
    total = len(lines) + look.n_broken
    why = refused[0].partition(": ")[2] if refused else ""
    return _Trial(n_taken / (total or 1), asked / (n_taken or 1), why, first)


def _rotated(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield rows whose values stand one column further on."""
    for line in lines:
        keys, values = [*line.data], [*line.data.values()]
        yield Line(dict(zip(keys, values[1:] + values[:1], strict=True)), line.location)
