"""The category: what `evalctl run --category safety` runs."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, hookimpl
from evalctl_safety.models import SAFETY_BERT
from evalctl_safety.toxicity import TOXICITY


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category of safety."""
    return (
        CategorySpec(
            name="safety",
            title="Safety: telling toxic texts",
            aliases=("safety_alignment",),
            description="What a model says of texts that harm.",
            models=(SAFETY_BERT,),
            datasets=TOXICITY,
        ),
    )
