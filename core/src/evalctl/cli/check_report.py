"""What `evalctl check` prints: a verdict a line, details where there is something to see."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evalctl.proving import (
    Case,
    Finding,
    GoldReport,
    GoldRow,
    Survey,
    Verdict,
)
from evalctl.reporters.hiding import hidden
from evalctl.scales import counted

SHOWN = 10
"""Rows that are shown of each finding."""
MOST_LABELS = 20
"""So many different answers of a dataset are labels at most; more are texts."""
LABEL = 20
"""Characters that a label has at most."""
_ORDER: tuple[Verdict, ...] = ("ok", "look", "failed")
_STYLES = {"ok": "green", "look": "yellow", "failed": "bold red"}
_MARKS = {"ok": "ok", "look": "look", "failed": "FAILED"}


@dataclass(frozen=True)
class Proof:
    """What scoring gold answers and wrong ones came to."""

    reason: str
    """Why that was not done; empty where it was."""
    right: GoldReport | None = None
    """Gold answers, which must score full marks."""
    wrong: GoldReport | None = None
    """Wrong ones, which must not."""

    def findings(self) -> Iterator[Finding]:
        """Yield a line for each of the two."""
        if self.right is None or self.wrong is None:
            text = f"gold answers are not proven: {self.reason}"
            yield Finding(name="gold", verdict="look", text=text)
            return
        if self.right.n_rows or self.right.n_unproven:
            yield _told("gold", "gold answers that score 1.0", self.right)
        else:
            text = "gold answers are not proven: no row has one"
            yield Finding(name="gold", verdict="look", text=text)
        if self.wrong.n_rows:
            yield _told("perturbed", "perturbed answers that do not", self.wrong)
        if self.right.n_unproven:
            yield _told_of_unproven(self.right)
        if self.wrong.n_rows < self.right.n_rows / 2:
            without = self.right.n_rows - self.wrong.n_rows
            text = f"perturbed: {counted(without, 'row has', 'rows have')} no wrong answer to try"
            yield Finding(name="perturbed_rows", verdict="look", text=text)


@dataclass(frozen=True)
class Report:
    """All that a check found."""

    seen: Survey
    """What the rows are like."""
    proof: Proof
    """What their scorer makes of them."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All lines, what was proven behind what rows and ids are."""
        rows = [one for one in self.seen.findings if one.name in {"rows", "ids"}]
        others = [one for one in self.seen.findings if one.name not in {"rows", "ids"}]
        return (*rows, *self.proof.findings(), *others)

    @property
    def verdict(self) -> Verdict:
        """The worst of all lines."""
        return max((one.verdict for one in self.findings), key=_ORDER.index)


def print_as_json(report: Report) -> None:
    """Print everything on standard output; of each finding's rows the first thousand."""
    loaded = report.seen.loaded
    told = {
        "dataset": loaded.spec.name,
        "adapter_version": loaded.spec.version,
        "origin": loaded.located.origin,
        "revision": loaded.located.revision,
        "content_hash": loaded.content_hash,
        "verdict": report.verdict,
        "n_rows": report.seen.n_rows,
        "n_samples": loaded.n_available,
        "gold": _plain(report.proof.right),
        "perturbed": _plain(report.proof.wrong),
        "findings": [one.model_dump(mode="json") for one in report.findings],
        "lengths": [one.model_dump(mode="json") for one in report.seen.lengths],
    }
    sys.stdout.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")


def print_report(report: Report, *, shows_unsafe: bool = False) -> None:
    """Print it for people, without texts that may hurt unless they are wanted."""
    console = Console(highlight=False, emoji=False)
    loaded, findings = report.seen.loaded, report.findings
    if loaded.spec.is_unsafe and not shows_unsafe:
        findings = tuple(map(without_texts, findings))
    rows = counted(report.seen.n_rows, "row")
    console.print(f"{loaded.spec.name}: {rows} from {loaded.located.origin}\n", markup=False)
    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    for one in findings:
        lines.add_row(
            Text(_MARKS[one.verdict], style=_STYLES[one.verdict]), Text(printable(one.text))
        )
    console.print(lines)
    _print_lengths(console, report)
    for one in findings:
        if one.verdict != "ok" and one.cases:
            _print_cases(console, one)
    failed = sum(one.verdict == "failed" for one in findings)
    looks = sum(one.verdict == "look" for one in findings)
    told = f"{counted(failed, 'line')} FAILED" if failed else "Nothing failed"
    more = f"; {counted(looks, 'line')} to look at" if looks else ""
    console.print(f"\n{told}{more}.")


