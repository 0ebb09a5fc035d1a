"""Judging generations while the engine goes on.

In this process where it is quick and safe, in worker processes with a hard time limit where a
scorer asks for that. A scorer that fails or runs out of time is recorded on the sample as *not
scored*. Nothing here knows about engines or files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from evalctl.executors.workers import Job, Outcome, WorkerPool
from evalctl.plan import PlannedDataset
from evalctl.records import Completion, Generation, Prompt, Sample, Score
from evalctl.results import SampleResult
from evalctl.specs import MetricSpec, ScorerSpec

_S = TypeVar("_S", Score, Score | None)

MAX_OPEN_JOBS = 4096
"""More than this many waiting jobs make the scoring wait, so that memory stays bounded."""


@dataclass
class _Pending:
    """A sample whose scores are not all there."""

    planned: PlannedDataset
    sample: Sample
    prompt: Prompt
    generation: Generation
    scores: dict[str, list[Score | None]]
    missing: int = 0


@dataclass
class ScoringPool:
    """Scores generations; results come back complete, in any order."""

    workers: WorkerPool = field(default_factory=WorkerPool)
    """Where isolated scorers run; started only when one needs it."""
    _jobs: dict[int, tuple[_Pending, ScorerSpec, int]] = field(default_factory=dict)
    _next_key: int = 0

    def score(
        self, planned: PlannedDataset, sample: Sample, prompt: Prompt, generation: Generation
    ) -> Iterator[SampleResult]:
        """Take one generation in; yield every result that is complete by now."""
        pending = _Pending(planned, sample, prompt, generation, {})
        for scorer in planned.scorers:
            if scorer.judge is None:
                pending.scores[scorer.name] = [
                    self._judge(pending, scorer, index, completion)
                    for index, completion in enumerate(generation.completions)
                ]
        if pending.missing == 0:
            yield _result(pending)
        yield from self._collect(block=len(self._jobs) > MAX_OPEN_JOBS)

    def finish(self) -> Iterator[SampleResult]:
        """Yield the results that are still open, until none is."""
        while self._jobs:
            yield from self._collect(block=True)

    def close(self) -> None:
        """Stop the workers; what is still open is dropped."""
        self.workers.close()

    def _judge(
        self, pending: _Pending, scorer: ScorerSpec, index: int, completion: Completion
    ) -> Score | None:
        if scorer.shortcut is not None:
            quick = apply_scorer(scorer.shortcut, pending.sample, completion)
            if quick is not None:
                return quick
        assert scorer.score is not None, "a scorer without a judge has a function"
        if not scorer.is_isolated:
            return apply_scorer(scorer.score, pending.sample, completion)
        key, self._next_key = self._next_key, self._next_key + 1
        self._jobs[key] = (pending, scorer, index)
        pending.missing += 1
        args = (pending.sample, completion)
        self.workers.submit(Job(key, scorer.score, args, scorer.timeout_seconds))
        return None

    def _collect(self, *, block: bool) -> Iterator[SampleResult]:
        while (outcome := self.workers.take(block=block)) is not None:
            pending, scorer, index = self._jobs.pop(outcome.key)
            pending.scores[scorer.name][index] = _score_of(outcome)
            pending.missing -= 1
            if pending.missing == 0:
                yield _result(pending)
            block = False


def apply_scorer(
    function: Callable[[Sample, Completion], _S], sample: Sample, completion: Completion
) -> _S | Score:
    """Return the function's score; a failed one where it raises or returns something else."""
    try:
        made = function(sample, completion)
    except Exception as error:  # noqa: BLE001  # the border where a failure becomes data
        return _failed(f"{type(error).__name__}: {error}"[:500])
    if made is None or isinstance(made, Score):
        return made
    return _failed(f"the scorer returned {type(made).__name__}, not a Score")


def _failed(reason: str) -> Score:
    return Score(value=None, explanation=reason, failed=True)


def reduce_scores(
    metrics: Mapping[str, tuple[MetricSpec, ...]], scores: Mapping[str, tuple[Score, ...]]
) -> dict[str, float | None]:
    """Return one sample's value by metric; None where nothing could be scored."""
    return {
        metric.name: metric.reduce(given) if (given := scores.get(scorer)) else None
        for scorer, specs in metrics.items()
        for metric in specs
    }


def _score_of(outcome: Outcome) -> Score:
    made = outcome.result
    if isinstance(made, Score):
        return made
    return _failed(outcome.error or f"the scorer returned {type(made).__name__}, not a Score")


def _result(pending: _Pending) -> SampleResult:
    scores = {
        name: tuple(score for score in given if score is not None)
        for name, given in pending.scores.items()
    }
    return SampleResult(
        dataset=pending.planned.name,
        sample_id=pending.sample.id,
        prompt=pending.prompt,
        target=pending.sample.target,
        generation=pending.generation,
        scores=scores,
        metrics=reduce_scores(pending.planned.metrics, scores),
        cluster=pending.sample.cluster,
        metadata=pending.sample.metadata,
    )
