"""An engine in a process of its own, seen from outside as an engine like any other.

The process is the dependable way to give an accelerator's memory back, it keeps the engine's noise
from the terminal, and its death does not take finished results along. The other end is
`host_main.py`, the process itself `host_process.py`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from evalctl.engines.host_messages import (
    Answers,
    Ask,
    Cancel,
    Close,
    Closed,
    Done,
    Failed,
    More,
    Open,
    Phase,
    Prompts,
    Ready,
    ToChild,
    ToParent,
)
from evalctl.engines.host_process import GRACE_SECONDS, POLL_SECONDS, EngineProcess
from evalctl.errors import EngineError
from evalctl.protocols import Capability, EngineInfo, ModelRef
from evalctl.records import Generation, Prompt
from evalctl.specs import EngineOptions, EngineSpec

MAX_READY = 256
"""Generations that may wait for a slow caller; above, the engine gets no more prompts."""

YIELDS_BETWEEN_LOOKS = 16
"""Generations handed out before it is seen again whether the engine wants prompts."""


def _nothing(*_: str) -> None:
    return


class Listener(NamedTuple):
    """Who is told of what an engine's process is at."""

    on_phase: Callable[[str], None]
    """Called with what is being waited for until the engine is open, such as `importing vllm`."""
    on_wait: Callable[[], None] = _nothing
    """Called every `POLL_SECONDS` in which nothing came, until the engine is closed."""
    on_work: Callable[[str], None] = _nothing
    """Called with how far an open engine has come; some engines say nothing."""