def without_texts(finding: Finding) -> Finding:
    """Return a finding without what it may quote of rows: ids and figures stay."""
    changes: dict[str, object] = {
        "cases": tuple(
            case.model_copy(update={"what": hidden(case.what) if case.what else ""})
            for case in finding.cases
        )
    }
    if isinstance(reasons := finding.figures.get("reasons"), list):
        told = [
            one | {"reason": hidden(str(one["reason"]))} for one in reasons if isinstance(one, dict)
        ]
        changes["figures"] = {**finding.figures, "reasons": told}
    if finding.name == "labels" and not _are_labels(finding.figures):
        changes["text"] = f"labels: {hidden(finding.text)}"
    return finding.model_copy(update=changes)


def _are_labels(figures: Mapping[str, JsonValue]) -> bool:
    """Return whether answers are names of classes, and no texts."""
    different, counts = figures.get("different"), figures.get("counts")
    is_few = isinstance(different, int) and different <= MOST_LABELS
    return is_few and isinstance(counts, dict) and all(len(one) <= LABEL for one in counts)


def _told(name: str, what: str, report: GoldReport) -> Finding:
    wrong = report.n_rows - report.n_right
    return Finding(
        name=name,
        verdict="failed" if wrong else "ok",
        text=f"{what}: {report.n_right:,} of {report.n_rows:,}",
        n_cases=wrong,
        cases=tuple(map(_case, report.wrong)),
    )


def _told_of_unproven(report: GoldReport) -> Finding:
    """Return a line on rows that say nothing here; the reasons are counted among those kept."""
    first: dict[str, str] = {}
    for row in report.unproven:
        first.setdefault(row.reason, row.sample_id)
    counts = Counter(row.reason for row in report.unproven)
    reasons: list[JsonValue] = [
        {"reason": reason, "rows": count, "first": first[reason]}
        for reason, count in counts.most_common()
    ]
    return Finding(
        name="gold_unproven",
        verdict="look",
        text=f"gold answers that could not be scored here: {report.n_unproven:,}",
        n_cases=report.n_unproven,
        cases=tuple(Case(id=row.sample_id, what=row.reason[:300]) for row in report.unproven),
        figures={"reasons": reasons},
    )


def _case(row: GoldRow) -> Case:
    target = f"target {row.target[:80]!r}" if row.target else ""
    read = f"read {row.answer[:80]!r}" if row.answer else ""
    told = ", ".join(part for part in (target, read, row.reason[:300]) if part)
    return Case(id=row.sample_id, what=told)


def _plain(report: GoldReport | None) -> dict[str, JsonValue] | None:
    if report is None:
        return None
    return {
        "n_rows": report.n_rows,
        "n_right": report.n_right,
        "wrong": [row._asdict() for row in report.wrong],
        "n_unproven": report.n_unproven,
        "unproven": [row._asdict() for row in report.unproven],
    }


def _print_lengths(console: Console, report: Report) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(min_width=20)
    for _ in range(4):
        table.add_column(justify="right", min_width=8)
    unit = ""
    for length in report.seen.lengths:
        if length.unit != unit:
            unit = length.unit
            heading = (unit, "least", "median", "95 %", "most")
            table.add_row()
            table.add_row(*heading, style="bold")
        if length.longest:
            figures = (length.least, length.median, length.most_of_95, length.longest)
            table.add_row(length.text, *(f"{figure:,}" for figure in figures))
    if unit:
        console.print(table)


def _print_cases(console: Console, finding: Finding) -> None:
    shown = [(printable(left), printable(right)) for left, right in _shown(finding)]
    console.print(f"\n{printable(finding.text)}", style="bold", markup=False)
    if hint := finding.figures.get("hint"):
        console.print(Padding(Text(printable(str(hint))), (0, 0, 0, 2)))
    if any(right for _, right in shown):
        table = Table.grid(padding=(0, 2))
        table.add_column(overflow="fold", max_width=40)
        table.add_column(overflow="fold")
        for left, right in shown[:SHOWN]:
            table.add_row(Text(f"  {left}"), Text(right))
        console.print(table)
    else:
        ids = ", ".join(left for left, _ in shown[:SHOWN])
        console.print(Padding(Text(ids), (0, 0, 0, 2)))
    if len(shown) > SHOWN:
        console.print("  and others; --json has the first thousand")


def _shown(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield what is shown of a finding's rows: one for each reason, or all one by one."""
    reasons = finding.figures.get("reasons")
    if not isinstance(reasons, list):
        yield from ((case.id, case.what) for case in finding.cases)
        return
    for reason in reasons:
        assert isinstance(reason, dict), "whoever counts reasons writes them so"
        rows = int(str(reason["rows"]))
        many = f" ({rows:,} rows)" if rows > 1 else ""
        yield _near_end(str(reason["first"])), f"{reason['reason']}{many}"


def _near_end(location: str) -> str:
    """Return where a row is without the folders that lead there."""
    return "/".join(location.split("/")[-2:])


def printable(text: str) -> str:
    """Return a dataset's text as it can be shown: nothing in it acts on a terminal."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
