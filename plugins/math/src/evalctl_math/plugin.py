"""The category: what `evalctl run --category math` runs."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, hookimpl
from evalctl_math.datasets import DATASETS
from evalctl_math.models import MODELS


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category of mathematical reasoning."""
    return (
        CategorySpec(
            name="math",
            title="Mathematical reasoning",
            aliases=("mathematical_reasoning",),
            description=(
                "Final answers to school, competition and university problems. A good score means "
                "right results; whether the way there was right is a separate metric."
            ),
            models=MODELS,
            datasets=DATASETS,
        ),
    )
