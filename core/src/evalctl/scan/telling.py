"""From what was seen in groups and files to what a report says of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from evalctl.proving import Finding
from evalctl.scan.encodings import remedy
from evalctl.scan.families import Way
from evalctl.scan.grouping import Group, Use
from evalctl.scan.looking import Look
from evalctl.scan.recognising import ENOUGH, Candidate
from evalctl.scan.repeats import shared
from evalctl.scan.report import FoundSet, Guess, Status, Unknown
from evalctl.scan.validating import Validated
from evalctl.scan.walk import Found
from evalctl.sources import Located
from evalctl.sources.files import read_file

_NEAREST = 3
_PARTS = 6
"""Parts that a message names."""
_OTHER: Use = "another release"
_WARNS = frozenset(
    {"ids_left_out", "images", "void", "nan", "types", "repeated", "overlap", "torn"}
)
"""Findings that a run's user should know of before it; others are told, and change no status."""
_WARNING_TEXTS = frozenset({"text_replacement", "text_mojibake", "text_control"})


@dataclass(frozen=True)
class ReadFile:
    """A file that holds rows."""

    found: Found
    look: Look
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate | None:
        """The dataset that it is taken for."""
        first = self.candidates[0] if self.candidates else None
        return first if first is not None and first.confidence >= ENOUGH else None


def told_set(
    made: Group, seen: Validated, shared_rows: Sequence[Finding], files: Mapping[str, ReadFile]
) -> FoundSet:
    """Return what a report says of a group.

    Args:
        made: The group.
        seen: What its rows are like.
        shared_rows: What it has in common with other groups.
        files: The files of the folder by name.
    """
    findings = (*_parts(made), *seen.findings, *shared_rows)
    status, reasons = _status(findings)
    sources = [files[str(name)] for name in made.names]
    least = min(sources, key=lambda one: one.best.confidence if one.best else 0.0)
    spec = made.spec
    return FoundSet(
        dataset=spec.name,
        category=next(e.category for e in made.family.entries if e.spec.name == spec.name),
        also=made.also,
        use=made.use,
        split=made.split,
        status=status,
        reasons=reasons,
        files=tuple(map(str, made.names)),
        rows=seen.rows,
        samples=seen.samples,
        confidence=least.best.confidence if least.best else 0.0,
        runner_up=_guess(least.candidates[1]) if len(least.candidates) > 1 else None,
        findings=findings,
        lengths=seen.lengths,
        languages=seen.languages,
        content_hash=Located(made.parts).content_hash(),
        licence=spec.licence,
        citation=spec.citation,
        is_unsafe=spec.is_unsafe,
    )


def _status(findings: Iterable[Finding]) -> tuple[Status, tuple[str, ...]]:
    failed = [one.text for one in findings if one.verdict == "failed"]
    warned = [
        one.text
        for one in findings
        if one.verdict == "look" and (one.name in _WARNS or one.name in _WARNING_TEXTS)
    ]
    if failed:
        return "unusable", (*failed, *warned)
    return ("warnings" if warned else "ready"), tuple(warned)


def _parts(made: Group) -> Iterator[Finding]:
    """Yield what keeps a group from being all of a dataset, whatever its rows hold."""
    if made.may_be:
        yield Finding(name="part", verdict="failed", text=_name_wanted(made))
    if made.lacking:
        more = f" and {len(made.lacking) - 1} more" if len(made.lacking) > 1 else ""
        text = f"not here: {made.lacking[0]}{more}, which a run needs as well"
        yield Finding(name="parts", verdict="failed", text=text)


def _name_wanted(made: Group) -> str:
    """Return that a file has to be called after the part that it is."""
    name, first = made.names[0], made.may_be[0].replace(" ", "_")
    others = ", ".join(made.may_be[1:_PARTS])
    more = f" and {len(made.may_be) - _PARTS:,} more" if len(made.may_be) > _PARTS else ""
    return (
        f"the name {name.name} does not tell which part of {made.spec.name} it is; call it after "
        f"that part, such as {first}{''.join(name.suffixes)} (or {others}{more})"
    )


def overlaps(sets: Sequence[tuple[Group, Validated]]) -> dict[int, list[Finding]]:
    """Return what groups of one dataset share, by the position of the group that is tested on."""
    found: dict[int, list[Finding]] = {}
    for one, other in combinations(range(len(sets)), 2):
        groups = sets[one][0], sets[other][0]
        uses = {groups[0].use, groups[1].use}
        if groups[0].family is not groups[1].family or len(uses) == 1 or _OTHER in uses:
            continue
        first, second = (one, other) if groups[0].use == "samples" else (other, one)
        if finding := _overlap(sets[first], sets[second]):
            found.setdefault(first, []).append(finding)
    return found


def _overlap(one: tuple[Group, Validated], other: tuple[Group, Validated]) -> Finding | None:
    questions: tuple[array[int], array[int]] = one[1].questions, other[1].questions
    if not (count := shared(*questions)):
        return None
    name = other[0].names[0]
    return Finding(
        name="overlap",
        verdict="look",
        text=f"{count:,} of {one[1].samples:,} questions stand in {name} as well",
        n_cases=count,
        figures={"shared": count, "with": str(name)},
    )


def told_unknown(one: ReadFile) -> Unknown:
    """Return what a report says of a file that nobody knows."""
    problem = one.look.problem.replace(str(one.found.path), str(one.found.name))
    mending = remedy(one.found.path, str(one.found.name), one.found.member) if problem else ""
    return Unknown(
        file=str(one.found.name),
        rows=_count(one.found, one.look.way) if one.look.rows else None,
        columns=one.look.schema,
        nearest=tuple(_guess(candidate) for candidate in one.candidates[:_NEAREST]),
        problem="; ".join(part for part in (problem, mending) if part),
    )


def _count(found: Found, way: Way) -> int:
    """Return how many rows a file has, broken ones among them."""
    broken: list[str] = []
    form = way.form(found.member)
    rows = read_file(found.path, 0, lambda location, _reason: broken.append(location), form)
    return sum(1 for _ in rows) + len(broken)


def _guess(candidate: Candidate) -> Guess:
    return Guess(
        dataset=candidate.family.spec.name,
        confidence=candidate.confidence,
        missing=candidate.missing,
        why_not=candidate.why_not,
    )
