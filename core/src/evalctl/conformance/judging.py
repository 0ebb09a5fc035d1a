"""A dataset's examples, judged as a run judges them, in the sandbox and workers that it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from evalctl.conformance.rule import NotCheckedError
from evalctl.conformance.subject import PATIENCE_SECONDS, Subject
from evalctl.errors import UsageError
from evalctl.executors.choice import SandboxWish
from evalctl.plan import Asked, LoadedDataset, PlannedDataset, sandbox_for
from evalctl.plan.labels import own_reading
from evalctl.plan.made_up import made_up, options_of, other_option
from evalctl.prompts import Asking
from evalctl.records import Prompt, Sample, Score
from evalctl.results import SampleResult
from evalctl.scoring import ScoringPool
from evalctl.sources import Located
from evalctl.specs import DatasetSpec, Example, MetricSpec, ScorerSpec

ROUNDS = 2
"""How often each output is judged where programs or workers are started for it."""
QUICK_ROUNDS = 5
"""How often otherwise."""
Kind = Literal["good", "bad", "empty"]


class Judged(NamedTuple):
    """What became of one output of an example."""

    where: str
    """What findings call it."""
    kind: Kind
    """Which output."""
    rounds: tuple[SampleResult, ...]
    """What came of it each time."""


def judged(subject: Subject, dataset: DatasetSpec) -> tuple[Judged, ...]:
    """Return what became of the good, the bad and an empty output of each example of a dataset.

    The first call judges them; later ones return the same.

    Raises:
        NotCheckedError: Programs would have to be run, and there is no sandbox.
    """
    if dataset.name not in subject.judged:
        subject.judged[dataset.name] = tuple(_judge(subject, dataset))
    return subject.judged[dataset.name]


def headline_of(dataset: DatasetSpec) -> tuple[ScorerSpec, MetricSpec]:
    """Return the metric that stands for a dataset, after its scorer."""
    return next(
        (scorer, metric)
        for scorer in dataset.scorers
        for metric in scorer.metrics
        if metric.name == dataset.headline
    )


def _judge(subject: Subject, dataset: DatasetSpec) -> Iterator[Judged]:
    subject.step(f"judging the examples of dataset {dataset.name}", _seconds(dataset))
    try:
        sandbox = sandbox_for((dataset,), SandboxWish(), subject.registry)
    except UsageError as error:
        raise NotCheckedError(str(error)) from None
    planned, turns = _planned(dataset), _rounds(dataset)
    outputs = [
        (number, example, kind, text)
        for number, example in enumerate(dataset.examples)
        for kind, text in _outputs(subject, dataset, example)
    ]
    asked = [
        (Asked(planned, index, example.sample, _prompt(dataset, example.sample.id)), given)
        for index, (_, example, _, text) in enumerate(outputs * turns)
        for given in (example.completion(text),)
    ]
    if subject.pool is None or (sandbox and not subject.has_sandbox):
        subject.close()
        subject.pool, subject.has_sandbox = ScoringPool.for_programs(sandbox), bool(sandbox)
    pool = subject.pool
    results = [result for one, given in asked for result in pool.score(one, made_up(one, given))]
    results += pool.finish()
    by_index = {result.index: result for result in results}
    for index, (number, _, kind, _) in enumerate(outputs):
        rounds = tuple(by_index[index + len(outputs) * turn] for turn in range(turns))
        yield Judged(f"dataset {dataset.name}, example {number}, {kind} output", kind, rounds)


def _outputs(subject: Subject, dataset: DatasetSpec, example: Example) -> list[tuple[Kind, str]]:
    """Return what is judged; of choices or classes the right one and another: none is no output."""
    sample = example.sample
    options = options_of(dataset, sample)
    if options is None:
        return [("good", example.good), ("bad", example.bad), ("empty", "")]
    rendered = _option(subject, dataset, dataset.gold, sample)
    candidates = (rendered, example.good, sample.target)
    right = next((one for one in candidates if one in options), None)
    if right is None:
        what = "choice is known to be right: `gold` must give its text"
        if dataset.judged == "classify":
            what = "class is known to be right: `gold` must give its name"
        raise NotCheckedError(f"no {what}")
    rendered = _option(subject, dataset, dataset.perturb, sample)
    others = (rendered, example.bad, other_option(right, options))
    wrong = next((one for one in others if one in options and one != right), None)
    outputs: list[tuple[Kind, str]] = [("good", right)]
    return outputs if wrong is None else [*outputs, ("bad", wrong)]


def _option(
    subject: Subject,
    dataset: DatasetSpec,
    render: Callable[[Sample], str | None] | None,
    sample: Sample,
) -> str:
    """Return what a function of the dataset gives as an answer; nothing where it gives none."""
    where = f"rendering an answer of dataset {dataset.name}"
    made = None if render is None else subject.attempt(where, render, sample)
    return made if isinstance(made, str) else ""


def _rounds(dataset: DatasetSpec) -> int:
    is_slow = any(scorer.execution or scorer.is_isolated for scorer in dataset.scorers)
    return ROUNDS if is_slow else QUICK_ROUNDS


def _seconds(dataset: DatasetSpec) -> float:
    """Return how long judging its examples may take: each program or worker has limits already."""
    count = 3 * ROUNDS * max(1, len(dataset.examples))
    limits = [
        30.0 if scorer.execution else scorer.timeout_seconds if scorer.is_isolated else 0.0
        for scorer in dataset.scorers
    ]
    return PATIENCE_SECONDS + count * sum(limits)


def _planned(dataset: DatasetSpec) -> PlannedDataset:
    return PlannedDataset(
        loaded=LoadedDataset(dataset, dataset.category, Located(()), "", 0, None),
        asking=Asking(),
        shots=(),
        sampling=dataset.sampling,
        repeats=1,
        metrics={scorer.name: scorer.metrics for scorer in dataset.scorers},
        reading=own_reading(dataset),
    )


def _prompt(dataset: DatasetSpec, sample_id: str) -> Prompt:
    return Prompt(dataset=dataset.name, sample_id=sample_id)


def first_score(result: SampleResult, scorer: ScorerSpec) -> Score | None:
    """Return a scorer's score of a result; None where a judge model would give it."""
    scores = result.scores.get(scorer.name, ())
    return scores[0] if scores else None
