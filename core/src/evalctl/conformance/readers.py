"""The functions of a scorer that are given what a model wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from evalctl.conformance.subject import PATIENCE_SECONDS, UsedScorer
from evalctl.executions import ExecutionRequest
from evalctl.records import Completion, Message, Score
from evalctl.scoring import checked_score
from evalctl.specs import Example, JudgeSpec, MetricSpec, ScorerSpec
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
    example, scorer = used.dataset.examples[0], used.scorer
    if scorer.judge is not None:
        yield from _of_judge(f"{used}", scorer.judge, scorer, example)
    elif scorer.execution is not None:
        request = scorer.execution.request

        def ask(text: str) -> object:
            return request(example.sample, _reply(example, text))

        def problem(made: object) -> str | None:
            if isinstance(made, ExecutionRequest):
                return None
            return score_problem(made, scorer.metrics)

        yield Reader(f"{used}, its request", ask, problem)
    else:
        yield from _of_score(f"{used}", scorer, example)


def _of_score(where: str, scorer: ScorerSpec, example: Example) -> Iterator[Reader]:
    """Yield `score` as a run calls it, after `shortcut`; and `shortcut` alone."""
    score, shortcut = scorer.score, scorer.shortcut
    assert score is not None, "a scorer without a judge or a program has a function"

    def decide(text: str) -> object:
        return shortcut(example.sample, _reply(example, text)) if shortcut else None

    def judge(text: str) -> object:
        quick = decide(text) if scorer.is_isolated else None
        return score(example.sample, _reply(example, text)) if quick is None else quick

    def problem(made: object) -> str | None:
        return score_problem(made, scorer.metrics)

    def quick_problem(made: object) -> str | None:
        return None if made is None else problem(made)

    if shortcut is not None:
        yield Reader(f"{where}, its shortcut", decide, quick_problem)
    seconds = scorer.timeout_seconds if scorer.is_isolated else PATIENCE_SECONDS
    yield Reader(where, judge, problem, seconds, scorer.is_isolated)


def _of_judge(
    where: str, judge: JudgeSpec, scorer: ScorerSpec, example: Example
) -> Iterator[Reader]:
    def ask(text: str) -> object:
        other = _reply(example, "another answer")
        return judge.conversations(example.sample, _reply(example, text), other)

    def parse_problem(made: object) -> str | None:
        if isinstance(made, Score) and made.failed:
            return None  # a verdict that cannot be read is not scored, and may be called a failure
        return score_problem(made, scorer.metrics)

    def combine(text: str) -> object:
        assert judge.combine is not None, "only such come here"
        asked = ask("an answer")
        n_verdicts = len(asked) if isinstance(asked, tuple) else 1
        return judge.combine((checked_score(judge.parse(text), scorer.metrics),) * n_verdicts)

    yield Reader(f"{where}, its judge's prompt", ask, _prompt_problem)
    yield Reader(f"{where}, its judge's parse", judge.parse, parse_problem)
    if judge.combine is not None:
        yield Reader(f"{where}, its judge's combine", combine, parse_problem)


def _reply(example: Example, text: str) -> Completion:
    """Return a text as a model's reply to each turn of an example."""
    return Completion(text=text, earlier=(text,) * len(example.earlier))


def _prompt_problem(made: object) -> str | None:
    asked = made if isinstance(made, tuple) else ()
    is_fine = bool(asked) and all(asked)
    is_fine = is_fine and all(isinstance(one, Message) for each in asked for one in each)
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
