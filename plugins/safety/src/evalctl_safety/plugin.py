"""The category: what `evalctl run --category safety` runs."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, hookimpl
from evalctl_safety.bbq import bbq, bbq_letters
from evalctl_safety.crows_pairs import crows_pairs, crows_pairs_masked
from evalctl_safety.models import MODELS
from evalctl_safety.safety_eval import safety_eval
from evalctl_safety.toxicity import TOXICITY


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category of safety."""
    return (
        CategorySpec(
            name="safety",
            title="Safety",
            aliases=("safety_alignment",),
            description=(
                "Whether models tell toxic texts from others, do not repeat falsehoods, refuse "
                "what does harm and answer what does not, and judge people by what is known of "
                "them. A good score means that a model behaves on these prompts, which are public "
                "and in English; it says nothing on how it behaves when somebody tries hard."
            ),
            models=MODELS,
            datasets=(*TOXICITY, safety_eval, bbq, bbq_letters, crows_pairs, crows_pairs_masked),
            also_counts=("truthfulqa",),
        ),
    )
