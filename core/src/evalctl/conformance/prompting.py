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

_PLACEHOLDERS = ("input", "target", "solution")
_BRACED = re.compile(r"(?<![\\\w{}$])\{([A-Za-z_]\w*)\}(?!\})")
"""A word in braces that is no argument of a LaTeX command."""


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
    for dataset in subject.datasets():
        for where, asking, shots, example in _cases(dataset):
            read = _read(dataset.prompt, example.sample, shots, asking)
            if read.count(example.sample.input) < len(shots) + 1:
                what = "the prompt does not hold the question (`Sample.input`)"
                yield Finding(where=where, what=what)
                break


def _texts(template: PromptTemplate) -> Iterator[tuple[str, str]]:
    for name in ("preamble", "question", "answer", "separator", "instruction", "reply"):
        yield name, str(getattr(template, name))


def _find_unfilled(subject: Subject) -> Iterator[Finding]:
    for dataset in subject.datasets():
        for name, text in _texts(dataset.prompt):
            is_filled = name not in {"preamble", "separator"}
            for word in _BRACED.findall(text):
                if word not in _PLACEHOLDERS or not is_filled:
                    near = difflib.get_close_matches(word, _PLACEHOLDERS, n=1, cutoff=0.5)
                    hint = f"; did you mean {{{near[0]}}}?" if near and is_filled else ""
                    what = f"{{{word}}} is left as it is{hint}"
                    yield Finding(where=f"dataset {dataset.name}, prompt.{name}", what=what)


def _find_given_away(subject: Subject) -> Iterator[Finding]:
    secret = "b1d2f7c0 the gold answer"  # of a made-up sample
    sample = Sample(id="secret", input="?", target=secret, solution=secret)
    for dataset in subject.datasets():
        for style in ("question", "instruction"):
            if secret in fill(str(getattr(dataset.prompt, style)), sample):
                what = "tells the model the gold answer (`{target}` or `{solution}`)"
                yield Finding(where=f"dataset {dataset.name}, prompt.{style}", what=what)


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
                    example.sample.model_copy(update={"target": "", "solution": ""}),
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
        "Use `{input}`, `{target}` and `{solution}` alone; where a word in braces is meant, write "
        "it another way, such as `<word>`.",
        _find_unfilled,
    ),
    Rule(
        "prompts-keep-the-answer-secret",
        "A prompt that holds the gold answer measures copying.",
        "Take `{target}` and `{solution}` out of `question` and `instruction`; they belong into "
        "`answer` and `reply`, which worked examples are made of.",
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
