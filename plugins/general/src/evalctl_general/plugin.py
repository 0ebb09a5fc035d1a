"""The category: what `evalctl run --category general` runs."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, hookimpl
from evalctl_general.choices import CHOICES
from evalctl_general.conversations import mt_bench
from evalctl_general.models import MODELS


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category of general-purpose work."""
    return (
        CategorySpec(
            name="general",
            title="General purpose",
            aliases=("general_purpose",),
            description=(
                "What models know and how sensibly they choose, in the benchmarks that everyone "
                "quotes. A good score means that the right choice is the likeliest, or the one "
                "that is written; how well a conversation goes is another thing, and mt_bench's."
            ),
            models=MODELS,
            datasets=(*CHOICES, mt_bench),
        ),
    )
