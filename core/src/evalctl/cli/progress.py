"""A run's progress on standard error: live in a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
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
SILENCE_SECONDS = 20.0
"""After which a plain line says what is being waited for."""
FRESH_SECONDS = 5.0
"""So old may what an engine said last be; above, it is said how old it is."""
_NOTHING_YET = "waiting for answers"


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
        with LineObserver() as lines:
            yield lines


class LiveObserver:
    """What is waited for and for how long; samples, tokens per second and running score."""

    def __init__(self, console: Console) -> None:
        """Prepare the display; it begins with `with`."""
        self._loading = Progress(
            SpinnerColumn(), _NameColumn(), TimeElapsedColumn(), console=console
        )
        self._bars = Progress(
            SpinnerColumn(finished_text="✓"),
            _NameColumn(table_column=Column(no_wrap=True)),
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
        description = printable(f"{model.name}: {text}")
        if model.name in self._waiting:
            self._loading.update(self._waiting[model.name], description=description)
        else:
            self._waiting[model.name] = self._loading.add_task(description, total=None)

    def working(self, model: PlannedModel, text: str) -> None:
        """Show how far the engine is."""
        self.phase(model, text)

    def warn(self, text: str) -> None:
        """Print it above what moves."""
        self._live.console.print(printable(f"warning: {text}"), markup=False)

    def ready(
        self, model: PlannedModel, info: EngineInfo, seconds: float, tallies: Mapping[str, Tally]
    ) -> None:
        """Show one bar per dataset, and what the engine is at."""
        self._end_waiting(model, f"loaded by {info.name} in {seconds:.1f} s")
        self._speed = _Speed()
        for dataset in model.datasets:
            self._bars.update(self._bar(dataset), completed=tallies[dataset.name].n_done)
        self.phase(model, _NOTHING_YET)

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
        self._end_waiting(model, shown_error(result) or "")
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
        if text:
            self._live.console.print(printable(f"{model.name}: {text}"), markup=False)


class _NameColumn(ProgressColumn):
    """A task's description as it is: no markup, and no emoji for `:x:`."""

    def render(self, task: Task) -> Text:
        return Text(task.description)


class _ScoreColumn(ProgressColumn):
    """Tokens per second, and the headline metric so far with its interval."""

    def render(self, task: Task) -> Text:
        tally = task.fields.get("tally")
        if not isinstance(tally, Tally):
            return Text()
        return Text(" ".join(filter(None, _figures(tally, task.fields["speed"]))))


class LineObserver:
    """One plain line now and then, for logs; in `with`, also where nothing happens."""

    def __init__(self) -> None:
        """Remember when each dataset last had its line."""
        self._console = Console(
            stderr=True, highlight=False, emoji=False, soft_wrap=True, markup=False
        )
        self._last: dict[str, float] = {}
        self._began = self._told_at = time.monotonic()
        self._speed = _Speed(is_measured=False)
        self._state = _State()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._break_silence, name="progress", daemon=True)

    def __enter__(self) -> Self:
        """Begin to look for silence."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Say no more."""
        self._is_over.set()
        self._thread.join()

    def phase(self, model: PlannedModel, text: str) -> None:
        """Log it."""
        self._state.note(model.name, text)
        self._log(f"{model.name}: {text}")

    def working(self, model: PlannedModel, text: str) -> None:
        """Keep it for when nothing else is to be told."""
        self._state.note(model.name, text)

    def warn(self, text: str) -> None:
        """Log it."""
        self._log(f"warning: {text}")

    def ready(
        self, model: PlannedModel, info: EngineInfo, seconds: float, tallies: Mapping[str, Tally]
    ) -> None:
        """Log it."""
        self._log(f"{model.name}: loaded by {info.name} in {seconds:.1f} s")
        self._speed = _Speed()
        self._last.clear()
        self._state = _State(model.name, tallies=tallies)

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
            self._log(f"{dataset.name}: {told}{self._speed.left(total - tally.n_done)}")

    def finished(self, model: PlannedModel, result: ModelResult) -> None:
        """Log it."""
        self._speed = _Speed(is_measured=False)
        self._state = _State()
        self._log(f"{model.name}: {shown_error(result) or 'done'}")

    def _break_silence(self) -> None:
        """Say what is going on whenever nothing was said for long; in a thread of its own."""
        while not self._is_over.wait(min(SILENCE_SECONDS, 1.0)):
            if time.monotonic() - self._told_at >= SILENCE_SECONDS:
                self._log(self._state.told(self._speed))

    def _log(self, text: str) -> None:
        self._told_at = time.monotonic()
        self._console.print(printable(f"[{self._told_at - self._began:7.1f} s] {text}"))


class _State:
    """What is going on: what an engine said last, and how far its model is."""

    def __init__(
        self, name: str = "", text: str = "", *, tallies: Mapping[str, Tally] | None = None
    ) -> None:
        """Begin with nothing said."""
        self._tallies = tallies or {}
        self._of_tallies = name
        self.note(name, text or _NOTHING_YET)

    def note(self, name: str, text: str) -> None:
        """Keep what the engine of the model of that name said."""
        self._said = (name, text, time.monotonic())

    def told(self, speed: _Speed) -> str:
        """Return it in words, with how long all that is left takes where that is known."""
        name, text, said_at = self._said
        seconds = time.monotonic() - said_at
        parts = [text if seconds < FRESH_SECONDS else f"{text}, for {seconds:.0f} s"]
        if name == self._of_tallies and self._tallies:
            done = sum(tally.n_done for tally in self._tallies.values())
            total = sum(tally.n_samples for tally in self._tallies.values())
            parts = [f"{done}/{total}", f"{parts[0]}{speed.left(total - done)}"]
        return f"{name}: {' '.join(parts)}" if name else parts[0]


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

    def left(self, count: int) -> str:
        """Say how long so many samples take, as those took that came so far; nothing for none."""
        if count <= 0 or not self.n_samples:
            return ""
        seconds = (time.monotonic() - self.began) * count / self.n_samples
        return f", about {seconds:.0f} s left"

    def __str__(self) -> str:
        seconds = max(time.monotonic() - self.began, 1e-9)
        return f"{self._tokens / seconds:,.0f} tok/s" if self._tokens else ""
