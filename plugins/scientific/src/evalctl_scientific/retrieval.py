"""Retrieval by embeddings: candidates in the order of how near they are to a text.

No pairs of citing and cited papers are at hand: `citation_retrieval` reads them by path, in the
form of SciDocs' copy for re-ranking. `scitldr_retrieval` looks for the paper that a summary is of,
which is another question, and says so by its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from evalctl import (
    DatasetSpec,
    Example,
    FileParts,
    FileSource,
    MetricSpec,
    PromptTemplate,
    Row,
    Sample,
    Score,
    ScorerSpec,
    mean_value,
)
from evalctl_scientific.rankings import CUT, average_precision, ndcg, ranks_of
from evalctl_scientific.sentences import unmarked

CANDIDATES = 30
"""Titles that a summary's is looked for among; SciDocs has as many, of which five are right."""
_NDCG = "ndcg"


def paper_and_cited(row: Row) -> Sample:
    """A paper with those that it cites, `positive`, and others that it does not, `negative`."""
    cited = [" ".join(text.split()) for text in row.texts("positive")]
    others = [" ".join(text.split()) for text in row.texts("negative")]
    if not cited or not others:
        raise ValueError("a row needs papers that are cited and papers that are not")
    return Sample(
        id=str(row.number),
        input=row.text("query").strip(),
        choices=(*cited, *others),
        target=f"{len(cited)} of {len(cited) + len(others)}",
        metadata={"relevant": [*range(len(cited))]},
    )


def summary_and_title(row: Row) -> Sample:
    """A summary of one sentence, and the title of the paper that it is of."""
    summaries = [text for text in map(unmarked, row.texts("target")) if text]
    if not summaries:
        raise ValueError("column 'target' has no summary")
    title = " ".join(row.text("title").split())
    return Sample(id=row.text("paper_id"), input=summaries[0], target=title)


def with_candidates(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Give each summary the title of its paper and 29 others, which a hash draws and orders."""
    held = list(samples)
    titles = dict.fromkeys(sample.target for sample in held)
    for sample in held:
        drawn = sorted(titles, key=lambda title: _place("drawn", sample.id, title))
        others = [title for title in drawn if title != sample.target][: CANDIDATES - 1]
        choices = sorted(
            (sample.target, *others), key=lambda title: _place("placed", sample.id, title)
        )
        relevant = {"relevant": [choices.index(sample.target)]}
        yield sample.model_copy(update={"choices": tuple(choices), "metadata": relevant})


def _place(purpose: str, sample_id: str, title: str) -> bytes:
    key = f"{purpose}\0{sample_id}\0{title}".encode()
    return hashlib.blake2b(key, digest_size=8).digest()


def relevant_of(sample: Sample) -> frozenset[int]:
    """Return the positions of a sample's relevant candidates."""
    given = sample.metadata["relevant"]
    return (
        frozenset(int(str(at)) for at in given) if isinstance(given, list | tuple) else frozenset()
    )


def judge_order(sample: Sample, similarities: tuple[float, ...]) -> Score:
    """The average precision of the candidates' order, with nDCG among the counts."""
    if len(similarities) != len(sample.choices):
        return Score(value=None, explanation="not every candidate has a similarity")
    ranks = ranks_of(similarities, relevant_of(sample))
    return Score(
        value=average_precision(ranks),
        answer=", ".join(map(str, ranks)),
        explanation=f"ranks of what is relevant, among {len(similarities)}",
        counts={_NDCG: ndcg(ranks)},
    )


def mean_ndcg(scores: tuple[Score, ...]) -> float | None:
    """Return a sample's nDCG; None where it was not scored."""
    return next((score.counts[_NDCG] for score in scores if _NDCG in score.counts), None)


def in_order(sample: Sample) -> str:
    """Return the relevant candidates, one a line."""
    relevant = relevant_of(sample)
    return "\n".join(choice for at, choice in enumerate(sample.choices) if at in relevant)


def in_wrong_order(sample: Sample) -> str:
    """Return the other candidates likewise."""
    relevant = relevant_of(sample)
    return "\n".join(choice for at, choice in enumerate(sample.choices) if at not in relevant)


_ORDER = ScorerSpec(
    name="order_of_candidates",
    version="1",
    rank=judge_order,
    metrics=(
        MetricSpec(
            name="retrieval_map", title="mean average precision of candidates", reduce=mean_value
        ),
        MetricSpec(
            name="retrieval_ndcg_10", title=f"nDCG of the first {CUT} candidates", reduce=mean_ndcg
        ),
    ),
)
_PAPERS = Sample(
    id="example",
    input="A parser for dependency trees",
    choices=("Parsing by transitions", "Deep-sea corals", "Trees of moss", "Ice cores"),
    target="1 of 4",
    metadata={"relevant": [0]},
)
_PROMPT = PromptTemplate(question="{input}", answer="", continuation="{choice}")

citation_retrieval = DatasetSpec(
    name="citation_retrieval",
    title="Which papers a paper cites, by how near their titles are to its own",
    version="1",
    licence="as the file's; SciDocs states none for its data",
    citation='Cohan et al. 2020, "SPECTER: Document-level Representation Learning using '
    'Citation-informed Transformers" (SciDocs)',
    sources=(
        FileSource(
            parts=(
                FileParts(
                    paths=(
                        "citation_retrieval/test.jsonl",
                        "citation_retrieval/*.jsonl",
                        "scidocs-reranking/test.jsonl",
                    )
                ),
            )
        ),
    ),
    columns=frozenset({"query", "positive", "negative"}),
    to_sample=paper_and_cited,
    prompt=_PROMPT,
    needs="embed",
    scorers=(_ORDER, _ORDER.for_words()),
    headline="retrieval_map",
    gold=in_order,
    perturb=in_wrong_order,
    examples=(Example(sample=_PAPERS, good="Parsing by transitions", bad="Ice cores"),),
)

scitldr_retrieval = DatasetSpec.model_validate(
    {
        **dict(citation_retrieval),
        "name": "scitldr_retrieval",
        "title": "SciTLDR: the paper that a summary is of, among the titles of 30",
        "licence": "Apache-2.0",
        "citation": 'Cachola et al. 2020, "TLDR: Extreme Summarization of Scientific Documents"',
        "sources": (
            FileSource(
                parts=(
                    FileParts(
                        paths=(
                            "scitldr/SciTLDR-A/test.jsonl",
                            "SciTLDR-Data/SciTLDR-A/test.jsonl",
                            "SciTLDR-A/test.jsonl",
                        )
                    ),
                )
            ),
        ),
        "columns": frozenset({"target", "paper_id", "title"}),
        "to_sample": summary_and_title,
        "select": with_candidates,
    }
)
