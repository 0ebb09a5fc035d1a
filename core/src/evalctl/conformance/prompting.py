"""Rules on prompts: they hold the question, all is filled in, and the answer is not given away."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from evalctl.conformance.rule import DoesNotApplyError, Finding, Rule
from evalctl.conformance.subject import Subject
from evalctl.prompts import Asking, compose, fill
from evalctl.records import Sample
from evalctl.specs import DatasetSpec, Example, PromptTemplate

_PLACEHOLDERS = ("input", "target", "solution", "choices", "metadata")
_OF_CHOICES = ("choice", "letter")
_BRACED = re.compile(r"(?<![\\\w{}$])\{([A-Za-z_]\w*(?::\w+)?)\}(?!\})")
"""A word in braces that is no argument of a LaTeX command, or a key behind such a word."""


def _read(template: PromptTemplate, sample: Sample, shots: Sequence[Sample], asking: Asking) -> str:
    """Return all that a model reads."""
    body = compose(template, sample, shots, asking)
    return body.text + "\n".join(message.content for message in body.messages)


def _cases(dataset: DatasetSpec) -> Iterator[tuple[str, Asking, tuple[Sample, ...], Example]]:
    """Yield each example in both styles, without and with worked examples."""
    for number, example in enumerate(dataset.examples):
        for style, asking in (("completion", Asking()), ("chat", Asking(style="chat"))):
            for shots in ((), (example.sample,) * 2):
                with_ = "with worked examples" if shots else "without worked examples"
                where = f"dataset {dataset.name}, example {number}, {style} style, {with_}"
                yield where, asking, shots, example


def _find_without_question(subject: Subject) -> Iterator[Finding]:
    for dataset in (one for one in subject.datasets() if not one.asks_nothing):
        for where, asking, shots, example in _cases(dataset):
            read = _read(dataset.prompt, example.sample, shots, asking)
            if read.count(example.sample.input) < len(shots) + 1:
                what = "the prompt does not hold the question (`Sample.input`)"
                yield Finding(where=where, what=what)
                break


def _texts(template: PromptTemplate) -> Iterator[tuple[str, str]]:
    parts = ("preamble", "question", "answer", "separator", "instruction", "reply", "continuation")
    for name in parts:
        yield name, str(getattr(template, name))


def _find_unfilled(subject: Subject) -> Iterator[Finding]:
    for dataset in subject.datasets():
        for name, text in _texts(dataset.prompt):
            for word in _BRACED.findall(text):
                if (problem := _unfilled(name, word)) is not None:
                    yield Finding(where=f"dataset {dataset.name}, prompt.{name}", what=problem)


def _unfilled(part: str, word: str) -> str | None:
    """Return what is wrong with a word in braces; None where it is filled in."""
    if part == "separator":
        return f"{{{word}}} is left as it is"
    known = _OF_CHOICES if part == "continuation" else _PLACEHOLDERS
    name, colon, key = word.partition(":")
    if name in known and bool(colon) == (name == "metadata"):
        return None
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if not near:
        return f"{{{word}}} is left as it is"
    meant = f"{near[0]}:{key or 'KEY'}" if near[0] == "metadata" else near[0]
    return f"{{{word}}} is left as it is; did you mean {{{meant}}}?"


def _find_given_away(subject: Subject) -> Iterator[Finding]:
    secret = "b1d2f7c0 the gold answer"  # of a made-up sample
    sample = Sample(id="secret", input="?", target=secret, solution=secret)
    for dataset in subject.datasets():
        for style in ("preamble", "question", "instruction"):
            if secret in fill(str(getattr(dataset.prompt, style)), sample):
                what = "tells the model the gold answer (`{target}` or `{solution}`)"
                yield Finding(where=f"dataset {dataset.name}, prompt.{style}", what=what)


_NO_ANSWER = {"target": "", "solution": "", "metadata": {}}


def _find_empty_shots(subject: Subject) -> Iterator[Finding]:
    showing = [one for one in subject.datasets() if one.shots or one.shot_sources]
    if not showing:
        raise DoesNotApplyError("it shows none")
    for dataset in showing:
        where = f"dataset {dataset.name}"
        if dataset.shots and not dataset.shot_sources:
            what = f"shows {dataset.shots} worked examples and names no `shot_sources`"
            yield Finding(where=where, what=what)
        for number, example in enumerate(dataset.examples):
            for name in ("answer", "reply") if dataset.prompt.reply else ("answer",):
                filled = fill(str(getattr(dataset.prompt, name)), example.sample)
                empty = fill(
                    str(getattr(dataset.prompt, name)),
                    example.sample.model_copy(update=_NO_ANSWER),
                )
                if filled == empty:
                    what = f"example {number} as a worked one shows no answer (prompt.{name})"
                    yield Finding(where=where, what=what)


RULES = (
    Rule(
        "prompts-hold-the-question",
        "A model that never sees the question can only guess, and its score says nothing.",
        "Put `{input}` into both `PromptTemplate.question` and `PromptTemplate.instruction`.",
        _find_without_question,
    ),
    Rule(
        "prompts-leave-nothing-unfilled",
        "A misspelt placeholder reaches the model as it stands, in every sample.",
        "Use `{input}`, `{target}`, `{solution}`, `{choices}` and `{metadata:KEY}` alone, in "
        "`continuation` `{choice}` and `{letter}`; where a word in braces is meant, write it "
        "another way, such as `<word>`.",
        _find_unfilled,
    ),
    Rule(
        "prompts-keep-the-answer-secret",
        "A prompt that holds the gold answer measures copying.",
        "Take `{target}` and `{solution}` out of `preamble`, `question` and `instruction`; they "
        "belong into `answer` and `reply`, which worked examples are made of.",
        _find_given_away,
    ),
    Rule(
        "worked-examples-are-whole",
        "Worked examples without an answer teach a model to answer nothing.",
        "Set `Sample.solution` in `to_sample`, or write `{target}` into `PromptTemplate.answer`; "
        "name `shot_sources` where `shots` is above 0.",
        _find_empty_shots,
    ),
)
