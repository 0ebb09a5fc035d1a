"""Made-up answers, by which datasets are tried without a model: an answer is a text.

Where a dataset needs `choose` it is the text of a choice; where it needs `classify`, or is a probe,
it is a class. Where choices are ranked, each line is one, the nearest first.
"""

from __future__ import annotations

from evalctl.plan.planned import Asked
from evalctl.records import Completion, Continuation, Generation, Sample
from evalctl.specs import DatasetSpec

_UNLIKELY = -1e9
"""Log-likelihood of choices that are no answer; less than the answer's even by the byte."""


def options_of(spec: DatasetSpec, sample: Sample) -> tuple[str, ...] | None:
    """Return the only answers that a sample can have; None where it can have any."""
    if spec.judged == "choose":
        return sample.choices
    return tuple(one.name for one in spec.classes) if spec.judged == "classify" else None


def other_option(text: str, options: tuple[str, ...]) -> str | None:
    """Return the next one that is another; None where there is none."""
    at = options.index(text) if text in options else 0
    ordered = (*options[at:], *options[:at])
    return next((option for option in ordered if option != text), None)


def made_up(asked: Asked, output: str | Completion) -> Generation:
    """Return what an engine gives whose answer is a text, after empty replies to earlier turns."""
    if isinstance(output, str):
        output = Completion(text=output, earlier=("",) * len(asked.sample.later_turns))
    text = output.text
    given = Generation(dataset=asked.dataset.name, sample_id=asked.sample.id)
    spec = asked.dataset.loaded.spec
    if spec.judged == "choose":
        changes: dict[str, object] = {"continuations": _likelihoods(asked.sample, text)}
    elif spec.judged == "classify":
        labels = {one.name: float(one.name == text) for one in spec.classes}
        changes = {"labels": labels, "words": labels if spec.probe else {}}
    elif spec.judged == "rank":
        near = _nearness(asked.sample, text)
        changes = {"similarities": near, "word_similarities": near}
    else:
        changes = {"completions": (output,)}
    return given.model_copy(update=changes)


def _nearness(sample: Sample, answer: str) -> tuple[float, ...]:
    """Return similarities by which choices stand as in an answer that has one in each line."""
    lines = answer.split("\n")
    return tuple(
        1.0 - lines.index(choice) / len(lines) if choice in lines else 0.0
        for choice in sample.choices
    )


def _likelihoods(sample: Sample, answer: str) -> tuple[Continuation, ...]:
    """Return those of all choices, of which the answer is by far the likeliest by any length."""
    at = sample.choices.index(answer) if answer in sample.choices else -1
    return tuple(
        Continuation(logprob=-1e-6 if index == at else _UNLIKELY, tokens=1, is_greedy=False)
        for index in range(len(sample.choices))
    )
