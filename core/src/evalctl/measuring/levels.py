"""One level: a model answers prompts with so many under way at once, each of them timed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import fmean

from evalctl.engines.asking import measure
from evalctl.measurements import MeasuredRequest
from evalctl.measuring.figures import percentile
from evalctl.protocols import Engine
from evalctl.records import Generation, Prompt

PERCENTILES = (50, 90, 99)
PER_PLACE = 4
"""Prompts for each that is under way at once, at least: the first and the last ones of each place
are in no rate."""


@dataclass(frozen=True)
class LevelRun:
    """What one session measured at one level."""

    concurrency: int | None
    requests: tuple[MeasuredRequest, ...]
    """As they ended."""
    joules: float | None = None
    """Energy that the machine took meanwhile; None where it does not tell."""

    @property
    def answered(self) -> list[MeasuredRequest]:
        """Those that have an answer."""
        return [one for one in self.requests if one.error is None]

    def figures(self) -> dict[str, float]:
        """Return all that can be told of the level, by name; see `measurements.Level`."""
        answered = self.answered
        found: dict[str, float] = {}
        for name, values in _times(answered).items():
            for share in PERCENTILES if values else ():
                found[f"{name}_p{share}"] = percentile(values, share / 100)
        found.update(self._rates())
        tokens = sum(one.output_tokens for one in answered)
        if self.joules is not None and answered:
            found["joules_per_sample"] = self.joules / len(answered)
            if tokens:
                found["joules_per_token"] = self.joules / tokens
        return found

    def mean_tokens(self) -> tuple[float, float]:
        """Return the mean tokens of prompts and of answers; 0 where nothing was answered."""
        answered = self.answered
        if not answered:
            return 0.0, 0.0
        return (
            fmean(one.prompt_tokens for one in answered),
            fmean(one.output_tokens for one in answered),
        )

    def _rates(self) -> dict[str, float]:
        """Return answers and tokens a second in the steady state.

        It begins when as many answers are there as are under way at once, and ends when the last
        prompt is handed over: behind that, places are empty.
        """
        ends = sorted(self.requests, key=lambda one: one.finished_seconds)
        at_once = self.concurrency or 0
        first_end, steady = 0.0, ends
        if at_once and len(ends) > 2 * at_once:
            first_end = ends[at_once - 1].finished_seconds
            steady = ends[at_once : len(ends) - at_once]
        seconds = steady[-1].finished_seconds - first_end if steady else 0.0
        good = [one for one in steady if one.error is None]
        if seconds <= 0.0 or not good:
            return {}
        rates = {"samples_per_second": len(good) / seconds}
        if tokens := sum(one.output_tokens for one in good):
            rates["tokens_per_second"] = tokens / seconds
        return rates


def prompts_at(least: int, concurrency: int | None) -> int:
    """Return how many prompts a level takes: whole rounds of all that are under way at once."""
    if concurrency is None:
        return least
    return concurrency * max(PER_PLACE, math.ceil(least / concurrency))


def _times(answered: Sequence[MeasuredRequest]) -> dict[str, list[float]]:
    """Return the seconds to the first token, for each later one, and to the end."""
    timed = [one for one in answered if one.first_token_seconds is not None]
    return {
        "first_token_seconds": [one.first_token_seconds or 0.0 for one in timed],
        "token_seconds": [
            (one.seconds - (one.first_token_seconds or 0.0)) / (one.output_tokens - 1)
            for one in timed
            if one.output_tokens > 1
        ],
        "seconds": [one.seconds for one in answered],
    }


@dataclass
class LevelRunner:
    """Runs the levels of one session, always over the same prompts."""

    engine: Engine
    prompts: Sequence[Prompt]
    """Asked in a circle."""
    session: int
    keep: Callable[[MeasuredRequest], None]
    """Receives each request as it ended."""
    least: int
    """Prompts of a level."""
    clock: Callable[[], float] = time.monotonic

    def run(self, concurrency: int | None) -> LevelRun:
        """Return what is measured with so many prompts at once; None takes all at once.

        Raises:
            NotMeasuredError: The engine cannot be held to that number.
            EngineError: The engine failed.
        """
        count = prompts_at(self.least, concurrency)
        began = self.clock()
        found = []
        for generation in measure(self.engine, self._numbered(count), concurrency):
            finished = self.clock() - began
            request = _request(generation, (self.session, concurrency), finished)
            self.keep(request)
            found.append(request)
        return LevelRun(concurrency, tuple(found))

    def warm_up(self, count: int) -> None:
        """Have some prompts answered one by one, of which nothing is kept."""
        for _ in measure(self.engine, self._numbered(count), 1):
            continue

    def _numbered(self, count: int) -> Iterator[Prompt]:
        """Yield so many prompts, each under an id of its own."""
        for number, prompt in enumerate(islice(cycle(self.prompts), count)):
            turn = number // len(self.prompts)
            yield prompt.model_copy(update={"sample_id": f"{prompt.sample_id}#{turn + 1}"})


def _request(
    generation: Generation, at: tuple[int, int | None], finished: float
) -> MeasuredRequest:
    return MeasuredRequest(
        session=at[0],
        concurrency=at[1],
        dataset=generation.dataset,
        sample_id=generation.sample_id,
        prompt_tokens=generation.prompt_tokens,
        output_tokens=sum(one.output_tokens for one in generation.completions),
        first_token_seconds=generation.first_token_seconds,
        seconds=generation.seconds,
        finished_seconds=finished,
        error=generation.error,
    )
