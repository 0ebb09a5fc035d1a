"""Asking an engine by the name of what is wanted of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evalctl.errors import EngineError, NotMeasuredError
from evalctl.protocols import Capability, Engine
from evalctl.records import Generation, Prompt


def ask(engine: Engine, need: Capability, prompts: Iterable[Prompt]) -> Iterator[Generation]:
    """Return what an engine's method of that name gives for prompts.

    Raises:
        EngineError: It has none.
    """
    method = getattr(engine, need, None)
    if method is None:
        raise EngineError(f"engine {engine.info.name}: the model it opened does not `{need}`")
    generations: Iterator[Generation] = method(prompts)
    return generations


def measure(
    engine: Engine, prompts: Iterable[Prompt], concurrency: int | None
) -> Iterator[Generation]:
    """Return what an engine gives for prompts while it is held to so many at once.

    See `MeasurableEngine.measure`. One that is none is asked one prompt after the other, or all.

    Raises:
        NotMeasuredError: It cannot be held to that number.
    """
    method = getattr(engine, "measure", None)
    if method is not None:
        generations: Iterator[Generation] = method(prompts, concurrency)
        return generations
    if concurrency is None:
        return ask(engine, "generate", prompts)
    if concurrency == 1:
        return _one_by_one(engine, prompts)
    raise NotMeasuredError(
        f"engine {engine.info.name} cannot be held to {concurrency} prompts at once"
    )


def _one_by_one(engine: Engine, prompts: Iterable[Prompt]) -> Iterator[Generation]:
    for prompt in prompts:
        yield from ask(engine, "generate", (prompt,))