class HostedEngine:
    """An engine that runs in a child process. Made by `open`."""

    def __init__(self, name: str, process: EngineProcess, listener: Listener) -> None:
        """Take over a started process whose engine is not open yet."""
        self._name = name
        self._listener = listener
        self._process = process
        self._info = EngineInfo(name=name)
        self._stream = 0
        self._is_mid_message = False
        self._is_closed = False

    @classmethod
    def open(
        cls,
        spec: EngineSpec,
        model: ModelRef,
        options: EngineOptions,
        *,
        log_path: Path,
        listener: Listener,
    ) -> HostedEngine:
        """Start a process and open the engine in it.

        Args:
            spec: The engine.
            model: What it opens.
            options: Its own options.
            log_path: Where all that the engine prints is appended.
            listener: Is told of what is waited for.

        Raises:
            UsageError: As the engine raised it: `ModelError`, `EngineUnavailableError` …
            EngineError: The engine or its process failed.
        """
        try:
            process = EngineProcess("evalctl.engines.host_main", log_path)
        except OSError as error:
            raise EngineError(f"engine {spec.name}: cannot start its process: {error}") from None
        engine = cls(spec.name, process, listener)
        try:
            engine._await_ready(
                Open(
                    engine=spec.name,
                    factory=spec.factory,
                    packages=spec.packages,
                    install=spec.install,
                    model=model,
                    options=options,
                    log_path=str(log_path),
                ),
            )
        except BaseException:  # also Ctrl-C: no process may be left behind
            engine._is_closed = True
            process.stop(grace_seconds=0.0)
            raise
        return engine

    @property
    def info(self) -> EngineInfo:
        """What is loaded, and how."""
        return self._info

    @property
    def pid(self) -> int:
        """The child's process id, for those who measure what it uses."""
        return self._process.pid

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the completions of each prompt; see `GeneratingEngine.generate`.

        Of `prompts` at most some hundred more are taken than the engine has pulled.
        """
        return self._ask("generate", prompts)

    def measure(self, prompts: Iterable[Prompt], concurrency: int | None) -> Iterator[Generation]:
        """Yield what the engine gives while it is held to so many; see `asking.measure`."""
        return self._begin(
            Ask(self._next_number(), "generate", is_measured=True, concurrency=concurrency), prompts
        )

    def choose(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the log-likelihoods of each prompt's continuations; see `ChoosingEngine.choose`."""
        return self._ask("choose", prompts)

    def classify(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the probabilities of each prompt's labels; see `ClassifyingEngine.classify`."""
        return self._ask("classify", prompts)

    def extract(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the answer that each prompt's page holds; see `ExtractingEngine.extract`."""
        return self._ask("extract", prompts)

    def embed(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the vector of each prompt's text; see `EmbeddingEngine.embed`."""
        return self._ask("embed", prompts)

    def fill(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield the pseudo-log-likelihoods of continuations; see `FillingEngine.fill`."""
        return self._ask("fill", prompts)

    def close(self) -> None:
        """End the engine and its process, with all that it started; may be called twice."""
        if self._is_closed:
            return
        self._is_closed = True
        is_asked = False
        try:
            is_asked = not self._is_mid_message and self._close_politely()
        finally:
            self._process.stop(grace_seconds=GRACE_SECONDS if is_asked else 0.0)

    def kill(self) -> None:
        """End the process at once, whatever it is at; for interruptions."""
        self._is_closed = True
        self._process.stop(grace_seconds=0.0)

    def _await_ready(self, asked: Open) -> None:
        self._send(asked)
        while True:
            match self._receive():
                case Phase(text):
                    self._listener.on_phase(text)
                case Failed() as failure:
                    raise failure.error()
                case Ready(info):
                    self._info = info
                    return

    def _ask(self, need: Capability, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        return self._begin(Ask(self._next_number(), need), prompts)

    def _next_number(self) -> int:
        self._stream += 1
        return self._stream

    def _begin(self, asked: Ask, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        stream = _Stream(asked.stream, iter(prompts))
        self._send(asked)
        try:
            while not stream.is_over or stream.ready:
                while (message := self._next_message(stream)) is not None:
                    if isinstance(message, Phase):
                        self._listener.on_work(message.text)
                    stream.take(message)
                    self._feed(stream)
                for _ in range(min(YIELDS_BETWEEN_LOOKS, len(stream.ready))):
                    yield stream.ready.popleft()
                self._feed(stream)
        finally:
            if not stream.is_over and not self._is_closed:
                with suppress(EngineError):  # the next stream will say so
                    self._send(Cancel(stream.number))
        if stream.failure is not None:
            raise stream.failure

    def _next_message(self, stream: _Stream) -> ToParent | None:
        """Return the next message; None where there is something better to do than to wait."""
        if stream.is_over or len(stream.ready) >= MAX_READY:
            return None
        try:
            if stream.ready and not self._process.connection.poll(0):
                return None
            return self._receive()
        except EngineError as error:
            stream.end(error)  # what has arrived is handed out before
            return None

    def _feed(self, stream: _Stream) -> None:
        if stream.wanted and not stream.is_over and len(stream.ready) < MAX_READY:
            count, stream.wanted = stream.wanted, 0
            batch = tuple(islice(stream.prompts, count))
            try:
                self._send(Prompts(stream.number, batch, is_last=len(batch) < count))
            except EngineError as error:
                stream.end(error)

    def _send(self, message: ToChild) -> None:
        if self._is_closed or self._is_mid_message:
            state = "closed" if self._is_closed else "out of step after an interruption"
            raise EngineError(f"engine {self._name} is {state}; open it again")
        self._is_mid_message = True
        try:
            self._process.connection.send(message)
        except OSError:
            raise self._died() from None
        self._is_mid_message = False

    def _receive(self) -> ToParent:
        connection = self._process.connection
        try:
            # A grandchild may hold the socket open, so that the end of the process is looked for.
            while not connection.poll(POLL_SECONDS):
                if not self._process.is_running and not connection.poll(0):
                    raise self._died()
                self._listener.on_wait()
            self._is_mid_message = True
            message: ToParent = connection.recv()
        except (EOFError, OSError):
            raise self._died() from None
        self._is_mid_message = False
        return message

    def _died(self) -> EngineError:
        self._is_mid_message = False  # there is nobody left to be out of step with
        how = self._process.describe_end()
        return EngineError(f"engine {self._name}: {how}; see {self._process.log_path}")

    def _close_politely(self) -> bool:
        """Ask the engine to close; False where it does not within its time."""
        connection = self._process.connection
        end = time.monotonic() + GRACE_SECONDS
        try:
            connection.send(Close())
            while self._process.is_running and time.monotonic() < end:
                if connection.poll(POLL_SECONDS) and isinstance(connection.recv(), Closed):
                    return True
        except (EOFError, OSError):
            return True
        return not self._process.is_running


class _Stream:
    """The parent's view of one stream."""

    def __init__(self, number: int, prompts: Iterator[Prompt]) -> None:
        self.number = number
        self.prompts = prompts
        self.ready: deque[Generation] = deque()
        self.wanted = 0
        self.is_over = False
        self.failure: Exception | None = None

    def take(self, message: ToParent) -> None:
        """Note what a message says; messages of streams that were given up are passed over."""
        match message:
            case More(self.number, count):
                self.wanted += count
            case Answers(self.number, generations):
                self.ready.extend(generations)
            case Done(self.number):
                self.end(None)
            case Failed(self.number):
                self.end(message.error())

    def end(self, failure: Exception | None) -> None:
        """Nothing more comes; `failure` is raised once the caller has all that did come."""
        self.is_over = True
        self.failure = failure
