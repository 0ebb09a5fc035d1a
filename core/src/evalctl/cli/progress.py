"""A run's progress on standard error: live in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from evalctl.plan import Plan, PlannedDataset, PlannedModel
from evalctl.protocols import EngineInfo
from evalctl.records import ModelResult, SampleResult
from evalctl.run import Observer, Tally
from evalctl.run.observer import SilentObserver

LINE_SECONDS = 10.0
"""Between two plain lines of one dataset."""


@contextmanager
def make_observer(plan: Plan, *, is_quiet: bool) -> Iterator[Observer]:
    """Yield the observer that suits where standard error goes.

    Args:
        plan: What will be run.
        is_quiet: Whether nothing is to be shown in a terminal; plain lines are kept out as well.
    """
    console = Console(stderr=True, highlight=False)
    if is_quiet:
        yield SilentObserver()
    elif console.is_terminal:
        with LiveObserver(plan, console) as observer:
            yield observer
    else:
        yield LineObserver()


class LiveObserver:
    """Bars with what is loading and for how long, samples, tokens per second, running score."""

    def __init__(self, plan: Plan, console: Console) -> None:
        """Prepare the display; it begins with `with`."""
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[score]}"),
            console=console,
            refresh_per_second=8,
        )
        self._loading: dict[str, TaskID] = {}
        self._bars: dict[str, TaskID] = {}
        self._speed = _Speed()

    def __enter__(self) -> LiveObserver:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and leave the last state on the screen."""
        self._progress.stop()

    def phase(self, model: PlannedModel, text: str) -> None:
        """Show what is being waited for."""
        description = f"{model.name}: {text}"
        if model.name in self._loading:
            self._progress.update(self._loading[model.name], description=description)
        else:
            self._loading[model.name] = self._progress.add_task(description, total=None, score="")

    def ready(self, model: PlannedModel, info: EngineInfo, seconds: float) -> None:
        """Replace the waiting line by one bar per dataset."""
        self.phase(model, f"loaded by {info.name} in {seconds:.1f} s")
        self._progress.update(self._loading.pop(model.name), total=1, completed=1)
        self._bars = {
            dataset.name: self._progress.add_task(
                dataset.name, total=dataset.loaded.n_samples, score="", start=True
            )
            for dataset in model.datasets
        }
        self._speed = _Speed()

    def scored(self, dataset: PlannedDataset, tally: Tally, result: SampleResult) -> None:
        """Move the dataset's bar; the figures are renewed a few times a second only."""
        self._speed.count(result)
        if self._speed.is_due() or tally.n_done == dataset.loaded.n_samples:
            score = f"{self._speed} {running_score(tally)}"
            self._progress.update(self._bars[dataset.name], completed=tally.n_done, score=score)

    def finished(self, model: PlannedModel, result: ModelResult) -> None:
        """Show that a model failed; its table tells the rest."""
        for name, task in self._loading.items():
            failed = f"{name}: {result.error or 'ended'}"
            self._progress.update(task, description=failed, total=1, completed=1)
        self._loading.clear()


class LineObserver:
    """One plain line now and then, for logs."""

    def __init__(self) -> None:
        """Remember when each dataset last had its line."""
        self._console = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
        self._last: dict[str, float] = {}
        self._began = time.monotonic()
        self._speed = _Speed()

    def phase(self, model: PlannedModel, text: str) -> None:
        """Log it."""
        self._log(f"{model.name}: {text}")

    def ready(self, model: PlannedModel, info: EngineInfo, seconds: float) -> None:
        """Log it."""
        self._log(f"{model.name}: loaded by {info.name} in {seconds:.1f} s")
        self._speed = _Speed()
        self._last.clear()

    def scored(self, dataset: PlannedDataset, tally: Tally, result: SampleResult) -> None:
        """Log a dataset every ten seconds and at its end."""
        self._speed.count(result)
        now = time.monotonic()
        since = self._last.setdefault(dataset.name, now)
        total = dataset.loaded.n_samples
        if now - since > LINE_SECONDS or tally.n_done == total:
            self._last[dataset.name] = now
            left = self._left(tally.n_done, total)
            score = running_score(tally)
            self._log(f"{dataset.name}: {tally.n_done}/{total} {self._speed} {score}{left}")

    def finished(self, model: PlannedModel, result: ModelResult) -> None:
        """Log it."""
        self._log(f"{model.name}: {result.error or 'done'}")

    def _left(self, done: int, total: int) -> str:
        if done >= total:
            return ""
        seconds = (time.monotonic() - self._speed.began) * (total - done) / max(done, 1)
        return f", about {seconds:.0f} s left"

    def _log(self, text: str) -> None:
        self._console.print(f"[{time.monotonic() - self._began:7.1f} s] {text}")


def running_score(tally: Tally) -> str:
    """Return the headline metric so far with its interval."""
    found = tally.headline()
    if found.value is None:
        return ""
    bounds = f" ({found.interval[0]:.1%} … {found.interval[1]:.1%})" if found.interval else ""
    return f"{found.value:.1%}{bounds}"


class _Speed:
    """Output tokens per second since a model was ready."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self._shown = 0.0
        self._tokens = 0

    def count(self, result: SampleResult) -> None:
        self._tokens += sum(c.output_tokens for c in result.generation.completions)

    def is_due(self) -> bool:
        now = time.monotonic()
        if now - self._shown < 0.2:
            return False
        self._shown = now
        return True

    def __str__(self) -> str:
        seconds = max(time.monotonic() - self.began, 1e-9)
        return f"{self._tokens / seconds:,.0f} tok/s" if self._tokens else ""
