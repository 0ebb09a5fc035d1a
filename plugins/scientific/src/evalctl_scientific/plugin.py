"""The category: what `evalctl run --category scientific` runs."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, hookimpl
from evalctl_scientific.extraction import pubmed_abstracts, scierc
from evalctl_scientific.labelling import scicite, scierc_relations
from evalctl_scientific.models import MODELS
from evalctl_scientific.summaries import scientific_papers, scientific_papers_long, scitldr


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    """Return the category of scientific work."""
    return (
        CategorySpec(
            name="scientific",
            title="Scientific research",
            aliases=("scientific_research",),
            description=(
                "How well a model reads papers: which entities a text names and how they are "
                "related, why a paper cites another, and what an article says in short. A good "
                "score "
                "means agreement with those who annotated or wrote the abstracts; it says nothing "
                "on "
                "whether what a summary says is true."
            ),
            models=MODELS,
            datasets=(
                scientific_papers,
                scierc,
                pubmed_abstracts,
                scierc_relations,
                scicite,
                scitldr,
                scientific_papers_long,
            ),
        ),
    )
