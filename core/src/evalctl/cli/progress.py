"""A run's progress on standard error: live in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from evalctl.plan import PlannedDataset, PlannedModel
from evalctl.protocols import EngineInfo
from evalctl.reporters.figures import printable
from evalctl.reporters.hiding import shown_error
from evalctl.results import ModelResult, SampleResult
from evalctl.run import Observer, Tally
from evalctl.run.observer import SilentObserver
from evalctl.scales import Scale

LINE_SECONDS = 10.0
"""Between two plain lines of one dataset."""


@contextmanager
def make_observer(*, is_quiet: bool) -> Iterator[Observer]:
    """Yield the observer that suits where standard error goes.

    Args:
        is_quiet: Whether nothing is to be shown at all.
    """
    console = Console(stderr=True, highlight=False, emoji=False)
    if is_quiet:
        yield SilentObserver()
    elif console.is_terminal:
        with LiveObserver(console) as observer:
            yield observer
    else:
        yield LineObserver()


class LiveObserver:
    """What is loading and for how long; then samples, tokens per second and running score."""

    def __init__(self, console: Console) -> None:
        """Prepare the display; it begins with `with`."""
        self._loading = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console
        )
        self._bars = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}", table_column=Column(no_wrap=True)),
            BarColumn(bar_width=12),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            _ScoreColumn(table_column=Column(no_wrap=True)),
            console=console,
        )
        self._live = Live(Group(self._loading, self._bars), console=console, refresh_per_second=8)
        self._waiting: dict[str, TaskID] = {}
        self._by_dataset: dict[str, TaskID] = {}
        self._of_last_model: list[TaskID] = []
        self._speed = _Speed(is_measured=False)

    def __enter__(self) -> Self:
        """Begin to show."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and leave the last state on the screen."""
        self._live.stop()

    def phase(self, model: PlannedModel, text: str) -> None:
        """Show what is being waited for."""
        description = escape(printable(f"{model.name}: {text}"))
        if model.name in self._waiting:
            self._loading.update(self._waiting[model.name], description=description)
        else:
            self._waiting[model.name] = self._loading.add_task(description, total=None)

    def warn(self, text: str) -> None:
        """Print it above what moves."""
        self._live.console.print(printable(f"warning: {text}"), markup=False)

    def ready(self, model: PlannedModel, info: EngineInfo, seconds: float) -> None:
        """Replace the waiting line by one bar per dataset."""
        self._end_waiting(model, f"loaded by {info.name} in {seconds:.1f} s")
        self._speed = _Speed()
        for dataset in model.datasets:
            self._bar(dataset)

    def scored(self, dataset: PlannedDataset, tally: Tally, result: SampleResult) -> None:
        """Move the dataset's bar; the figures are made when the screen is drawn."""
        self._speed.count(result)
        self._bars.update(
            self._bar(dataset),
            completed=tally.n_done,
            total=tally.n_samples,
            tally=tally,
            speed=self._speed,
        )

    def finished(self, model: PlannedModel, result: ModelResult) -> None:
        """Say how a model failed; its table tells the rest."""
        if error := shown_error(result):
            self._end_waiting(model, error)
        self._speed = _Speed(is_measured=False)
        self._of_last_model = [*self._of_last_model, *self._by_dataset.values()]
        self._by_dataset = {}

    def _bar(self, dataset: PlannedDataset) -> TaskID:
        """Return a dataset's bar: stored answers come before any engine is ready."""
        if dataset.name not in self._by_dataset:
            while self._of_last_model:
                self._bars.remove_task(self._of_last_model.pop())
            total = dataset.loaded.n_samples
            self._by_dataset[dataset.name] = self._bars.add_task(dataset.name, total=total)
        return self._by_dataset[dataset.name]

    def _end_waiting(self, model: PlannedModel, text: str) -> None:
        if (task := self._waiting.pop(model.name, None)) is not None:
            self._loading.remove_task(task)
        self._live.console.print(printable(f"{model.name}: {text}"), markup=False)


class _ScoreColumn(ProgressColumn):
    """Tokens per second, and the headline metric so far with its interval."""

    def render(self, task: Task) -> Text:
        tally = task.fields.get("tally")
        if not isinstance(tally, Tally):
            return Text()
        return Text(" ".join(filter(None, _figures(tally, task.fields["speed"]))))


class LineObserver:
    """One plain line now and then, for logs."""

    def __init__(self) -> None:
        """Remember when each dataset last had its line."""
        self._console = Console(
            stderr=True, highlight=False, emoji=False, soft_wrap=True, markup=False
        )
        self._last: dict[str, float] = {}
        self._began = time.monotonic()
        self._speed = _Speed(is_measured=False)

    def phase(self, model: PlannedModel, text: str) -> None:
        """Log it."""
        self._log(f"{model.name}: {text}")

    def warn(self, text: str) -> None:
        """Log it."""
        self._log(f"warning: {text}")

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
            figures = (f"{tally.n_done}/{total}", *_figures(tally, self._speed))
            told = " ".join(figure for figure in figures if figure)
            self._log(f"{dataset.name}: {told}{self._left(total - tally.n_done)}")

    def finished(self, model: PlannedModel, result: ModelResult) -> None:
        """Log it."""
        self._speed = _Speed(is_measured=False)
        self._log(f"{model.name}: {shown_error(result) or 'done'}")

    def _left(self, count: int) -> str:
        """Say how long so many samples take, as those took that came since a model was ready."""
        if count <= 0 or not self._speed.n_samples:
            return ""
        seconds = (time.monotonic() - self._speed.began) * count / self._speed.n_samples
        return f", about {seconds:.0f} s left"

    def _log(self, text: str) -> None:
        self._console.print(printable(f"[{time.monotonic() - self._began:7.1f} s] {text}"))


def _figures(tally: Tally, speed: _Speed) -> tuple[str, ...]:
    """Return what stands behind the number of samples; an empty text where there is nothing."""
    unanswered = f"({tally.n_failed} without an answer)" if tally.n_failed else ""
    return unanswered, str(speed), running_score(tally)


def running_score(tally: Tally) -> str:
    """Return the headline metric so far with its interval."""
    found = tally.headline()
    if found.value is None:
        return ""
    _, metric = tally.planned.headline
    scale = Scale.of(metric.lower, metric.upper)
    unit = scale.unit.strip()
    low, high = (f"{scale.told(bound)}{unit}" for bound in found.interval or (0.0, 0.0))
    return f"{scale.told(found.value)}{unit}" + (f" ({low} … {high})" if found.interval else "")


class _Speed:
    """Output tokens per second since a model was ready; stored answers have no speed."""

    def __init__(self, *, is_measured: bool = True) -> None:
        self.began = time.monotonic()
        self.n_samples = 0
        """Samples that came since, stored ones not counted."""
        self._is_measured = is_measured
        self._tokens = 0

    def count(self, result: SampleResult) -> None:
        if self._is_measured and not result.generation.from_cache:
            self.n_samples += 1
            self._tokens += sum(c.output_tokens for c in result.generation.completions)

    def __str__(self) -> str:
        seconds = max(time.monotonic() - self.began, 1e-9)
        return f"{self._tokens / seconds:,.0f} tok/s" if self._tokens else ""
