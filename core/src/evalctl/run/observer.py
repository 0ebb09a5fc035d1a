"""What a run tells while it goes on; the command line shows it, tests record it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Protocol

from evalctl.engines.host import Listener
from evalctl.plan import PlannedDataset, PlannedModel
from evalctl.protocols import EngineInfo
from evalctl.results import ModelResult, SampleResult
from evalctl.run.tally import Tally


class Observer(Protocol):
    """Receives a run's events, in the thread that runs it; must return at once."""

    def phase(self, model: PlannedModel, text: str) -> None:
        """A model's engine began something that takes a while."""

    def working(self, model: PlannedModel, text: str) -> None:
        """A model's engine has come so far with what it was asked; told every second or so."""

    def warn(self, text: str) -> None:
        """Something is wrong that does not keep the run from going on."""

    def ready(
        self, model: PlannedModel, info: EngineInfo, seconds: float, tallies: Mapping[str, Tally]
    ) -> None:
        """A model is loaded; its tallies, by dataset, grow from now on."""

    def scored(self, dataset: PlannedDataset, tally: Tally, result: SampleResult) -> None:
        """A sample's result is on disk and counted in the tally."""

    def finished(self, model: PlannedModel, result: ModelResult) -> None:
        """A model is done, or failed."""


class SilentObserver:
    """Tells nobody."""

    def phase(self, model: PlannedModel, text: str) -> None:
        """Ignore it."""

    def working(self, model: PlannedModel, text: str) -> None:
        """Ignore it."""

    def warn(self, text: str) -> None:
        """Write it to standard error: silence is for progress."""
        sys.stderr.write(f"warning: {text}\n")

    def ready(
        self, model: PlannedModel, info: EngineInfo, seconds: float, tallies: Mapping[str, Tally]
    ) -> None:
        """Ignore it."""

    def scored(self, dataset: PlannedDataset, tally: Tally, result: SampleResult) -> None:
        """Ignore it."""

    def finished(self, model: PlannedModel, result: ModelResult) -> None:
        """Ignore it."""


def listener_of(observer: Observer, model: PlannedModel) -> Listener:
    """Return what passes on to an observer what a model's engine is at."""
    return Listener(
        on_phase=lambda text: observer.phase(model, text),
        on_work=lambda text: observer.working(model, text),
    )
