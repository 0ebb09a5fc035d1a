"""Judging generations while the engine goes on.

In this process where it is quick and safe, in worker processes with a hard time limit where a
scorer asks for that. A scorer or metric that fails, runs out of time or returns what cannot be is
recorded on the sample as *not scored*, and whatever it prints goes to standard error. Nothing here
knows about engines or files.
"""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, ParamSpec, TypeVar

from evalctl.errors import SandboxMissingError, ScoringError
from evalctl.executions import ExecutionRequest, Profile, Sandbox
from evalctl.executors.choice import ChosenSandbox
from evalctl.executors.programs import ProgramPool
from evalctl.executors.workers import Job, WorkerPool, describe
from evalctl.metrics import reduced, within
from evalctl.plan import Asked
from evalctl.records import Completion, Generation, Sample, Score
from evalctl.results import SampleResult
from evalctl.specs import MetricSpec, ScorerSpec
from evalctl.specs.scoring import WHOLE

_P = ParamSpec("_P")
_R = TypeVar("_R")

_TURN_SECONDS = 0.05
"""How long programs are waited for before isolated scorers are looked after again."""
MAX_OPEN_JOBS = 4096
"""More than this many waiting jobs make the scoring wait, so that memory stays bounded."""

MAX_COUNT = 2.0**32
"""The largest count, either way, that a score may have."""


@dataclass
class _Pending:
    """A sample whose scores are not all there."""

    asked: Asked
    generation: Generation
    scores: dict[str, list[Score | None]]
    missing: int = 0


@dataclass
class ScoringPool:
    """Scores generations; results come back complete, in any order."""

    workers: WorkerPool = field(default_factory=WorkerPool)
    """Where isolated scorers run; started only when one needs it."""
    programs: ProgramPool = field(default_factory=lambda: ProgramPool(_no_sandbox))
    """Where programs run; likewise."""
    _jobs: dict[int, tuple[_Pending, ScorerSpec, int]] = field(default_factory=dict)
    _next_key: int = 0

    @classmethod
    def for_programs(cls, sandbox: ChosenSandbox | None) -> ScoringPool:
        """Return a pool that runs programs in a sandbox; None where there will be none."""
        return cls(programs=ProgramPool(sandbox.open)) if sandbox else cls()

    def score(self, asked: Asked, generation: Generation) -> Iterator[SampleResult]:
        """Take one generation in; yield every result that is complete by now."""
        pending = _Pending(asked, generation, {})
        for scorer in asked.dataset.scorers:
            if scorer.reads in WHOLE:
                pending.scores[scorer.name] = _judge_whole(scorer, asked, generation)
            elif scorer.judge is None:
                pending.scores[scorer.name] = [
                    self._judge(pending, scorer, index, completion)
                    for index, completion in enumerate(generation.completions)
                ]
        if pending.missing == 0:
            yield _result(pending)
        yield from self._collect(block=len(self._jobs) > MAX_OPEN_JOBS)

    def ready(self) -> Iterator[SampleResult]:
        """Yield every result that is complete by now."""
        yield from self._collect(block=False)

    @property
    def n_open(self) -> int:
        """Scores that are still to come."""
        return len(self._jobs)

    def finish(self) -> Iterator[SampleResult]:
        """Yield the results that are still open, until none is."""
        while self._jobs:
            yield from self._collect(block=True)

    def close(self) -> None:
        """Stop workers and programs; what is still open is dropped."""
        self.workers.close()
        self.programs.close()

    def _judge(
        self, pending: _Pending, scorer: ScorerSpec, index: int, completion: Completion
    ) -> Score | None:
        given = (pending.asked.sample, completion)
        if scorer.execution is not None:
            return self._execute(pending, scorer, index, attempt(scorer.execution.request, *given))
        if scorer.shortcut is not None:
            quick = attempt(scorer.shortcut, *given)
            if quick is not None:
                return checked_score(quick, scorer.metrics)
        assert scorer.score is not None, "a scorer without a judge has a function"
        if not scorer.is_isolated:
            return checked_score(attempt(scorer.score, *given), scorer.metrics)
        key = self._expect(pending, scorer, index)
        self.workers.submit(Job(key, scorer.score, given, scorer.timeout_seconds))
        return None

    def _execute(
        self,
        pending: _Pending,
        scorer: ScorerSpec,
        index: int,
        asked: ExecutionRequest | Score | Failure,
    ) -> Score | None:
        if not isinstance(asked, ExecutionRequest):
            return checked_score(asked, scorer.metrics)
        assert scorer.execution is not None, "only such a scorer asks for an execution"
        furnished = scorer.execution.furnish(asked)
        self.programs.submit(self._expect(pending, scorer, index), furnished)
        return None

    def _expect(self, pending: _Pending, scorer: ScorerSpec, index: int) -> int:
        """Return the key under which a score will come in."""
        key, self._next_key = self._next_key, self._next_key + 1
        self._jobs[key] = (pending, scorer, index)
        pending.missing += 1
        return key

    def _collect(self, *, block: bool) -> Iterator[SampleResult]:
        """Yield what is complete; where that is nothing and `block` is set, wait for the next."""
        while (came := self._next_score(block=block)) is not None:
            key, made = came
            pending, scorer, index = self._jobs.pop(key)
            pending.scores[scorer.name][index] = checked_score(made, scorer.metrics)
            pending.missing -= 1
            if pending.missing == 0:
                yield _result(pending)
            block = False

    def _next_score(self, *, block: bool) -> tuple[int, object] | None:
        while True:
            only_workers = block and self.programs.n_open == 0
            if (outcome := self.workers.take(block=only_workers)) is not None:
                made = outcome.result if outcome.error is None else Failure(outcome.error)
                return outcome.key, made
            wait = _TURN_SECONDS if block else 0.0
            if (judged := self.programs.take(seconds=wait)) is not None:
                return judged
            if not block or self.workers.n_open + self.programs.n_open == 0:
                return None


