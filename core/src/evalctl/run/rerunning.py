"""A run repeated: the same plan and seeds, and which samples came out otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Literal

from evalctl.plan import PlannedModel
from evalctl.records import Record
from evalctl.results import RunResult, SampleResult
from evalctl.run.execute import execute
from evalctl.run.manifest import new_run_folder
from evalctl.run.observer import Observer
from evalctl.run.reopening import Reopened
from evalctl.store import Derivation, LineWriter, RunFolder

Order = Literal["shuffled", "same"]

EXCERPT = 60
"""Characters that are shown around the place where two outputs part."""


class Change(Record):
    """A sample that came out otherwise: a line of `changes.jsonl`."""

    model: str
    dataset: str
    sample_id: str
    completion: int
    """Position of the completion, from 0."""
    position: int
    """The first character that differs, from 0."""
    before: str
    """What the first run wrote there."""
    after: str
    """What the second one wrote."""
    values_changed: tuple[str, ...] = ()
    """Metrics whose value for this sample changed with it."""


class Repetition(Record):
    """How far a run came out the same when it was repeated: `repetition.json`."""

    origin: str
    """The run that was repeated."""
    run_id: str
    """The run that repeated it."""
    order: Order
    """Whether samples were asked in another order, so that batches were put together otherwise."""
    n_compared: int
    """Samples that both runs have."""
    n_changed: int
    """Those of which any completion differs."""
    n_scores_changed: int
    """Those of which any metric's value differs."""
    n_missing: int
    """Samples that one of the two runs lacks."""


def rerun(
    again: Reopened, origin: RunFolder, observer: Observer, *, order: Order
) -> tuple[RunResult, RunFolder]:
    """Run a plan again, without the cache, into a new run folder.

    Raises:
        UsageError: The only model cannot be loaded, or the folder cannot be made.
        StorageError: The disk is full.
        KeyboardInterrupt: A second Ctrl-C came before the summary was written.
    """
    asked = again.plan.asked.model_copy(update={"cache": False})
    plan = replace(again.plan, asked=asked, cache=None)
    target = new_run_folder(plan)
    derived = Derivation(kind="rerun", run_id=origin.run_id, path=str(origin.path))
    chance = Random(plan.asked.seed + 1) if order == "shuffled" else None
    return execute(plan, target, observer, origin=derived, order=chance), target


def compare_outputs(
    models: tuple[PlannedModel, ...], origin: RunFolder, target: RunFolder, *, order: Order
) -> tuple[Repetition, tuple[Change, ...]]:
    """Return how two runs of one plan differ, with the first few changes; all are written down.

    Of the first run a digest of each sample's outputs is held, and of the samples that differ
    what they were.

    Raises:
        OutputError: A file of results is damaged.
        StorageError: The disk is full.
    """
    found = _Found(origin, target)
    path = target.path / "changes.jsonl"
    with LineWriter(path) as writer:
        for model in models:
            for dataset in model.datasets:
                for change in found.changes(model.name, dataset.name):
                    writer.append(change)
    repetition = Repetition(
        origin=origin.run_id,
        run_id=target.run_id,
        order=order,
        n_compared=found.n_compared,
        n_changed=found.n_changed,
        n_scores_changed=found.n_scores_changed,
        n_missing=found.n_missing,
    )
    target.write_whole("repetition.json", repetition)
    return repetition, tuple(found.first)


class _Found:
    """Counts what differs between two runs."""

    def __init__(self, origin: RunFolder, target: RunFolder) -> None:
        self.n_compared = self.n_changed = self.n_scores_changed = self.n_missing = 0
        self.first: list[Change] = []
        self._origin = origin
        self._target = target

    def changes(self, model: str, dataset: str) -> Iterator[Change]:
        digests = {r.sample_id: _digest(r) for r in self._origin.results(model, dataset)}
        differing: dict[str, SampleResult] = {}
        n_new = 0
        for result in self._target.results(model, dataset):
            digest = digests.pop(result.sample_id, None)
            n_new += digest is None
            if digest is not None:
                self.n_compared += 1
                if digest != _digest(result):
                    differing[result.sample_id] = result
        self.n_missing += n_new + len(digests)
        for before in self._origin.results(model, dataset) if differing else ():
            if (after := differing.get(before.sample_id)) is not None:
                yield from self._changes_of(model, before, after)

    def _changes_of(
        self, model: str, before: SampleResult, after: SampleResult
    ) -> Iterator[Change]:
        values = tuple(
            name for name, value in after.metrics.items() if before.metrics.get(name) != value
        )
        self.n_changed += 1
        self.n_scores_changed += bool(values)
        for number, (old, new) in enumerate(zip(_outputs(before), _outputs(after), strict=False)):
            if old == new:
                continue
            at = _first_difference(old, new)
            change = Change(
                model=model,
                dataset=before.dataset,
                sample_id=before.sample_id,
                completion=number,
                position=at,
                before=_excerpt(old, at),
                after=_excerpt(new, at),
                values_changed=values,
            )
            if len(self.first) < 5:
                self.first.append(change)
            yield change


def _digest(result: SampleResult) -> bytes:
    digest = hashlib.blake2b(digest_size=12)
    for output in _outputs(result):
        digest.update(output.encode("utf-8", "surrogatepass") + b"\0")
    return digest.digest()


def _outputs(result: SampleResult) -> list[str]:
    """Return what a model gave: texts with their reasoning, or log-likelihoods, or labels.

    Log-likelihoods to a hundredth of a nat, probabilities to a thousandth: what is below depends on
    every batch's form, and is rounding.
    """
    generation = result.generation
    texts = [
        "\0".join((*((one.reasoning,) if one.reasoning else ()), *one.earlier, one.text))
        for one in generation.completions
    ]
    texts = texts or [f"{one.logprob:.2f}" for one in generation.continuations]
    return texts or [f"{label} {found:.3f}" for label, found in generation.labels.items()]


def _first_difference(old: str, new: str) -> int:
    for position, (one, other) in enumerate(zip(old, new, strict=False)):
        if one != other:
            return position
    return min(len(old), len(new))


def _excerpt(text: str, at: int) -> str:
    return text[max(0, at - EXCERPT // 3) : at + EXCERPT]
