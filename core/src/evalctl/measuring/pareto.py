"""Which models no other one beats: accuracy against latency, memory and parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evalctl.measurements import Measurement, Standing

COSTS = ("latency_seconds", "memory_bytes", "parameters")
"""What accuracy is held against, each by itself and all together."""


def standings(measured: Iterable[tuple[str, Measurement]]) -> tuple[Standing, ...]:
    """Return where each of several models, by name, stands among them."""
    plain = [
        Standing(
            model=model,
            accuracy=one.inputs["accuracy"].value,
            costs={cost: one.inputs[cost].value for cost in COSTS},
        )
        for model, one in measured
    ]
    best = {cost: frontier(plain, (cost,)) for cost in COSTS} | {"all": frontier(plain, COSTS)}
    return tuple(
        one.model_copy(
            update={"unbeaten_in": tuple(cost for cost in best if one.model in best[cost])}
        )
        for one in plain
    )


def frontier(standings: Sequence[Standing], costs: Sequence[str]) -> set[str]:
    """Return the models of which no other is as good in all and better in one.

    Args:
        standings: The models; one that lacks a value has no part in it.
        costs: What is looked at besides accuracy.
    """
    known = {
        one.model: (-one.accuracy, *(one.costs[cost] or 0.0 for cost in costs))
        for one in standings
        if one.accuracy is not None and all(one.costs[cost] is not None for cost in costs)
    }
    return {
        model
        for model, own in known.items()
        if not any(_beats(other, own) for other in known.values())
    }


def _beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