def _judge_whole(scorer: ScorerSpec, asked: Asked, generation: Generation) -> list[Score | None]:
    """Return the one score of all continuations or labels; none where the engine gave none."""
    made: Score | Failure
    if scorer.choose is not None and generation.continuations:
        made = attempt(scorer.choose, asked.sample, generation.continuations)
    elif scorer.classify is not None and (labels := _labels(scorer, generation)):
        made = attempt(_classify, scorer.classify, asked, labels)
    elif scorer.rank is not None and (near := _similarities(scorer, generation)):
        made = attempt(scorer.rank, asked.sample, near)
    else:
        return []
    return [checked_score(made, scorer.metrics)]


def _labels(scorer: ScorerSpec, generation: Generation) -> Mapping[str, float]:
    return generation.words if scorer.of_words else generation.labels


def _similarities(scorer: ScorerSpec, generation: Generation) -> tuple[float, ...]:
    return generation.word_similarities if scorer.of_words else generation.similarities


def _classify(
    function: Callable[[Sample, Mapping[str, float]], Score],
    asked: Asked,
    labels: Mapping[str, float],
) -> Score:
    """Return what a scorer makes of a model's labels, read as the dataset's classes."""
    assert asked.dataset.reading is not None, "the plan reads labels where a dataset has classes"
    return function(asked.sample, asked.dataset.reading.read(labels))


def _no_sandbox(profile: Profile) -> Sandbox:
    raise SandboxMissingError("no sandbox was planned for programs")


class Failure(NamedTuple):
    """Why a plugin's function gave nothing."""

    reason: str


