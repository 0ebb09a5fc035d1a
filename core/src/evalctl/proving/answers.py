"""Rows that cannot be answered, or that say their answer: cheap signs, and few false alarms."""

from __future__ import annotations

from collections.abc import Iterator

from evalctl.proving.findings import Cases, Finding, Seen, quoted
from evalctl.proving.options import is_answerable
from evalctl.proving.questions import same_text
from evalctl.scales import counted
from evalctl.specs import DatasetSpec

_TELLING = 24
"""Characters from which on an answer that stands in its question is no coincidence."""
_BY_DESIGN = 0.5
"""Where the answers of more rows than this stand in their questions, they are meant to."""


class Answers:
    """Looks for rows without a question or without an answer."""

    def __init__(self, spec: DatasetSpec) -> None:
        """Begin without any."""
        self._has_gold = spec.gold is not None
        self._classes = {one.name for one in spec.classes}
        self._has_input = not spec.asks_nothing
        self._total = 0
        self._no_input, self._no_option = Cases(), Cases()
        self._no_target, self._no_gold, self._is_input, self._told = (Cases() for _ in range(4))

    def see(self, seen: Seen) -> None:
        """Look at a sample."""
        self._total += 1
        sample = seen.sample
        question, target = sample.input.strip(), sample.target.strip()
        if not question and self._has_input:
            self._no_input.add(sample.id)
        if not target:
            self._no_target.add(sample.id)
        elif self._classes and target not in self._classes:
            self._no_option.add(sample.id, f"{quoted(target)} is none of {len(self._classes)}")
        elif not is_answerable(sample):
            self._no_option.add(sample.id, f"{quoted(target)} is none of {len(sample.choices)}")
        elif same_text(question) == same_text(target):
            self._is_input.add(sample.id, quoted(target))
        elif not sample.choices and len(target) >= _TELLING and target in question:
            self._told.add(sample.id, quoted(target))
        if self._has_gold and seen.gold is None:
            self._no_gold.add(sample.id)

    def findings(self) -> Iterator[Finding]:
        """Yield each kind of row that is there, or that none is."""
        found = [*self._found()]
        yield from found or [
            Finding(name="answers", verdict="ok", text="answers: every question can have one")
        ]

    def _found(self) -> Iterator[Finding]:
        if cases := _some(self._no_input):
            text = f"answers: {counted(cases.total, 'row')} without a question"
            yield cases.finding("empty_input", "failed", text)
        if cases := _some(self._no_option):
            told = counted(cases.total, "row whose target is", "rows whose targets are")
            text = f"answers: {told} not among the options"
            yield cases.finding("target_no_option", "failed", text)
        if 0 < self._no_target.total < self._total:
            told = counted(self._no_target.total, "row")
            text = f"answers: {told} without a target, though others have one"
            yield self._no_target.finding("empty_target", "look", text)
        if 0 < (cases := self._no_gold).total < self._total:
            text = f"answers: {counted(cases.total, 'row')} without a gold output: not proven"
            yield cases.finding("no_gold", "look", text)
        if cases := _some(self._is_input):
            text = f"answers: {counted(cases.total, 'row')} whose target is the question itself"
            yield cases.finding("target_is_input", "look", text)
        if 0 < self._told.total <= _BY_DESIGN * self._total:
            told = counted(self._told.total, "row")
            text = f"answers: {told} whose target stands word for word in the question"
            yield self._told.finding("target_in_input", "look", text)


def _some(cases: Cases) -> Cases | None:
    return cases if cases.total else None
