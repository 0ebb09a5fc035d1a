"""How long a model will take: from a probe, else from earlier runs, else unknown."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import median

from evalctl.estimates.earlier import Earlier
from evalctl.estimates.probe import Probe
from evalctl.estimates.records import DatasetEstimate, TimeEstimate

LARGEST_GAIN = 8.0
"""How much faster than in a probe an engine may get with more sequences at once. A rule of thumb:
a GPU's speed grows nearly with their number until it computes as much as it can, a CPU's does not.
"""
EARLIER_SPREAD = 1.25
"""How far a run's speed may be from an earlier one's, beyond what several of them show."""


def from_probe(probe: Probe, datasets: Sequence[DatasetEstimate], sequences: int) -> TimeEstimate:
    """Return the time that a probe's speed means.

    Args:
        probe: What was seen.
        datasets: What is to be asked.
        sequences: How many the engine works on at once; more than a probe has make it faster by
            an unknown amount, so that the range is wide.
    """
    report = probe.report
    if not report.answered or not report.generate_seconds:
        return TimeEstimate(load_seconds=report.load_seconds)
    completions = sum(dataset.completions + dataset.training_rows for dataset in datasets)
    gain = min(min(sequences, completions) / report.answered, LARGEST_GAIN)
    gain = max(gain, 1.0)
    rate = probe.tokens_per_second
    if rate is None:  # an engine that counts no tokens: by the prompt
        each = report.generate_seconds / report.answered
        middle = low = high = completions * each
    else:
        middle = sum(dataset.output_tokens for dataset in datasets) / rate
        low = sum(dataset.output_tokens_low for dataset in datasets) / rate
        high = sum(dataset.output_tokens_high for dataset in datasets) / rate
    load = report.load_seconds
    return TimeEstimate(
        source="probe",
        load_seconds=load,
        tokens_per_second=round(rate, 1) if rate else None,
        expected_seconds=round(load + middle / sqrt(gain), 1),
        low_seconds=round(load + low / gain, 1),
        high_seconds=round(load + high, 1),
    )


def from_earlier(earlier: Earlier, datasets: Sequence[DatasetEstimate]) -> TimeEstimate:
    """Return the time that the speed of earlier runs means; unknown without any."""
    rates, loads = earlier.tokens_per_second, earlier.load_seconds
    if not rates:
        return TimeEstimate()
    middle = sum(dataset.output_tokens for dataset in datasets) / median(rates)
    low = sum(dataset.output_tokens_low for dataset in datasets) / max(rates)
    high = sum(dataset.output_tokens_high for dataset in datasets) / min(rates)
    return TimeEstimate(
        source="earlier_runs",
        load_seconds=median(loads),
        tokens_per_second=round(median(rates), 1),
        expected_seconds=round(median(loads) + middle, 1),
        low_seconds=round(min(loads) + low / EARLIER_SPREAD, 1),
        high_seconds=round(max(loads) + high * EARLIER_SPREAD, 1),
    )
