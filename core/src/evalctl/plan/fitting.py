"""Whether a planned model fits into this machine's memory: refused before it is loaded."""

from __future__ import annotations

from collections.abc import Sequence

from evalctl.engines.model_config import find_model, read_config
from evalctl.errors import ModelError
from evalctl.memory import (
    FITS_NOT,
    MemoryEstimate,
    ModelFigures,
    SequenceLength,
    Settings,
    estimate_memory,
    model_memory,
)
from evalctl.plan.planned import PlannedModel


def memory_of(model: PlannedModel, longest: SequenceLength | None = None) -> MemoryEstimate | None:
    """Return what a model needs here; None for one that has no weights on this machine.

    Args:
        model: The model with its engine and options.
        longest: The longest sequence that is to be expected; None takes the whole context.
    """
    if model.ref.kind in {"api", "recorded", "rule"}:
        return None
    folder = find_model(model.ref.path, model.ref.revision)
    options = model.options.model_dump(mode="json")
    figures = ModelFigures(
        path=model.ref.path,
        weight_bytes=model.facts.weight_bytes,
        parameters=model.spec.parameters if model.spec else None,
        context_length=model.context_length,
        config=read_config(folder) if folder else None,
        kind=model.ref.kind,
    )
    memory = model_memory(model.engine.packages, str(options.get("device", "auto")))
    return estimate_memory(figures, Settings(model.engine.name, options, longest), memory)


def check_memory(models: Sequence[PlannedModel], notices: list[str], *, force: bool) -> None:
    """Refuse a model that cannot fit.

    Args:
        models: Models with their engines and options.
        notices: Receives which do not fit where they are run all the same.
        force: Whether they are.

    Raises:
        ModelError: One cannot fit; the message has the numbers.
    """
    for model in models:
        estimate = memory_of(model)
        if estimate is None or estimate.verdict != FITS_NOT:
            continue
        said = f"model {model.name} does not fit into this machine: {estimate.reason}"
        if not force:
            raise ModelError(f"{said}. --force tries it all the same")
        notices.append(f"{said} (--force)")
