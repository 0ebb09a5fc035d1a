"""What is made of accuracy and what it costs. Pure functions of numbers.

Inputs are those of `evalctl.MeasuringSpec`: accuracy in 0..1, seconds, bytes, counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from evalctl import MeasuredMetricSpec

_BILLION = 1e9
_GIB = float(1 << 30)


def latency(inputs: Mapping[str, float]) -> float:
    """Return the median seconds of an answer, one prompt at a time."""
    return inputs["latency_seconds"]


def accuracy_per_parameter(inputs: Mapping[str, float]) -> float:
    """Return percentage points of accuracy for each billion parameters."""
    return 100.0 * inputs["accuracy"] / (inputs["parameters"] / _BILLION)


def accuracy_per_active_parameter(inputs: Mapping[str, float]) -> float:
    """Return percentage points of accuracy for each billion parameters that work on a token."""
    return 100.0 * inputs["accuracy"] / (inputs["active_parameters"] / _BILLION)


def efficiency_score(inputs: Mapping[str, float]) -> float:
    """Return percentage points of accuracy over the geometric mean of three costs.

    The costs are seconds of an answer, GiB of memory and billions of parameters. A model that
    halves one of them at the same accuracy gains a factor of the cube root of 2; units cancel
    where two models are held against each other.
    """
    seconds = inputs["latency_seconds"]
    gib = inputs["memory_bytes"] / _GIB
    billions = inputs["parameters"] / _BILLION
    return 100.0 * inputs["accuracy"] / float((seconds * gib * billions) ** (1 / 3))


METRICS = (
    MeasuredMetricSpec(
        name="efficiency_score",
        title="accuracy over the geometric mean of latency, memory and parameters",
        unit="points per cube root of s GiB 10^9",
        inputs=("accuracy", "latency_seconds", "memory_bytes", "parameters"),
        compute=efficiency_score,
    ),
    MeasuredMetricSpec(
        name="latency",
        title="median time of an answer, one prompt at a time",
        unit="s",
        inputs=("latency_seconds",),
        compute=latency,
        is_less_better=True,
    ),
    MeasuredMetricSpec(
        name="accuracy_per_parameter",
        title="accuracy over the number of parameters",
        unit="points per 10^9",
        inputs=("accuracy", "parameters"),
        compute=accuracy_per_parameter,
    ),
    MeasuredMetricSpec(
        name="accuracy_per_active_parameter",
        title="accuracy over the number of parameters that work on a token",
        unit="points per 10^9",
        inputs=("accuracy", "active_parameters"),
        compute=accuracy_per_active_parameter,
    ),
)
