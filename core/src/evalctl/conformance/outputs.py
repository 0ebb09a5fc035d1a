"""Rules on what scorers do with hostile outputs: survive them, never run them, and be quick."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator

from evalctl.conformance.growth import GROWTH, Growth, measure
from evalctl.conformance.hostile import (
    MARK,
    UNITS,
    UNITS_OF_ANSWERS,
    battery,
    labelings,
    likelihoods,
    reaching,
)
from evalctl.conformance.readers import Reader, readers_of, score_problem
from evalctl.conformance.rule import Finding, NotCheckedError, Rule
from evalctl.conformance.subject import Subject, UsedScorer
from evalctl.scoring import Failure
from evalctl.specs import Example


def _readers(subject: Subject) -> Iterator[tuple[Reader, Example]]:
    for used in subject.scorers():
        for reader in readers_of(used):
            yield reader, used.dataset.examples[0]


def _find_fallen(subject: Subject) -> Iterator[Finding]:
    for reader, example in _readers(subject):
        fallen = [
            (name, problem)
            for name, text in battery(example)
            if (problem := _problem(subject, reader, name, text))
        ]
        if fallen:
            yield _told_of(reader.where, fallen)
    for used in subject.scorers():
        if fallen := _fallen_on_wholes(subject, used):
            yield _told_of(f"{used}", fallen)


def _told_of(where: str, fallen: list[tuple[str, str]]) -> Finding:
    (name, problem), *rest = fallen
    more = f" (and {len(rest)} more outputs: {_names(rest)})" if rest else ""
    return Finding(where=where, what=f"on {name}: {problem}{more}")


def _fallen_on_wholes(subject: Subject, used: UsedScorer) -> list[tuple[str, str]]:
    """Return on which log-likelihoods or labels of its first example a scorer fails, and how."""
    choose, classify, rank = used.scorer.choose, used.scorer.classify, used.scorer.rank
    fallen: list[tuple[str, str]] = []
    for example in used.dataset.examples[:1]:
        made: list[tuple[str, object]] = []
        if choose is not None:
            for name, likely in likelihoods(example):
                what = f"{used} on {name}"
                made.append((name, subject.attempt(what, choose, example.sample, likely)))
        if classify is not None:
            for name, labels in labelings([one.name for one in used.dataset.classes]):
                what = f"{used} on {name}"
                made.append((name, subject.attempt(what, classify, example.sample, labels)))
        if rank is not None:
            count = len(example.sample.choices)
            for name, near in (("equal nearness", (0.0,) * count), ("no nearness", ())):
                what = f"{used} on {name}"
                made.append((name, subject.attempt(what, rank, example.sample, near)))
        for name, score in made:
            problem = score_problem(score, used.scorer.metrics)
            fallen += [(name, problem)] if problem else []
    return fallen


def _names(fallen: list[tuple[str, str]]) -> str:
    names = [name for name, _ in fallen[:4]]
    return ", ".join([*names, "…"] if len(fallen) > 4 else names)


def _problem(subject: Subject, reader: Reader, name: str, text: str) -> str | None:
    """Return what is wrong with what a reader makes of a text; None where nothing is."""
    what = f"{reader.where} on {name}"
    made = subject.attempt_within(reader.seconds, what, reader.read, text)
    if isinstance(made, Failure):
        return made.reason
    return reader.problem(made)


def _find_run(subject: Subject) -> Iterator[Finding]:
    if subject.watch is None:
        raise NotCheckedError("nobody watches what its scorers do")
    for reader, example in _readers(subject):
        for name, text in reaching(example):
            with subject.watch.listening(lambda event: event.holds(MARK)) as heard:
                subject.attempt(f"{reader.where} on {name}", reader.read, text)
            if heard:
                what = f"on {name}: the output reaches Python's `{heard[0].name}`"
                yield Finding(where=reader.where, what=what)
                break


def _find_slow(subject: Subject) -> Iterator[Finding]:
    for reader, example in _readers(subject):
        if reader.is_isolated:
            continue  # in a run it is killed at its limit
        good, target = example.good, example.sample.target
        head = good.partition(target)[0] if target else ""
        cases = [("", unit) for unit in UNITS]
        cases += [(head, unit) for unit in UNITS_OF_ANSWERS if head]
        if (slow := next(_slow(subject, reader, cases), None)) is not None:
            yield slow


def _slow(subject: Subject, reader: Reader, cases: list[tuple[str, str]]) -> Iterator[Finding]:
    for before, unit in cases:
        what = f"{reader.where} on {unit!r} again and again{' as the answer' if before else ''}"

        timed = functools.partial(_cpu_seconds, subject, reader, (before, unit, what))
        grown = measure(timed)
        lost = [how for step, how in subject.lost.items() if step.startswith(what)]
        if lost:
            yield Finding(where=reader.where, what=f"on {unit!r} again and again: {lost[0]}")
        elif grown is not None:
            yield Finding(where=reader.where, what=f"on {unit!r} again and again: {_told(grown)}")


def _cpu_seconds(
    subject: Subject, reader: Reader, made_of: tuple[str, str, str], length: int, turn: int
) -> float:
    """Return what reading a text takes; its end differs each time, so that no cache helps."""
    before, unit, what = made_of
    text = f"{before}{unit * (length // len(unit))}!{turn}"
    began = time.process_time()
    subject.attempt(f"{what}, {length:,} characters", reader.read, text)
    return time.process_time() - began


def _told(grown: Growth) -> str:
    return (
        f"{grown.seconds:.2f} s for {grown.length:,} characters, which is {grown.ratio:.0f} times "
        f"what a quarter of them takes"
    )


RULES = (
    Rule(
        "hostile-outputs-are-survived",
        "Models write anything: an output on which the scorer fails is not scored, so that the "
        "model is spared the zero that it earned.",
        "Expect any text of any length, and log-likelihoods that are no numbers, infinite or "
        "lacking. Catch what parsing raises (ValueError, RecursionError, OverflowError) and bound "
        "what is parsed; give the least value where nothing can be read.",
        _find_fallen,
    ),
    Rule(
        "outputs-are-never-run",
        "Output that reaches `eval`, `exec`, a shell, an import or a file's name can do to a "
        "user's machine whatever the user can.",
        "Parse it with a grammar of your own or `ast.literal_eval`; where programs must be run, "
        "use `ScorerSpec.execution`, which takes a sandbox.",
        _find_run,
    ),
    Rule(
        "time-grows-with-length",
        "One long output would hold up a whole run: scorers work in evalctl's own process, "
        "between one answer and the next.",
        f"Use regular expressions without nested or adjoining repeats, look at each character "
        f"once, cut what is longer than an answer can be; or set `is_isolated=True`. (Flagged: "
        f"more than {GROWTH:g} times the time for 4 times the length.)",
        _find_slow,
    ),
)
