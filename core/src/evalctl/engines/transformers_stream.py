"""The transformers engine's streams: prompts in windows, rows sorted by length, batch after batch.

What runs on the accelerator is `Backend`, in `transformers_backend.py`; log-likelihoods have a
stream of their own in `transformers_choose.py`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from evalctl.engines.failures import failed
from evalctl.engines.prompt_reader import PromptError, PromptReader, ReadPrompt, completion_seed
from evalctl.engines.reasoning import StopWatcher, as_completion
from evalctl.engines.transformers_branches import Family
from evalctl.engines.transformers_choose import Budget, ChooseStream
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.engines.transformers_rows import BatchSize, OutOfMemoryError, Row, TextStream
from evalctl.errors import EngineError
from evalctl.records import Generation, Prompt

WINDOW_BATCHES = 4
"""Batches whose rows are sorted together: more pads less, fewer answers sooner. Where prompts have
images it is one, as those are all in memory."""


class Backend(Protocol):
    """The loaded model."""

    def grow(self, rows: list[Row]) -> None:
        """Write the rows to their ends; raises OutOfMemoryError."""
        ...

    def score(self, family: Family, most_tokens: int) -> None:
        """Fill in all rows of a family; raises OutOfMemoryError."""
        ...


@dataclass
class _Work:
    """A prompt with its rows."""

    prompt: Prompt
    read: ReadPrompt
    rows: list[Row]
    started: float


class Streams:
    """Runs a model's prompts."""

    def __init__(
        self, backend: Backend, reader: PromptReader, options: TransformersOptions
    ) -> None:
        """Prepare."""
        self._backend = backend
        self._reader = reader
        self._batches = BatchSize(options.batch_size)
        self._budget = Budget(options.batch_size)
        self._shares_contexts = options.share_contexts
        self._window_batches = 1 if reader.sees else WINDOW_BATCHES

    def generate(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield generations, batch by batch."""
        return self._generate(self._windows(prompts))

    def measure(self, prompts: Iterable[Prompt], concurrency: int | None) -> Iterator[Generation]:
        """Yield generations of batches of so many prompts, none of which waits for another."""
        size = min(self._batches.size, concurrency or self._batches.size)
        waiting = iter(prompts)
        return self._generate(iter(lambda: list(islice(waiting, size)), []))

    def _generate(self, windows: Iterable[list[Prompt]]) -> Iterator[Generation]:
        for window in windows:
            works: list[_Work] = []
            for prompt in window:
                try:
                    works.append(self._work(prompt, self._reader.read(prompt)))
                except PromptError as error:
                    yield failed(prompt, error)
            for batch in self._in_batches(works):
                self._run_rows([row for work in batch for row in work.rows])
                for work in batch:
                    yield self._generation(work)

    def choose(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield log-likelihoods, batch by batch."""
        stream = ChooseStream(
            self._backend, self._reader, self._budget, is_shared=self._shares_contexts
        )
        try:
            yield from stream.run(prompts)
        except OutOfMemoryError as error:
            raise _out_of_memory(error) from error

    def _windows(self, prompts: Iterable[Prompt]) -> Iterator[list[Prompt]]:
        waiting = iter(prompts)
        while window := list(islice(waiting, self._window_batches * self._batches.size)):
            yield window

    def _in_batches(self, works: list[_Work]) -> Iterator[list[_Work]]:
        """Yield works, the longest first, so that each batch's rows are about as long.

        A prompt with more rows than a batch holds is alone; `BatchSize` then divides its rows.
        """
        batch: list[_Work] = []
        count = 0
        for work in sorted(works, key=lambda work: -len(work.read.tokens)):
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

    def _work(self, prompt: Prompt, read: ReadPrompt) -> _Work:
        def begin() -> tuple[TextStream, StopWatcher]:
            watcher = StopWatcher(
                prompt.sampling.stop,
                starts_inside=read.starts_inside,
                knows_reasoning=self._reader.reasons,
            )
            seen = [] if self._reader.has_encoder else read.tokens
            return TextStream(self._reader.decode, seen), watcher

        rows = [
            Row(
                tokens=read.tokens,
                max_tokens=read.max_tokens,
                sampling=prompt.sampling,
                seed=completion_seed(prompt.seed, index),
                begin=begin,
                seen=read.seen,
            )
            for index in range(prompt.n)
        ]
        return _Work(prompt, read, rows, time.monotonic())

    def _generation(self, work: _Work) -> Generation:
        firsts = [row.first_token_at for row in work.rows if row.first_token_at is not None]
        return Generation(
            dataset=work.prompt.dataset,
            sample_id=work.prompt.sample_id,
            completions=tuple(
                as_completion(
                    row.text,
                    row.finish_reason or "error",
                    row.new_tokens,
                    starts_inside=work.read.starts_inside,
                    special_tokens=self._reader.special_tokens,
                )
                for row in work.rows
            ),
            is_prompt_cut=work.read.left_out > 0,
            left_out=work.read.left_out,
            prompt_tokens=len(work.read.tokens),
            seconds=time.monotonic() - work.started,
            first_token_seconds=min(firsts) - work.started if firsts else None,
        )


def _out_of_memory(error: OutOfMemoryError) -> EngineError:
    return EngineError(
        f"engine transformers: out of memory with a batch of one ({error}); lower max_model_len, "
        "take a smaller dtype or another device"
    )