def attempt(function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R | Failure:
    """Return what a plugin's function returns; the reason where it raises or exits.

    One of the two borders where whatever is raised becomes data; the user's own interruption
    passes.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return function(*args, **kwargs)
    except KeyboardInterrupt:
        raise
    except ScoringError as error:
        return Failure(str(error))
    except BaseException as error:  # noqa: BLE001  # the border; SystemExit is none of Exception
        return Failure(describe(error))


def checked_score(made: object, metrics: tuple[MetricSpec, ...]) -> Score:
    """Return a score that can be counted and written down, whatever a plugin made.

    A failed one stands for what is no score, and for a value that is not finite or outside of the
    ranges of all metrics. Lone surrogates, which no file takes, become U+FFFD.
    """
    checked = made if isinstance(made, Failure) else attempt(_checked, made, metrics)
    return checked if isinstance(checked, Score) else failed_score(checked.reason)


def failed_score(reason: str) -> Score:
    """Return the score of a completion that a scorer failed on."""
    return Score(value=None, explanation=writable(reason), failed=True)


def reduce_scores(
    metrics: Mapping[str, tuple[MetricSpec, ...]], scores: Mapping[str, tuple[Score, ...]]
) -> tuple[dict[str, tuple[Score, ...]], dict[str, float | None]]:
    """Return one sample's scores by scorer, and its value by metric.

    A value is None where nothing could be scored, and where the metric failed: then the scores of
    its scorer come back as failed ones, with the reason. Pooled metrics are not among the values.
    """
    kept = dict(scores)
    values: dict[str, float | None] = {}
    for scorer, specs in metrics.items():
        given = scores.get(scorer)
        for metric in specs:
            if metric.reduce is None:  # what is summed over samples has no value for one
                continue
            value = _reduce(metric, given) if given else None
            if isinstance(value, Failure):
                reason = f"metric {metric.name}: {value.reason}"
                kept[scorer] = tuple(_spoilt(score, reason) for score in kept[scorer])
            values[metric.name] = None if isinstance(value, Failure) else value
    return kept, values


def _reduce(metric: MetricSpec, scores: tuple[Score, ...]) -> float | Failure | None:
    assert metric.reduce is not None, "pooled metrics are none of a sample"
    return attempt(reduced, scores, reduce=metric.reduce, lower=metric.lower, upper=metric.upper)


def _spoilt(score: Score, reason: str) -> Score:
    """Return a score that its metric failed on: not scored, but with what the scorer had said."""
    if score.failed:
        return score
    said = f"{reason} (the scorer gave {score.value}) {score.explanation}".strip()
    return Score(value=None, answer=score.answer, explanation=said, failed=True)


def _checked(made: object, metrics: tuple[MetricSpec, ...]) -> Score | Failure:
    if not isinstance(made, Score):
        return Failure(f"the scorer returned {type(made).__name__}, not a Score")
    value: object = None if made.failed else made.value
    if value is not None:
        ranges = [metric for metric in metrics if metric.reduce is not None]
        lower = min((metric.lower for metric in ranges), default=-math.inf)
        value = within(value, lower, max((metric.upper for metric in ranges), default=math.inf))
    # A new one and no copy: one that was made past the validation is refused here.
    return Score.model_validate(
        {
            "value": value,
            "answer": None if made.answer is None else writable(made.answer),
            "explanation": writable(made.explanation),
            "failed": made.failed,
            "outcome": made.outcome,
            "program": made.program,
            "counts": {} if made.failed else _checked_counts(made.counts),
        }
    )


def _checked_counts(counts: Mapping[str, float]) -> dict[str, float]:
    return {
        writable(str(name)): within(value, -MAX_COUNT, MAX_COUNT) for name, value in counts.items()
    }


def writable(text: str) -> str:
    """Return a text that UTF-8 can write: lone surrogates become U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _result(pending: _Pending) -> SampleResult:
    scores = {
        name: tuple(score for score in given if score is not None)
        for name, given in pending.scores.items()
    }
    asked = pending.asked
    scores, values = reduce_scores(asked.dataset.metrics, scores)
    return SampleResult(
        dataset=asked.dataset.name,
        sample_id=asked.sample.id,
        index=asked.index,
        prompt=asked.prompt,
        target=asked.sample.target,
        generation=pending.generation,
        scores=scores,
        metrics=values,
        cluster=asked.sample.cluster,
        metadata=asked.sample.metadata,
    )
