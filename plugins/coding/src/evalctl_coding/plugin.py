"""The category: what `evalctl run --category coding` runs."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, hookimpl
from evalctl_coding.datasets import DATASETS
from evalctl_coding.executors import EXECUTORS
from evalctl_coding.models import MODELS


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category of writing code."""
    return (
        CategorySpec(
            name="coding",
            title="Writing code",
            aliases=("coding_specialists",),
            description=(
                "Functions written to a description, run in a sandbox and judged by tests. A good "
                "score means that programs do what tests ask of them; it says nothing on their "
                "style, speed or safety."
            ),
            models=MODELS,
            datasets=DATASETS,
            executors=EXECUTORS,
        ),
    )
