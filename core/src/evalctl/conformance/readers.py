"""The functions of a scorer that are given what a model wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from evalctl.conformance.subject import PATIENCE_SECONDS, UsedScorer
from evalctl.executions import ExecutionRequest
from evalctl.records import Completion, Message, Sample, Score
from evalctl.scoring import checked_score
from evalctl.specs import JudgeSpec, MetricSpec, ScorerSpec
from evalctl.specs.scoring import WHOLE


class Reader(NamedTuple):
    """One such function."""

    where: str
    """What findings call it."""
    read: Callable[[str], object]
    """Calls it with an output."""
    problem: Callable[[object], str | None]
    """What is wrong with what it returned."""
    seconds: float = PATIENCE_SECONDS
    """How long it may take."""
    is_isolated: bool = False
    """Whether it is called in a worker with a time limit, never in evalctl's own process."""


def readers_of(used: UsedScorer) -> Iterator[Reader]:
    """Yield the functions of a scorer that read what a model wrote, each on its first example.

    One that judges log-likelihoods or labels reads nothing.
    """
    if not used.dataset.examples or used.scorer.reads in WHOLE:
        return
    sample, scorer = used.dataset.examples[0].sample, used.scorer
    if scorer.judge is not None:
        yield from _of_judge(f"{used}", scorer.judge, scorer, sample)
    elif scorer.execution is not None:
        request = scorer.execution.request

        def ask(text: str) -> object:
            return request(sample, Completion(text=text))

        def problem(made: object) -> str | None:
            if isinstance(made, ExecutionRequest):
                return None
            return score_problem(made, scorer.metrics)

        yield Reader(f"{used}, its request", ask, problem)
    else:
        yield from _of_score(f"{used}", scorer, sample)


def _of_score(where: str, scorer: ScorerSpec, sample: Sample) -> Iterator[Reader]:
    """Yield `score` as a run calls it, after `shortcut`; and `shortcut` alone."""
    score, shortcut = scorer.score, scorer.shortcut
    assert score is not None, "a scorer without a judge or a program has a function"

    def decide(text: str) -> object:
        return shortcut(sample, Completion(text=text)) if shortcut else None

    def judge(text: str) -> object:
        quick = decide(text) if scorer.is_isolated else None
        return score(sample, Completion(text=text)) if quick is None else quick

    def problem(made: object) -> str | None:
        return score_problem(made, scorer.metrics)

    def quick_problem(made: object) -> str | None:
        return None if made is None else problem(made)

    if shortcut is not None:
        yield Reader(f"{where}, its shortcut", decide, quick_problem)
    seconds = scorer.timeout_seconds if scorer.is_isolated else PATIENCE_SECONDS
    yield Reader(where, judge, problem, seconds, scorer.is_isolated)


def _of_judge(where: str, judge: JudgeSpec, scorer: ScorerSpec, sample: Sample) -> Iterator[Reader]:
    def ask(text: str) -> object:
        return tuple(judge.prompt(sample, Completion(text=text)))

    def parse_problem(made: object) -> str | None:
        # A verdict that cannot be read is not scored, and may say that the scorer failed.
        if isinstance(made, Score) and made.failed:
            return None
        return score_problem(made, scorer.metrics)

    yield Reader(f"{where}, its judge's prompt", ask, _prompt_problem)
    yield Reader(f"{where}, its judge's parse", judge.parse, parse_problem)


def _prompt_problem(made: object) -> str | None:
    is_fine = isinstance(made, tuple) and made and all(isinstance(one, Message) for one in made)
    return None if is_fine else "its prompt is no conversation"


def score_problem(made: object, metrics: tuple[MetricSpec, ...]) -> str | None:
    """Return what is wrong with what a scorer gave; None where nothing is."""
    score = checked_score(made, metrics)
    if not score.failed:
        return None
    return score.explanation or "says that it failed, which spares the model a zero"


def usual_texts(used: UsedScorer) -> Iterator[tuple[str, str]]:
    """Yield what honest models write, each after its name."""
    for example in used.dataset.examples:
        yield "the good output", example.good
        yield "the bad output", example.bad
    yield "an empty output", ""
