"""The datasets of summaries: whole papers to their abstracts, abstracts to one sentence."""

from __future__ import annotations

from functools import partial

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    HubPart,
    HubSource,
    PromptTemplate,
    Sample,
    Sampling,
)
from evalctl_scientific import rouge, rows

WORDS = 2000
"""Of an article are given: with an abstract of 300 words they fit into 4,096 tokens of most
vocabularies."""
LONG_WORDS = 16_000
"""Of an article in the long form: nearly all there is of nine articles in ten."""

_CONVERTED = "refs/convert/parquet"


def reference_summary(sample: Sample) -> str:
    """Return the first reference as a model would write it."""
    return sample.target


def half_a_summary(sample: Sample) -> str:
    """Return the first half of its words."""
    words = reference_summary(sample).split()
    return " ".join(words[: len(words) // 2])


def _paper_parts(split: str) -> FileSource:
    return FileSource(
        parts=tuple(
            FileParts(
                paths=(
                    f"scientific_papers/{name}-dataset/{split}.txt",
                    f"{name}-dataset/{split}.txt",
                ),
                label=name,
            )
            for name in ("arxiv", "pubmed")
        )
    )


def _hub_parts(split: str) -> HubSource:
    return HubSource(
        parts=tuple(
            HubPart(
                path="armanc/scientific_papers",
                config=name,
                split=split,
                revision=_CONVERTED,
                label=name,
            )
            for name in ("arxiv", "pubmed")
        )
    )


_ARTICLE = Sample(
    id="example",
    input="Parsers are slow . We make one that is fast , and measure it on a corpus of news .",
    target="A fast parser is described . It is measured on news .",
    metadata={"source": "arxiv", "article_words": 19, "given_words": 19, "is_cut": False},
)
_GOOD = "A fast parser is described. It is measured on news."

scientific_papers = DatasetSpec(
    name="scientific_papers",
    title="Papers of arXiv and PubMed: the abstract from the first 2,000 words",
    version="1",
    licence="not stated",
    citation='Cohan et al. 2018, "A Discourse-Aware Attention Model for Abstractive '
    'Summarization of Long Documents"',
    sources=(_paper_parts("test"), _hub_parts("test")),
    columns=frozenset({"article_id", "article_text", "abstract_text"}),
    to_sample=partial(rows.scientific_paper, words=WORDS),
    select=rows.with_both,
    prompt=PromptTemplate(
        question="Article:\n{input}\n\nAbstract:",
        answer=" {target}",
        instruction=(
            "This is the beginning of a scientific article.\n\n{input}\n\n"
            "Write the article's abstract: one paragraph of about 200 words, and nothing else."
        ),
        stop=("\n\n", "Article:"),
        may_cut_behind="",
    ),
    shot_sources=(_paper_parts("train"), _hub_parts("train")),
    groups=("source",),
    sampling=Sampling(max_tokens=768),
    scorers=(rouge.scorer,),
    headline="rougeLsum",
    gold=reference_summary,
    perturb=half_a_summary,
    examples=(Example(sample=_ARTICLE, good=_GOOD, bad="Parsers are slow."),),
    role="primary",
)

scientific_papers_long = DatasetSpec.model_validate(
    {
        **dict(scientific_papers),
        "name": "scientific_papers_long",
        "title": "Papers of arXiv and PubMed: the abstract from up to 16,000 words",
        "to_sample": partial(rows.scientific_paper, words=LONG_WORDS),
        "role": "variant",
    }
)

scitldr = DatasetSpec(
    name="scitldr",
    title="SciTLDR: a paper's point in one sentence, from its abstract",
    version="1",
    licence="Apache-2.0",
    citation='Cachola et al. 2020, "TLDR: Extreme Summarization of Scientific Documents"',
    sources=(
        FileSource(
            parts=(
                FileParts(
                    paths=(
                        "scitldr/SciTLDR-A/test.jsonl",
                        "SciTLDR-Data/SciTLDR-A/test.jsonl",
                    )
                ),
            )
        ),
        HubSource(
            parts=(
                HubPart(
                    path="allenai/scitldr", config="Abstract", split="test", revision=_CONVERTED
                ),
            )
        ),
    ),
    columns=frozenset({"source", "target", "paper_id"}),
    to_sample=rows.scitldr,
    prompt=PromptTemplate(
        question="Abstract: {input}\nTL;DR:",
        answer=" {target}",
        instruction=(
            "This is the abstract of a scientific paper.\n\n{input}\n\n"
            "Say the point of the paper in one sentence of about 20 words, and write nothing else."
        ),
        stop=("\n",),
    ),
    shot_sources=(
        FileSource(
            parts=(
                FileParts(
                    paths=(
                        "scitldr/SciTLDR-A/train.jsonl",
                        "SciTLDR-Data/SciTLDR-A/train.jsonl",
                    )
                ),
            )
        ),
        HubSource(
            parts=(
                HubPart(
                    path="allenai/scitldr", config="Abstract", split="train", revision=_CONVERTED
                ),
            )
        ),
    ),
    sampling=Sampling(max_tokens=256),
    scorers=(rouge.scorer,),
    headline="rougeLsum",
    gold=reference_summary,
    perturb=half_a_summary,
    examples=(
        Example(
            sample=Sample(
                id="example",
                input="Parsers are slow. We describe a parser that is ten times as fast.",
                target="A parser that is ten times as fast.",
                metadata={"references": ["A parser that is ten times as fast.", "A fast parser."]},
            ),
            good="A fast parser.",
            bad="Parsers are slow.",
        ),
    ),
)
