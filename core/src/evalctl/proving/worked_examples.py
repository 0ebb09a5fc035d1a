"""Worked examples that are among the questions: a model would be shown the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from evalctl.errors import DatasetError, DatasetMissingError
from evalctl.plan.datasets import find_rows
from evalctl.plan.reading import adapted, read_samples
from evalctl.plan.shots import shots_of
from evalctl.proving.findings import Cases, Finding, Seen, Verdict
from evalctl.proving.questions import fingerprint
from evalctl.records import Sample
from evalctl.scales import counted
from evalctl.sources import Located
from evalctl.specs import DatasetSpec


class ReadExamples(NamedTuple):
    """What there is of worked examples on this machine."""

    shots: tuple[Sample, ...]
    """Those that stand before every question in completion style."""
    trouble: Finding | None
    """Why there are none, where there should be."""
    source: frozenset[int]
    """Fingerprints of all rows that examples can be taken from."""
    is_own_file: bool
    """Whether these rows are in the same files as the questions."""


def read_examples(
    spec: DatasetSpec, located: Located, data_folders: Sequence[Path]
) -> ReadExamples:
    """Return the worked examples of a dataset; what is not here is not fetched to be compared."""
    trouble: Finding | None = None
    shots: tuple[Sample, ...] = ()

    def questions() -> Iterator[Sample]:
        return read_samples(spec, located, told=_pass_over)

    try:
        shots = shots_of(spec, spec.shots, data_folders, questions)
    except DatasetMissingError:
        text = f"worked examples: none of the {spec.shots} is on this machine; give their folder "
        text += "with --data DIR, or ask without: --shots 0"
        trouble = Finding(name="worked_examples", verdict="look", text=text)
    except DatasetError as error:
        text = f"worked examples: {error}"
        trouble = Finding(name="worked_examples", verdict="failed", text=text)
    found = find_rows(spec, data_folders, for_shots=True)
    if found is None or not found.is_local or trouble:
        return ReadExamples(shots, trouble, frozenset(), is_own_file=False)
    rows = adapted(spec, found.rows(told=_pass_over), _pass_over)
    return ReadExamples(
        shots, None, frozenset(map(fingerprint, rows)), is_own_file=found.parts == located.parts
    )


def _pass_over(_location: str, _reason: str) -> None:
    """Leave broken rows to those who use them, or have told of them."""


class WorkedExamples:
    """Compares questions with worked examples, and with all rows that these are taken from."""

    def __init__(self, examples: ReadExamples) -> None:
        """Begin with what there is."""
        self._examples = examples
        self._used = frozenset(map(fingerprint, examples.shots))
        self._shown, self._shared = Cases(), Cases()

    def see(self, seen: Seen) -> None:
        """Compare a question."""
        if not self._examples.source and not self._used:
            return
        key = fingerprint(seen.sample)
        if key in self._used:
            self._shown.add(seen.sample.id)
        if key in self._examples.source:
            self._shared.add(seen.sample.id)

    def findings(self) -> Iterator[Finding]:
        """Yield what the two have in common, where there are examples."""
        examples = self._examples
        if examples.trouble:
            yield examples.trouble
            return
        if self._shown.total:
            n_used, shown = len(examples.shots), self._shown.total
            text = f"worked examples: {shown:,} of the questions are among the {n_used}"
            yield self._shown.finding("worked_examples", "failed", text)
        elif examples.source:
            yield self._told_of_source()

    def _told_of_source(self) -> Finding:
        examples, shared = self._examples, self._shared
        n_used = len(examples.shots)
        used = f"{n_used}, none of them among the questions" if n_used else "none by default"
        verdict: Verdict = "ok"
        if not shared.total:
            where = "; their split shares no question"
        elif examples.is_own_file:
            where = "; they come from the questions' own file"
        else:
            verdict = "look"
            where = (
                f"; {counted(shared.total, 'question stands', 'questions stand')} in their split"
            )
        return shared.finding("worked_examples", verdict, f"worked examples: {used}{where}")
