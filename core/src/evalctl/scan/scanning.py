"""A scan: walk, recognise, put together, validate, and say what is ready and what is not."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path, PurePosixPath

from evalctl.errors import ConfigError
from evalctl.proving import Finding, Watch, unwatched
from evalctl.registry import Registry
from evalctl.scan import kinds
from evalctl.scan.families import Family, Way, families
from evalctl.scan.grouping import Group, Recognised, Use, group
from evalctl.scan.looking import Look, look_at
from evalctl.scan.recognising import ENOUGH, Candidate, candidates
from evalctl.scan.repeats import shared
from evalctl.scan.report import FoundSet, Guess, ScanReport, Skipped, Status, Unknown
from evalctl.scan.validating import Validated, validate
from evalctl.scan.walk import Found, LeftOut, walk
from evalctl.sources import Located
from evalctl.sources.files import read_file
from evalctl.sources.opening import PackedError, members_of, open_bytes

_NEAREST = 3
_OTHER: Use = "another release"
_WARNS = frozenset({"ids_left_out", "void", "nan", "types", "repeated", "overlap", "torn"})
"""Findings that a run's user should know of before it; others are told, and change no status."""
_WARNING_TEXTS = frozenset({"text_replacement", "text_mojibake", "text_control"})


@dataclass(frozen=True)
class _Read:
    """A file that holds rows."""

    found: Found
    look: Look
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate | None:
        """The dataset that it is taken for."""
        first = self.candidates[0] if self.candidates else None
        return first if first is not None and first.confidence >= ENOUGH else None


def scan(folder: Path, registry: Registry, watch: Watch = unwatched) -> ScanReport:
    """Return what is in a folder.

    Args:
        folder: It is walked through, and nothing in it is run, unpickled or written.
        registry: The datasets that are known.
        watch: Told how far it is.

    Raises:
        ConfigError: It is no folder.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder")
    folder = folder.absolute()
    known = families(registry)
    skipped: list[Skipped] = []
    read: list[_Read] = []
    for number, one in enumerate(_files(folder)):
        watch("looking at files", number)
        if isinstance(one, LeftOut):
            skipped.append(Skipped(file=str(one.name), why=one.why))
        elif isinstance(seen := _look(one, known), str):
            skipped.append(Skipped(file=str(one.name), why=seen))
        else:
            read.append(seen)
    recognised = [Recognised(one.found, one.best) for one in read if one.best is not None]
    by_name = {str(one.found.name): one for one in read}
    sets: list[tuple[Group, Validated]] = []
    for number, made in enumerate(group(recognised, folder)):
        watch("validating data sets", number)
        sets.append((made, validate(made)))
    overlaps = _overlaps(sets)
    return ScanReport(
        folder=str(folder),
        sets=tuple(
            _told(made, rows, overlaps.get(at, ()), by_name) for at, (made, rows) in enumerate(sets)
        ),
        unknown=tuple(_unknown(one) for one in read if one.best is None),
        skipped=tuple(skipped),
    )


def _files(folder: Path) -> Iterator[Found | LeftOut]:
    """Yield the files of a folder, and those of its zip archives in place of these."""
    for one in walk(folder):
        if isinstance(one, LeftOut):
            yield one
            continue
        try:
            members = members_of(one.path) if one.name.suffix.lower() == ".zip" else None
        except (PackedError, OSError) as error:
            yield LeftOut(one.name, f"cannot be unpacked: {error}")
            continue
        if members is None:
            yield one
        for member in members or ():
            yield one._replace(name=PurePosixPath(f"{one.name}!", member), member=member)


def _look(found: Found, known: Sequence[Family]) -> _Read | str:
    if why := kinds.by_name(found.name):
        return why
    try:
        with open_bytes(found.path, found.member) as file:
            head = file.read(kinds.HEAD_BYTES)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except PackedError as error:
        return _Read(found, Look({}, 0, f"{found.name}: {error}"), ())
    if why := kinds.by_beginning(head):
        return why
    ways: Iterable[Way] = (way for family in known for way in family.ways)
    look = look_at(found, head, ways)
    return _Read(found, look, candidates(look, found.name, known))


def _told(
    made: Group, seen: Validated, overlaps: Sequence[Finding], by_name: dict[str, _Read]
) -> FoundSet:
    findings = (*seen.findings, *overlaps)
    status, reasons = _status(made, findings)
    sources = [by_name[str(name)] for name in made.names]
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


def _status(made: Group, findings: Iterable[Finding]) -> tuple[Status, tuple[str, ...]]:
    failed = [one.text for one in findings if one.verdict == "failed"]
    if made.lacking:
        more = f" and {len(made.lacking) - 1} more" if len(made.lacking) > 1 else ""
        failed.append(f"not here: {made.lacking[0]}{more}, which a run needs as well")
    warned = [
        one.text
        for one in findings
        if one.verdict == "look" and (one.name in _WARNS or one.name in _WARNING_TEXTS)
    ]
    if failed:
        return "unusable", (*failed, *warned)
    return ("warnings" if warned else "ready"), tuple(warned)


def _overlaps(sets: Sequence[tuple[Group, Validated]]) -> dict[int, list[Finding]]:
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


def _unknown(one: _Read) -> Unknown:
    way = max(one.look.rows, key=lambda way: len(one.look.rows[way]), default=Way())
    return Unknown(
        file=str(one.found.name),
        rows=_count(one.found, way) if one.look.rows else None,
        columns=one.look.schema,
        nearest=tuple(_guess(candidate) for candidate in one.candidates[:_NEAREST]),
        problem=one.look.problem.replace(str(one.found.path), str(one.found.name)),
    )


def _count(found: Found, way: Way) -> int:
    """Return how many rows a file has."""
    rows = read_file(found.path, 0, lambda _location, _reason: None, way.form(found.member))
    return sum(1 for _ in rows)


def _guess(candidate: Candidate) -> Guess:
    return Guess(
        dataset=candidate.family.spec.name,
        confidence=candidate.confidence,
        missing=candidate.missing,
        why_not=candidate.why_not,
    )
