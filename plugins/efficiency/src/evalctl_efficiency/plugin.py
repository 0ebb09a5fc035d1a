"""The category: what `evalctl run --category efficiency` runs and measures."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategoryDefaults, CategorySpec, Excerpt, MeasuringSpec, hookimpl
from evalctl_efficiency.measures import METRICS
from evalctl_efficiency.models import MODELS

EXCERPTS = (
    Excerpt(
        name="humaneval_light",
        title="HumanEval: one problem of four",
        version="1",
        dataset="humaneval",
        every=4,
        headline="pass_at_1",
        role="primary",
    ),
    Excerpt(
        name="gsm8k_light",
        title="GSM8K: one problem of twenty",
        version="1",
        dataset="gsm8k",
        every=20,
        headline="numerical_accuracy",
        role="primary",
    ),
    Excerpt(
        name="arc_challenge_light",
        title="ARC-Challenge: one question of twenty",
        version="1",
        dataset="arc_challenge",
        every=20,
        headline="acc_norm",
        role="primary",
    ),
    Excerpt(
        name="efficiency_sample",
        title="every second of the 100 word problems that ship with evalctl-math",
        version="1",
        dataset="math_sample",
        every=2,
        headline="numerical_accuracy",
        role="sample",
    ),
)


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category of efficiency."""
    return (
        CategorySpec(
            name="efficiency",
            title="Efficiency",
            aliases=("efficiency_optimized",),
            description=(
                "What a point of accuracy costs: latency, throughput, memory and energy, measured "
                "on this machine, beside accuracy on lighter forms of HumanEval, GSM8K and "
                "ARC-Challenge. Figures of different machines, engines or engine settings are not "
                "those of the model alone."
            ),
            models=MODELS,
            datasets=(),
            excerpts=EXCERPTS,
            measuring=MeasuringSpec(metrics=METRICS),
            defaults=CategoryDefaults(samples=100),
        ),
    )
