"""A scan: walk, recognise, put together, validate, and say what is ready and what is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from evalctl.errors import ConfigError
from evalctl.proving import Watch, unwatched
from evalctl.registry import Registry
from evalctl.scan import kinds
from evalctl.scan.earlier import Earlier
from evalctl.scan.families import Family, Way, families
from evalctl.scan.grouping import Group, Recognised, group
from evalctl.scan.looking import Look, look_at
from evalctl.scan.recognising import candidates
from evalctl.scan.report import FoundSet, ScanReport, Skipped
from evalctl.scan.telling import ReadFile, overlaps, told_set, told_unknown
from evalctl.scan.validating import Validated
from evalctl.scan.walk import Found, LeftOut, walk
from evalctl.scan.workers import validate_all
from evalctl.sources.opening import PackedError, members_of, open_bytes


class Scanned(NamedTuple):
    """A scan, with the groups that its sets were made of."""

    report: ScanReport
    groups: tuple[Group, ...]
    """One for each set of the report, in order."""


def scan(
    folder: Path,
    registry: Registry,
    watch: Watch = unwatched,
    *,
    earlier: Earlier | None = None,
    workers: int = 1,
) -> Scanned:
    """Return what is in a folder.

    Args:
        folder: It is walked through, and nothing in it is run, unpickled or written.
        registry: The datasets that are known.
        watch: Told how far it is.
        earlier: What an earlier scan found in files that have not changed since.
        workers: How many processes read rows; with several, datasets are those of installed
            plugins.

    Raises:
        ConfigError: It is no folder.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder")
    folder = folder.absolute()
    known = families(registry)
    skipped: list[Skipped] = []
    read: list[ReadFile] = []
    for number, one in enumerate(_files(folder)):
        watch("looking at files", number)
        if isinstance(one, LeftOut):
            skipped.append(Skipped(file=str(one.name), why=one.why))
        elif isinstance(one, ReadFile):
            read.append(one)
        elif isinstance(seen := _look(one, known), str):
            skipped.append(Skipped(file=str(one.name), why=seen))
        else:
            read.append(seen)
    recognised = [Recognised(one.found, one.best) for one in read if one.best is not None]
    groups = group(recognised, folder)
    earlier = earlier or Earlier()
    sets, fresh = _sets(groups, earlier, workers, watch)
    sets |= _told(groups, fresh, {str(one.found.name): one for one in read})
    report = ScanReport(
        folder=str(folder),
        sets=tuple(sets[at] for at in range(len(groups))),
        unknown=tuple(
            earlier.unknown(str(one.found.name)) or told_unknown(one)
            for one in read
            if one.best is None
        ),
        skipped=tuple(skipped),
    )
    return Scanned(report, groups)


def _sets(
    groups: Sequence[Group], earlier: Earlier, workers: int, watch: Watch
) -> tuple[dict[int, FoundSet], dict[int, Validated]]:
    """Return what is known of groups and what was read afresh, each by position.

    A family in which nothing has changed is not read again.
    """
    told: dict[int, FoundSet] = {}
    changed: list[int] = []
    for family in {id(one.family): one.family for one in groups}.values():
        own = [at for at, one in enumerate(groups) if one.family is family]
        known = [earlier.found(groups[at]) for at in own]
        if all(known):
            told |= {at: one for at, one in zip(own, known, strict=True) if one}
        else:
            changed += own
    fresh: dict[int, Validated] = {}
    rows = validate_all([groups[at] for at in changed], workers)
    for at, one in zip(changed, rows, strict=True):
        watch("validating data sets", len(told) + len(fresh))
        fresh[at] = one
    return told, fresh


def _told(
    groups: Sequence[Group], fresh: Mapping[int, Validated], files: Mapping[str, ReadFile]
) -> dict[int, FoundSet]:
    again = overlaps([(groups[at], rows) for at, rows in fresh.items()])
    return {
        at: told_set(groups[at], rows, again.get(number, ()), files)
        for number, (at, rows) in enumerate(fresh.items())
    }


def _files(folder: Path) -> Iterator[Found | LeftOut | ReadFile]:
    """Yield the files of a folder, and those of its zip archives in place of these.

    Archives that cannot be read come as they are.
    """
    for one in walk(folder):
        if isinstance(one, LeftOut):
            yield one
            continue
        try:
            members = members_of(one.path) if one.name.suffix.lower() == ".zip" else None
        except (PackedError, OSError) as error:
            yield _unreadable(one, f"cannot be unpacked: {error}")
            continue
        if members is None:
            yield one
        for member in members or ():
            yield one._replace(name=PurePosixPath(f"{one.name}!", member), member=member)


def _look(found: Found, known: Sequence[Family]) -> ReadFile | str:
    if why := kinds.by_name(found.name):
        return why
    try:
        with open_bytes(found.path, found.member) as file:
            head = file.read(kinds.HEAD_BYTES)
    except OSError as error:
        return _unreadable(found, f"cannot be read: {error.strerror}")
    except PackedError as error:
        return _unreadable(found, str(error))
    if why := kinds.by_beginning(head):
        return _unreadable(found, why) if kinds.is_in_place_of_rows(found.name, why) else why
    ways: Iterable[Way] = (way for family in known for way in family.ways)
    look = look_at(found, head, ways)
    return ReadFile(found, look, candidates(look, found.name, known))


def _unreadable(found: Found, why: str) -> ReadFile:
    """Return a file that should hold rows, and of which none can be read."""
    return ReadFile(found, Look({}, 0, None, f"{found.name}: {why}"), ())
