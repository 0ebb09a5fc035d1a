"""The transformers engine's streams: prompts in windows, rows sorted by length, batch after batch.

What runs on the accelerator is `Backend`, in `transformers.py`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol

from evalctl.engines.prompt_reader import PromptError, PromptReader, ReadPrompt, completion_seed
from evalctl.engines.reasoning import StopWatcher, as_completion
from evalctl.engines.transformers_rows import (
    AnyRow,
    BatchSize,
    OutOfMemoryError,
    Row,
    ScoreRow,
    TextStream,
)
from evalctl.errors import EngineError
from evalctl.records import Continuation, Generation, Prompt

WINDOW_BATCHES = 4
"""Batches whose rows are sorted together: more pads less, fewer answers sooner."""

_NOTHING = Continuation(logprob=0.0, tokens=0, is_greedy=True)


class Backend(Protocol):
    """The loaded model."""

    def grow(self, rows: list[Row]) -> None:
        """Write the rows to their ends; raises OutOfMemoryError."""
        ...

    def score(self, rows: list[ScoreRow]) -> None:
        """Fill in the rows' results; raises OutOfMemoryError."""
        ...


@dataclass
class _Work(Generic[AnyRow]):
    """A prompt with its rows."""

    prompt: Prompt
    rows: list[AnyRow]
    prompt_tokens: int
    starts_inside: bool
    started: float


class Streams:
    """Runs a model's prompts."""

    def __init__(self, backend: Backend, reader: PromptReader, batch_size: int) -> None:
        """Work on up to `batch_size` rows at once."""
        self._backend = backend
        self._reader = reader
        self._batches = BatchSize(batch_size)

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield generations, batch by batch."""
        for window in self._windows(prompts):
            works: list[_Work[Row]] = []
            for prompt in window:
                try:
                    works.append(self._work(prompt, self._reader.read(prompt)))
                except PromptError as error:
                    yield _failed(prompt, error)
            for batch in self._in_batches(works):
                self._run_rows([row for work in batch for row in work.rows])
                for work in batch:
                    yield self._generation(work)

    def choose(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield log-likelihoods, batch by batch."""
        for window in self._windows(prompts):
            works: list[_Work[ScoreRow]] = []
            for prompt in window:
                try:
                    rows = [ScoreRow(choice) for choice in self._reader.read_choices(prompt)]
                except PromptError as error:
                    yield _failed(prompt, error)
                    continue
                size = len(rows[0].choice.context) if rows else 0
                works.append(_Work(prompt, rows, size, False, time.monotonic()))
            for batch in self._in_batches(works):
                self._run_scores([row for work in batch for row in work.rows])
                for work in batch:
                    yield _choices(work)

    def _windows(self, prompts: Iterable[Prompt]) -> Iterator[list[Prompt]]:
        waiting = iter(prompts)
        while window := list(islice(waiting, WINDOW_BATCHES * self._batches.size)):
            yield window

    def _in_batches(self, works: list[_Work[AnyRow]]) -> Iterator[list[_Work[AnyRow]]]:
        """Yield works, the longest first, so that each batch's rows are about as long.

        A prompt with more rows than a batch holds is alone; `BatchSize` then divides its rows.
        """
        batch: list[_Work[AnyRow]] = []
        count = 0
        for work in sorted(works, key=lambda work: -work.prompt_tokens):
            if batch and count + len(work.rows) > self._batches.size:
                yield batch
                batch, count = [], 0
            batch.append(work)
            count += len(work.rows)
        if batch:
            yield batch

    def _run_rows(self, rows: list[Row]) -> None:
        try:
            self._batches.run(rows, self._backend.grow)
        except OutOfMemoryError as error:
            raise _out_of_memory(error) from error

    def _run_scores(self, rows: list[ScoreRow]) -> None:
        wanted = [row for row in rows if row.choice.continuation]
        try:
            self._batches.run(wanted, self._backend.score)
        except OutOfMemoryError as error:
            raise _out_of_memory(error) from error

    def _work(self, prompt: Prompt, read: ReadPrompt) -> _Work[Row]:
        def begin() -> tuple[TextStream, StopWatcher]:
            watcher = StopWatcher(
                prompt.sampling.stop,
                starts_inside=read.starts_inside,
                knows_reasoning=self._reader.reasons,
            )
            return TextStream(self._reader.decode, read.tokens), watcher

        rows = [
            Row(
                tokens=read.tokens,
                max_tokens=read.max_tokens,
                sampling=prompt.sampling,
                seed=completion_seed(prompt.seed, index),
                begin=begin,
            )
            for index in range(prompt.n)
        ]
        size = len(read.tokens)
        return _Work(prompt, rows, size, read.starts_inside, time.monotonic())

    def _generation(self, work: _Work[Row]) -> Generation:
        return Generation(
            dataset=work.prompt.dataset,
            sample_id=work.prompt.sample_id,
            completions=tuple(
                as_completion(
                    row.text,
                    row.finish_reason or "error",
                    row.new_tokens,
                    starts_inside=work.starts_inside,
                    special_tokens=self._reader.special_tokens,
                )
                for row in work.rows
            ),
            prompt_tokens=work.prompt_tokens,
            seconds=time.monotonic() - work.started,
        )


def _choices(work: _Work[ScoreRow]) -> Generation:
    return Generation(
        dataset=work.prompt.dataset,
        sample_id=work.prompt.sample_id,
        continuations=tuple(row.result or _NOTHING for row in work.rows),
        prompt_tokens=work.prompt_tokens,
        seconds=time.monotonic() - work.started,
    )


def _failed(prompt: Prompt, error: PromptError) -> Generation:
    return Generation(dataset=prompt.dataset, sample_id=prompt.sample_id, error=str(error))


def _out_of_memory(error: OutOfMemoryError) -> EngineError:
    return EngineError(
        f"engine transformers: out of memory with a batch of one ({error}); lower max_model_len, "
        "take a smaller dtype or another device"
    )
