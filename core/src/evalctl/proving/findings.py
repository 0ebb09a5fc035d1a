"""What a check of rows comes to: a verdict, a line, and the first of the rows it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple, Protocol

from pydantic import JsonValue

from evalctl.records import Record, Sample
from evalctl.scoring import writable

KEPT = 1000
"""Cases of a finding that are kept; of all others only the number is."""
WHAT = 300
"""Characters of a case's explanation that are kept."""

Verdict = Literal["ok", "look", "failed"]
"""Nothing to see; something that a person should judge; something that must be mended."""


class Case(Record):
    """One row that a finding is about."""

    id: str
    """Id of the sample; of a row that is none, where it is."""
    what: str = ""
    """What is to be seen there."""


class Finding(Record):
    """One line of a report."""

    name: str
    """What was looked at; stays the same from version to version."""
    verdict: Verdict
    """How it is."""
    text: str
    """One sentence for people."""
    n_cases: int = 0
    """How many rows it is about."""
    cases: tuple[Case, ...] = ()
    """The first of them."""
    figures: Mapping[str, JsonValue] = {}
    """Its numbers, for programs."""


class Cases:
    """Rows that are being collected for a finding."""

    def __init__(self) -> None:
        """Begin without any."""
        self.total = 0
        """How many there are."""
        self.kept: list[Case] = []
        """The first of them."""

    def add(self, id_: str, what: str = "") -> None:
        """Add one."""
        self.total += 1
        if len(self.kept) < KEPT:
            self.kept.append(Case(id=writable(id_[:WHAT]), what=writable(what[:WHAT])))

    def finding(
        self,
        name: str,
        verdict: Verdict,
        text: str,
        figures: Mapping[str, JsonValue] | None = None,
    ) -> Finding:
        """Return the finding that these rows are."""
        return Finding(
            name=name,
            verdict=verdict,
            text=text,
            n_cases=self.total,
            cases=tuple(self.kept),
            figures=figures or {},
        )


class Seen(NamedTuple):
    """A sample with the texts that are made of it."""

    sample: Sample
    completion: str
    """What a model reads in completion style, worked examples first."""
    chat: str
    """What it reads in a conversation."""
    gold: str | None
    """The gold answer as a model would write it; None where there is none."""


class Check(Protocol):
    """Looks at every sample once."""

    def see(self, seen: Seen) -> None:
        """Take one sample in; keep of it as little as can be."""
        ...

    def findings(self) -> Iterator[Finding]:
        """Yield what came out, after the last sample."""
        ...


Watch = Callable[[str, int], None]
"""Told what goes on and how far it is, now and then."""


def unwatched(_text: str, _done: int) -> None:
    """Show nothing."""


def share(count: int, total: int) -> str:
    """Return a share for people, in percent."""
    return f"{100 * count / total:.1f} %" if total else "none"


def quoted(text: str, limit: int = 40) -> str:
    """Return a text on one line, in quotation marks, cut where it is long."""
    line = " ".join(text.split())
    return repr(line if len(line) <= limit else f"{line[: limit - 1]}…")
