"""From `RUN` or `RUN:MODEL` to the models of runs that are compared."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evalctl.comparing.facts import ModelFacts, RunFacts, read_facts
from evalctl.errors import OutputError, UnknownNameError, UsageError
from evalctl.results import DatasetResult, ModelResult, RunResult
from evalctl.store import RunFolder, open_run_of_model

Key = tuple[Path, str]
"""A run's folder and a model: what no two sides may share."""


@dataclass(frozen=True)
class RunSide:
    """One model of one run, with all that the run folder says of it but its samples."""

    folder: RunFolder
    """Where its samples are."""
    facts: RunFacts
    """What was planned."""
    planned: ModelFacts
    """The model's part of it."""
    summary: RunResult
    """What came out."""
    result: ModelResult
    """The model's part of it."""
    is_chosen: bool = False
    """Whether it was named after a colon, and is meant without the run's other models."""

    @property
    def model(self) -> str:
        """Name of the model."""
        return self.planned.model

    @property
    def key(self) -> Key:
        """What no other side may share."""
        return self.folder.path.resolve(), self.model

    def dataset(self, name: str) -> DatasetResult | None:
        """Return the model's result on a dataset, or None."""
        return next((one for one in self.result.datasets if one.dataset == name), None)

    def metrics(self, dataset: str) -> tuple[str, ...]:
        """Return the names of a dataset's metrics; empty where it was not run."""
        result = self.dataset(dataset)
        return tuple(metric.name for metric in result.metrics) if result else ()


def open_sides(given: Sequence[str], out: Path) -> tuple[RunSide, ...]:
    """Return the sides that arguments name: `RUN` for all models of a run, `RUN:MODEL` for one.

    Raises:
        OutputError: There is no such run, or it cannot be read.
        UnknownNameError: The run has no such model.
        UsageError: A side is named twice.
    """
    sides: list[RunSide] = []
    for argument in given:
        for side in open_side(argument, out):
            if any(side.key == other.key for other in sides):
                raise UsageError(
                    f"{argument}: model {side.model!r} of run {side.facts.run_id} is given twice; "
                    "a side cannot be compared with itself"
                )
            sides.append(side)
    return tuple(sides)


def open_side(argument: str, out: Path) -> tuple[RunSide, ...]:
    """Return the sides that one argument names.

    Raises:
        OutputError: There is no such run, it cannot be read, or it has no result of what is named.
        UnknownNameError: The run has no such model.
    """
    folder, wanted = open_run_of_model(argument, out)
    facts, summary = read_facts(folder), folder.summary()
    results = {result.model: result for result in summary.models}
    _check_headlines(folder, summary)
    folder.check_samples(summary)
    sides = [
        RunSide(folder, facts, planned, summary, results[planned.model], wanted is not None)
        for planned in facts.models
        if planned.model in results
    ]
    if wanted is None:
        if not sides:
            raise OutputError(f"run {facts.run_id} has no result of any model; nothing to compare")
        return tuple(sides)
    chosen = tuple(side for side in sides if side.model == wanted)
    if not chosen and any(planned.model == wanted for planned in facts.models):
        raise OutputError(without_result(folder, (wanted,)))
    if not chosen:
        known = [side.model for side in sides]
        raise UnknownNameError("model", wanted, known, hint=f"They are those of {facts.run_id}.")
    return chosen


def missing_models(side: RunSide) -> tuple[str, ...]:
    """Return the models that a side's run has planned, and that have no result."""
    done = {result.model for result in side.summary.models}
    return tuple(model.model for model in side.facts.models if model.model not in done)


def without_result(folder: RunFolder, models: Sequence[str]) -> str:
    """Return that planned models have no result, and what to do about it."""
    return (
        f"{', '.join(models)} of run {folder.run_id}: planned, but without a result; "
        f"to go on: evalctl run --resume {shlex.quote(str(folder.path))}"
    )


def _check_headlines(folder: RunFolder, summary: RunResult) -> None:
    for model in summary.models:
        for dataset in model.datasets:
            if not dataset.metrics or dataset.metrics[0].name != dataset.headline:
                raise OutputError(
                    f"{folder.path / 'summary.json'}: {model.model} on {dataset.dataset} does not "
                    f"begin with its headline metric {dataset.headline!r}; the file was edited"
                )
