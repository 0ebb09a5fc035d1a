"""The transformers engine's stream of log-likelihoods: windows of prompts, in families and parts.

What runs on the accelerator is `Scorer`, in `transformers_scorer.py`. Imports nothing heavy.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from evalctl.engines.failures import failed
from evalctl.engines.phases import Pulse
from evalctl.engines.prompt_reader import PromptError, PromptReader
from evalctl.engines.transformers_branches import (
    Family,
    ScoreRow,
    Stem,
    families,
    n_together,
    stem_of,
)
from evalctl.engines.transformers_rows import OutOfMemoryError
from evalctl.engines.weighing import weighed
from evalctl.records import Continuation, Generation, Prompt

TOKENS_OF_A_SEQUENCE = 512
"""What `batch_size` counts in when continuations are scored: many short ones fit together."""
WINDOW_BATCHES = 8
"""Batches of prompts that are looked at together: more share more, fewer are answered sooner."""

_NOTHING = Continuation(logprob=0.0, tokens=0, is_greedy=True)


class Scoring(Protocol):
    """The loaded model."""

    def score(self, family: Family, most_tokens: int) -> None:
        """Fill in all rows of a family; raises OutOfMemoryError."""
        ...


class Budget:
    """How many tokens are worked on at once; learns from what did not fit."""

    def __init__(self, batch_size: int) -> None:
        """Start with what was asked for."""
        self.window = WINDOW_BATCHES * batch_size
        self.tokens = TOKENS_OF_A_SEQUENCE * batch_size
        self._pulse = Pulse()

    def run(self, family: Family, scoring: Scoring) -> Iterator[list[Stem]]:
        """Score a family part by part and yield each when it is done; halve what did not fit.

        Raises:
            OutOfMemoryError: Not even one sequence fits.
        """
        waiting = sorted(family.stems, key=lambda stem: -stem.width)
        while waiting:
            part = waiting[: n_together([stem.width for stem in waiting], self.tokens)]
            self._pulse.beat(f"reading {len(part)} of {len(waiting):,} prompts with their choices")
            try:
                scoring.score(Family(family.prefix, part), self.tokens)
            except OutOfMemoryError:
                if self.tokens <= part[0].width:
                    raise
                self.tokens = max(min(self.tokens, len(part) * part[0].width) // 2, part[0].width)
                continue
            yield part
            del waiting[: len(part)]


@dataclass
class _Work:
    """A prompt with its continuations."""

    prompt: Prompt
    rows: list[ScoreRow]
    prompt_tokens: int
    started: float


class ChooseStream:
    """One call of `choose`."""

    def __init__(
        self, scoring: Scoring, reader: PromptReader, budget: Budget, *, is_shared: bool
    ) -> None:
        """Prepare.

        Args:
            scoring: The model.
            reader: Makes tokens.
            budget: How much is worked on at once.
            is_shared: Whether contexts are read once for all of their continuations.
        """
        self._scoring = scoring
        self._reader = reader
        self._budget = budget
        self._is_shared = is_shared

    def run(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield generations as parts of windows end."""
        waiting = iter(prompts)
        while window := list(islice(waiting, self._budget.window)):
            works: dict[int, _Work] = {}
            stems: list[Stem] = []
            for prompt in window:
                try:
                    work = self._read(prompt)
                except PromptError as error:
                    yield failed(prompt, error)
                    continue
                if wanted := [row for row in work.rows if row.tokens]:
                    stems.append(stem_of(wanted, is_shared=self._is_shared))
                    works[id(stems[-1])] = work
                else:
                    yield _generation(work)
            for family in families(stems) if self._is_shared else [Family([], stems)]:
                for part in self._budget.run(family, self._scoring):
                    yield from (_generation(works[id(stem)]) for stem in part)

    def _read(self, prompt: Prompt) -> _Work:
        rows = [ScoreRow(choice) for choice in self._reader.read_choices(prompt)]
        size = len(rows[0].choice.context) if rows else 0
        return _Work(prompt, rows, size, time.monotonic())


def _generation(work: _Work) -> Generation:
    found = [row.result or _NOTHING for row in work.rows]
    return weighed(work.prompt, found, work.prompt_tokens, work.started)
