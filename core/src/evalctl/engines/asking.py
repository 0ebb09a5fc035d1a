"""Asking an engine by the name of what is wanted of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evalctl.errors import EngineError
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
