"""What evalctl finds: the category, and the engine of its baselines."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategoryDefaults, CategorySpec, EngineSpec, hookimpl
from evalctl_genomics import models, motif, programs, promoters


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category of genomics."""
    return (
        CategorySpec(
            name="genomics",
            title="Reading DNA",
            aliases=("genomics_specialists",),
            description=(
                "Whether a stretch of DNA holds a promoter, on sequences that we made: a good "
                "score means that the two boxes and their distance are recognised, and says "
                "nothing about promoters in a genome. Programs on sequences are reported beside "
                "it."
            ),
            models=models.MODELS,
            datasets=(promoters.dataset, programs.dataset),
            executors=(programs.executor,),
            defaults=CategoryDefaults(samples=120),
        ),
    )


@hookimpl
def evalctl_engines() -> Iterable[EngineSpec]:
    """Return the engine of the baselines."""
    return (motif.engine,)
