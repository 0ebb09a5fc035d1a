"""The category: what `evalctl run --category multimodal` runs."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, hookimpl
from evalctl_multimodal.charts import chartqa
from evalctl_multimodal.documents import docvqa, docvqa_words
from evalctl_multimodal.drawings import multimodal_sample, multimodal_sample_words
from evalctl_multimodal.exams import scienceqa, scienceqa_text
from evalctl_multimodal.models import MODELS


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category of questions about images."""
    return (
        CategorySpec(
            name="multimodal",
            title="Documents and charts",
            aliases=("multimodal_understanding",),
            description=(
                "How well a model reads pages and charts and answers questions about them. A good "
                "score means that it finds what is asked for on single images of the kinds that "
                "the benchmarks have; it says nothing on photographs, video or long documents."
            ),
            models=MODELS,
            datasets=(
                docvqa,
                chartqa,
                scienceqa,
                scienceqa_text,
                docvqa_words,
                multimodal_sample,
                multimodal_sample_words,
            ),
        ),
    )
