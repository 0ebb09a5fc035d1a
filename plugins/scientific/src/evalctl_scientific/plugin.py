"""The category: what `evalctl run --category scientific` runs."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, Excerpt, hookimpl
from evalctl_scientific.extraction import pubmed_abstracts, scierc
from evalctl_scientific.labelling import scicite, scierc_relations
from evalctl_scientific.models import MODELS
from evalctl_scientific.probes import PROBES
from evalctl_scientific.retrieval import citation_retrieval, scitldr_retrieval
from evalctl_scientific.summaries import scientific_papers, scientific_papers_long, scitldr

SCIENCES = (
    "anatomy",
    "astronomy",
    "college_biology",
    "college_chemistry",
    "college_computer_science",
    "college_physics",
    "computer_security",
    "conceptual_physics",
    "electrical_engineering",
    "high_school_biology",
    "high_school_chemistry",
    "high_school_computer_science",
    "high_school_physics",
    "machine_learning",
)
"""Subjects of MMLU: those that it counts as STEM, without mathematics."""
EXCERPTS = (
    Excerpt(
        name="science_mmlu",
        title="MMLU: 14 subjects of science and engineering",
        version="1",
        dataset="mmlu",
        keep={"subject": SCIENCES},
        headline="domain_knowledge",
    ),
    Excerpt(
        name="science_scienceqa",
        title="ScienceQA: questions of natural science without a picture",
        version="1",
        dataset="scienceqa_text",
        keep={"subject": ("natural science",)},
        headline="domain_knowledge",
    ),
)


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
                *PROBES,
                scitldr_retrieval,
                citation_retrieval,
            ),
            excerpts=EXCERPTS,
        ),
    )
