"""How the speed of a category's models is measured, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from evalctl.specs.base import AsName, Name, Spec

Input = Literal["accuracy", "parameters", "active_parameters", "latency_seconds", "memory_bytes"]
"""What a metric can be computed from. `accuracy` is the category's score, 0..1; `latency_seconds`
the median from hand-over to the end of an answer, one prompt at a time; `memory_bytes` the most
that the engine held, of the accelerators where it runs on some, else of the host."""


class MeasuredMetricSpec(Spec):
    """A metric that is computed from what was measured."""

    name: Name
    """Unique within its category."""
    title: str
    """One line for listings."""
    unit: str
    """What stands behind its figures."""
    inputs: tuple[Input, ...]
    """What it needs; where one of them was not measured, neither is the metric."""
    compute: Annotated[Callable[[Mapping[str, float]], float], AsName]
    """The inputs by name to its value; monotonic in each of them."""
    is_less_better: bool = False
    """Whether smaller values are better."""


class MeasuringSpec(Spec):
    """How the speed of a category's models is measured: see `docs/efficiency.md`."""

    sessions: int = Field(default=5, ge=1, le=100)
    """How often each model is loaded and measured; several models take turns."""
    warm_up: int = Field(default=4, ge=0)
    """Prompts before the first level of a session, which count in no figure."""
    requests: int = Field(default=24, ge=2)
    """Prompts of a level at least; one of N at once has no fewer than 4 N."""
    most_at_once: int = Field(default=256, ge=1)
    """The highest level. Levels are 1, 2, 4 and so on, until more bring little."""
    max_tokens: int = Field(default=256, ge=2)
    """Limit on new tokens of one answer."""
    metrics: tuple[MeasuredMetricSpec, ...] = ()
    """What is computed from it."""

    @model_validator(mode="after")
    def _metrics_are_told_apart(self) -> Self:
        names = [metric.name for metric in self.metrics]
        if len(set(names)) != len(names):
            raise ValueError("measuring: two metrics have the same name")
        return self
