"""What measuring a model's speed takes: prompts, tokens and time, for the protocol of a plan.

How many levels there will be is found while it goes on, so that all of it is a wide range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from evalctl.estimates.probe import PROMPTS
from evalctl.estimates.records import DatasetEstimate, MeasuringEstimate, TimeEstimate
from evalctl.estimates.tokens import Measured
from evalctl.measuring import IDLE, prompts_at
from evalctl.plan import PlannedModel
from evalctl.specs import MeasuringSpec


@dataclass(frozen=True)
class Pace:
    """How fast a model answers, as far as that is known."""

    time: TimeEstimate
    """By a probe or by earlier runs."""
    at_once: int | None
    """Sequences that the engine works on at once; None where that is not known."""


def estimate_measuring(
    model: PlannedModel,
    seen: Sequence[Measured],
    datasets: Sequence[DatasetEstimate],
    pace: Pace,
) -> MeasuringEstimate | None:
    """Return what measuring a model takes; None where it is not measured.

    Args:
        model: The model.
        seen: Its datasets' prompts.
        datasets: What they mean, in the same order.
        pace: How fast it is.
    """
    if model.measuring is None:
        return None
    spec = model.measuring.spec
    read, written = _lengths(model, seen, datasets, spec.max_tokens)
    most = _levels(spec, pace.at_once)
    fewest = most[:2]  # an engine that cannot be held to a number has no more
    low, high = (spec.sessions * _prompts(spec, levels) for levels in (fewest, most))
    expected = round(sqrt(low * high))
    each = _seconds_each(pace, written)
    seconds: tuple[float | None, ...] = (None, None)
    if each is not None:
        load = pace.time.load_seconds or 0.0
        together = min(PROMPTS, pace.at_once or PROMPTS)
        alone = each * together
        in_turns = spec.warm_up * alone + sum(
            prompts_at(spec.requests, level) * max(alone / level, each) for level in most
        )
        seconds = (
            spec.sessions * load + low * each,
            spec.sessions * (load + in_turns),
        )
    fast, slow = seconds
    return MeasuringEstimate(
        sessions=spec.sessions,
        prompts=expected,
        prompts_low=low,
        prompts_high=high,
        prompt_tokens=round(expected * read),
        prompt_tokens_at_most=round(high * read),
        output_tokens=round(expected * written),
        output_tokens_at_most=high * spec.max_tokens,
        expected_seconds=None if fast is None or slow is None else round(sqrt(fast * slow), 1),
        low_seconds=None if fast is None else round(fast, 1),
        high_seconds=None if slow is None else round(slow, 1),
    )


def _levels(spec: MeasuringSpec, at_once: int | None) -> tuple[int, ...]:
    """Return the levels that there can be: some beyond what the engine works on at once."""
    levels = [1]
    limit = spec.most_at_once
    if at_once is not None:
        limit = min(limit, at_once * 2**IDLE)
    while levels[-1] * 2 <= limit:
        levels.append(levels[-1] * 2)
    return tuple(levels)


def _prompts(spec: MeasuringSpec, levels: Sequence[int]) -> int:
    """Return the prompts of a session."""
    return spec.warm_up + sum(prompts_at(spec.requests, level) for level in levels)


def _lengths(
    model: PlannedModel,
    seen: Sequence[Measured],
    datasets: Sequence[DatasetEstimate],
    limit: int,
) -> tuple[float, float]:
    """Return the mean tokens of the prompts that are measured, and of the answers to them."""
    assert model.measuring is not None, "only those are estimated that are to be measured"
    pairs = [
        (one, estimate)
        for one, estimate in zip(seen, datasets, strict=True)
        if one.dataset.loaded.spec.needs == "generate"
    ]
    home = model.measuring.category
    own = [pair for pair in pairs if pair[0].dataset.loaded.category == home] or pairs
    read = [fmean(one.tokens) for one, _ in own if one.tokens]
    written = [
        min(estimate.output_tokens / max(one.n_turns * estimate.completions, 1.0), float(limit))
        for one, estimate in own
    ]
    return (fmean(read) if read else 0.0), (fmean(written) if written else 0.0)


def _seconds_each(pace: Pace, written: float) -> float | None:
    """Return the seconds that an answer takes among others; None where that is not known."""
    rate = pace.time.tokens_per_second
    return written / rate if rate else None
