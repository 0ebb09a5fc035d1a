"""What `evalctl datasets scan` prints: sets, files that nobody knows, and what was left out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from evalctl.cli.harmless import harmless
from evalctl.cli.table import print_table
from evalctl.reporters.hiding import hidden
from evalctl.scales import counted
from evalctl.scan import FoundSet, Guess, ScanReport, Unknown

_STATUS = {
    "ready": "ready",
    "warnings": "ready, with warnings",
    "unusable": "not usable",
    "unknown": "unknown",
}
_CASES = 3
"""Rows that are shown of what makes a set unusable."""
_FILES = 3
"""Files that are named of those that are left out for the same reason."""
_COLUMNS = 8
"""Columns of an unknown file that are shown."""


def print_scan(report: ScanReport, *, shows_unsafe: bool = False) -> None:
    """Print a scan for people.

    Args:
        report: The scan.
        shows_unsafe: Whether rows of datasets marked `is_unsafe` are quoted.
    """
    columns: dict[str, Callable[[FoundSet], str]] = {
        "dataset": lambda one: one.dataset,
        "files": _files,
        "rows": lambda one: f"{one.rows:,}",
        "what for": _use,
        "status": lambda one: "\n".join((_STATUS[one.status], *one.reasons, *_notes(one))),
    }
    print_table(report.sets, columns, empty="No registered dataset is in there.")
    for one in report.sets:
        for line in _broken(one, shows_unsafe=shows_unsafe):
            _say(line)
    if report.unknown:
        _say()
        for line in _unknown(report.unknown):
            _say(line)
    _say()
    _say(_summary(report))


def print_index(report: ScanReport, folder: Path) -> None:
    """Print which datasets runs find in a folder, and which files they cannot use.

    Args:
        report: What was found there.
        folder: As it was given.
    """
    usable = [one for one in report.sets if not one.problem and one.use == "samples"]
    names = dict.fromkeys(name for one in usable for name in (one.dataset, *one.also))
    told = f"{len(names)} can be run: {', '.join(names)}" if names else "none can be run"
    _say(f"{folder}: {counted(len(report.sets), 'data set')}; {told}")
    surest = sorted(usable, key=lambda one: -one.confidence)
    for name in dict.fromkeys(one.dataset for one in surest):
        own = [_files(one).replace("\n", " ") for one in surest if one.dataset == name]
        if len(own) > 1:
            _say(f"{name}: runs take {own[0]}, and not {', '.join(own[1:])}")
    for one in report.sets:
        if one.problem:
            more = f" and {counted(len(one.files) - 1, 'file')} more" if len(one.files) > 1 else ""
            _say(f"not usable: {one.files[0]}{more}, as {one.dataset}: {one.problem}")
    for line in _unknown(report.unknown):
        _say(line)


def _files(one: FoundSet) -> str:
    """Return the first file, and how many there are besides."""
    more = len(one.files) - 1
    return one.files[0] + (f"\nand {counted(more, 'file')} more" if more else "")


def _use(one: FoundSet) -> str:
    taken = f" ({one.samples:,} taken)" if one.samples != one.rows else ""
    return (f"{one.use}: {one.split}" if one.split else one.use) + taken


def _notes(one: FoundSet) -> Iterator[str]:
    """Yield what was asked for and changes no status."""
    yield from (finding.text for finding in one.findings if finding.name == "near")


def _broken(one: FoundSet, *, shows_unsafe: bool) -> Iterator[str]:
    for finding in one.findings:
        if finding.verdict == "failed":
            for case in finding.cases[:_CASES]:
                what = case.what if shows_unsafe or not one.is_unsafe else hidden(case.what)
                yield f"{one.dataset}: {case.id}: {what}" if what else f"{one.dataset}: {case.id}"
            if finding.n_cases > _CASES:
                more = finding.n_cases - min(_CASES, len(finding.cases))
                yield f"{one.dataset}: and {more:,} more; --json names the first of them"


def _unknown(files: Sequence[Unknown]) -> Iterator[str]:
    """Yield what is said of unknown files; those of one kind are told together."""
    together: dict[str, list[Unknown]] = {}
    for one in files:
        together.setdefault(_kind(one), []).append(one)
    for kind, own in together.items():
        rows = [one.rows for one in own if one.rows is not None]
        told = f", {counted(sum(rows), 'row')}" if rows else ""
        more = f" and {counted(len(own) - 1, 'file')} like it" if len(own) > 1 else ""
        yield f"unknown: {own[0].file}{more}{told}"
        yield from (f"    {line}" for line in kind.split("\n"))


def _kind(one: Unknown) -> str:
    lines = [one.problem] if one.problem else []
    if one.columns:
        shown = [f"{name} ({types})" for name, types in [*one.columns.items()][:_COLUMNS]]
        more = len(one.columns) - len(shown)
        lines.append(f"has {', '.join(shown)}" + (f" and {more} more" if more > 0 else ""))
    if one.rows is not None:
        lines.append(_nearest(one.nearest[0]) if one.nearest else "like no registered dataset")
    return "\n".join(lines)


def _nearest(guess: Guess) -> str:
    if guess.missing:
        return f"nearest: {guess.dataset}, which also needs {', '.join(guess.missing)}"
    why = guess.why_not or "its columns are there, and most of the file's are not its"
    return f"nearest: {guess.dataset}, but {why}"


def _summary(report: ScanReport) -> str:
    by_status = Counter(_STATUS[one.status] for one in report.sets)
    told = [f"{count} {status}" for status, count in by_status.items()]
    if report.unknown:
        told.append(f"{counted(len(report.unknown), 'file')} unknown")
    lines = [f"{counted(len(report.sets), 'set')}: {', '.join(told)}" if told else "nothing found"]
    why: dict[str, list[str]] = {}
    for one in report.skipped:
        why.setdefault(one.why, []).append(one.file)
    for reason, names in sorted(why.items(), key=lambda pair: -len(pair[1])):
        more = f" and {len(names) - _FILES:,} more" if len(names) > _FILES else ""
        shown = f"{', '.join(names[:_FILES])}{more}"
        lines.append(f"left out: {counted(len(names), 'file')}: {reason} ({shown})")
    return "\n".join(lines)


def _say(line: str = "") -> None:
    sys.stdout.write(f"{harmless(line) if line else ''}\n")
