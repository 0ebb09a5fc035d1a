"""The protocol: models are loaded in turns, warmed up, and measured level by level."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from evalctl.engines.host import HostedEngine
from evalctl.errors import NotMeasuredError
from evalctl.measurements import MeasuredRequest, Surroundings
from evalctl.measuring.energy import EnergyMeter
from evalctl.measuring.levels import LevelRun, LevelRunner
from evalctl.measuring.machine import load_average
from evalctl.measuring.processes import CpuTimes, cpu_seconds_of, cpu_times
from evalctl.measuring.watching import MemoryWatch
from evalctl.protocols import Engine, EngineInfo
from evalctl.records import Prompt
from evalctl.specs import MeasuringSpec

GAIN = 1.1
"""A level that brings fewer times the answers a second of the best one before brings little."""
IDLE = 2
"""So many levels in a row that bring little are the last ones: one alone may be chance."""


@dataclass(frozen=True)
class Instruments:
    """What is looked at."""

    meter: EnergyMeter = field(default_factory=EnergyMeter)
    clock: Callable[[], float] = time.monotonic


@dataclass
class Subject:
    """A model that is measured."""

    name: str
    open: Callable[[], AbstractContextManager[Engine]]
    """Opens its engine, which is closed at the end of the block."""
    prompts: Sequence[Prompt]
    """What it is asked; several datasets' prompts take turns."""
    is_here: bool = True
    """Whether it runs on this machine, so that memory and energy are its own."""
    keep: Callable[[MeasuredRequest], None] = lambda request: None
    """Receives each request as it ended."""


@dataclass(frozen=True)
class Session:
    """What one loading of a model gave."""

    load_seconds: float
    levels: tuple[LevelRun, ...]
    surroundings: Surroundings
    host_bytes: int | None
    gpu_bytes: int | None


@dataclass
class Measured:
    """All sessions of a model."""

    sessions: list[Session] = field(default_factory=list)
    info: EngineInfo | None = None
    levels: tuple[int | None, ...] = ()
    """What the first session found: its levels. Later ones take the same."""
    notes: dict[str, str] = field(default_factory=dict)
    """By level or figure, why it was not measured."""


Tell = Callable[[Subject, str], None]


def measure_in_turns(
    subjects: Sequence[Subject],
    protocol: MeasuringSpec,
    tell: Tell,
    instruments: Instruments = Instruments(),
) -> dict[str, Measured]:
    """Return what the sessions of all models gave, by name.

    In each round every model is loaded once, in the other order every second time, so that what
    changes on the machine meets all of them.

    Raises:
        UsageError: A model cannot be loaded.
        EngineError: An engine failed.
    """
    measured = {subject.name: Measured() for subject in subjects}
    for number in range(1, protocol.sessions + 1):
        for subject in subjects if number % 2 else reversed(subjects):
            runner = _Sitting(subject, protocol, number, measured[subject.name], tell)
            measured[subject.name].sessions.append(runner.run(instruments))
    return measured


@dataclass
class _Sitting:
    """One session of one model while it goes on."""

    subject: Subject
    protocol: MeasuringSpec
    number: int
    measured: Measured
    tell: Tell

    def run(self, instruments: Instruments) -> Session:
        """Load the model, measure it and close it."""
        watch, before = MemoryWatch(), load_average()
        began = instruments.clock()
        self._say("loading")
        try:
            with self.subject.open() as engine:
                load_seconds = instruments.clock() - began
                self.measured.info = engine.info
                pid = engine.pid if isinstance(engine, HostedEngine) else os.getpid()
                watch.begin(pid)
                cpu = _Cpu.now(pid)
                levels = self._levels(engine, instruments)
                steal, others = cpu.shares_since()
        finally:
            watch.end()
        around = Surroundings(
            load_before=before,
            load_after=load_average(),
            steal_share=steal,
            others_share=others,
        )
        is_here = self.subject.is_here
        return Session(
            load_seconds,
            tuple(levels),
            around,
            watch.host_bytes if is_here else None,
            watch.gpu_bytes if is_here else None,
        )

    def _levels(self, engine: Engine, instruments: Instruments) -> list[LevelRun]:
        meter = instruments.meter
        runner = LevelRunner(
            engine,
            self.subject.prompts,
            self.number,
            self.subject.keep,
            self.protocol.requests,
            instruments.clock,
        )
        self._say("warming up")
        if self.protocol.warm_up:
            runner.warm_up(self.protocol.warm_up)
        if self.measured.levels:
            return [self._level(runner, meter, one) for one in self.measured.levels]
        runs = self._search(runner, meter)
        self.measured.levels = tuple(run.concurrency for run in runs)
        return runs

    def _search(self, runner: LevelRunner, meter: EnergyMeter) -> list[LevelRun]:
        """Measure 1, 2, 4 and so on at once, until two in a row bring little more."""
        runs: list[LevelRun] = []
        best, concurrency, n_idle = 0.0, 1, 0
        while concurrency <= self.protocol.most_at_once and n_idle < IDLE:
            try:
                runs.append(self._level(runner, meter, concurrency))
            except NotMeasuredError as error:
                self.measured.notes["levels"] = str(error)
                return [*runs, self._level(runner, meter, None)]
            rate = runs[-1].figures().get("samples_per_second", 0.0)
            n_idle = 0 if rate > GAIN * best else n_idle + 1
            best, concurrency = max(best, rate), concurrency * 2
        return runs

    def _level(self, runner: LevelRunner, meter: EnergyMeter, concurrency: int | None) -> LevelRun:
        self._say(f"{concurrency or 'all'} at once")
        if not self.subject.is_here:
            return runner.run(concurrency)
        before = meter.read()
        run = runner.run(concurrency)
        joules = meter.between(before, meter.read())
        if joules is None:
            self.measured.notes["joules_per_token"] = meter.why_not()
        return replace(run, joules=joules)

    def _say(self, what: str) -> None:
        self.tell(self.subject, f"measuring {self.number}/{self.protocol.sessions}: {what}")


@dataclass(frozen=True)
class _Cpu:
    """The machine's CPU times, and how much of them an engine and this process have."""

    pid: int
    times: CpuTimes | None
    own: float

    @classmethod
    def now(cls, pid: int) -> _Cpu:
        return cls(pid, cpu_times(), _own(pid))

    def shares_since(self) -> tuple[float | None, float | None]:
        """Return which shares of all CPU time the host and other processes took meanwhile."""
        now = cpu_times()
        if now is None or self.times is None or now.total <= self.times.total:
            return None, None
        total = now.total - self.times.total
        ours = _own(self.pid) - self.own
        others = max(now.busy - self.times.busy - ours, 0.0)
        return (now.stolen - self.times.stolen) / total, others / total


def _own(pid: int) -> float:
    own = os.times()
    mine = own.user + own.system
    return mine if pid == os.getpid() else mine + cpu_seconds_of(pid)
