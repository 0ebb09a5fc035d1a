"""Made-up log-likelihoods, by which datasets that need `choose` are tried without a model."""

from __future__ import annotations

from evalctl.records import Continuation, Sample

_UNLIKELY = -1e9
"""Of choices that are no answer; less than the answer's even by the byte."""


def made_up(sample: Sample, answer: str) -> tuple[Continuation, ...]:
    """Return what an engine gives whose answer is a choice, by every measure of length."""
    at = sample.choices.index(answer) if answer in sample.choices else -1
    return tuple(
        Continuation(logprob=-1e-6 if index == at else _UNLIKELY, tokens=1, is_greedy=False)
        for index in range(len(sample.choices))
    )


def other_choice(text: str, sample: Sample) -> str | None:
    """Return the text of the next choice that is another one; None where there is none."""
    at = sample.choices.index(text) if text in sample.choices else 0
    ordered = (*sample.choices[at:], *sample.choices[:at])
    return next((choice for choice in ordered if choice != text), None)
