"""ROUGE of summaries, by the library `rouge-score`, which is imported when it is first needed."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from evalctl import Completion, MetricSpec, Sample, Score, ScorerSpec, mean_value
from evalctl_scientific.rows import references
from evalctl_scientific.sentences import split_sentences

if TYPE_CHECKING:
    from rouge_score.rouge_scorer import RougeScorer

MEASURES = ("rouge1", "rouge2", "rougeLsum")
MAX_WORDS = 2000
"""Of a summary; what is behind them is not read: the longest common subsequence takes the product
of both lengths."""
_MAX_CHARACTERS = 40_000


def rouge(summary: str, targets: list[str]) -> dict[str, float]:
    """Return F1 by measure, each the greatest over the reference summaries.

    Words are stemmed, as is usual. Sentences, which ROUGE-Lsum compares, are found by
    `split_sentences` on both sides, since the library's own way needs a download.

    Source: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries"; the library is
    Google's, version 0.1.2.
    """
    found = _lines(summary)
    scores = [_scorer().score(_lines(target), found) for target in targets]
    return {name: max(float(one[name].fmeasure) for one in scores) for name in MEASURES}


@lru_cache(maxsize=1)
def _scorer() -> RougeScorer:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(list(MEASURES), use_stemmer=True)


def _lines(text: str) -> str:
    """Return the first words of a text, a sentence a line."""
    kept, left = [], MAX_WORDS
    for line in split_sentences(text[:_MAX_CHARACTERS]):
        words = line.split()[:left]
        left -= len(words)
        kept.append(" ".join(words))
    return "\n".join(kept)


def judge_summary(sample: Sample, completion: Completion) -> Score:
    """Compare a summary with the reference ones; an empty one has nothing in common with them."""
    text = completion.text.strip()
    if not text:
        return Score(value=0.0, counts=dict.fromkeys(MEASURES, 0.0), explanation="no summary")
    found = rouge(text, references(sample))
    return Score(
        value=found["rougeLsum"],
        answer=text[:200],
        counts=found,
        explanation=", ".join(f"{name} {value:.3f}" for name, value in found.items()),
    )


def mean_of(scores: tuple[Score, ...], *, measure: str) -> float | None:
    """Return the mean of one measure over a sample's summaries that were scored."""
    values = [score.counts[measure] for score in scores if measure in score.counts]
    return sum(values) / len(values) if values else None


scorer = ScorerSpec(
    name="rouge_of_summaries",
    version="1",
    score=judge_summary,
    metrics=(
        MetricSpec(name="rougeLsum", title="ROUGE-Lsum, F1", reduce=mean_value),
        MetricSpec(name="rouge1", title="ROUGE-1, F1", reduce=partial(mean_of, measure="rouge1")),
        MetricSpec(name="rouge2", title="ROUGE-2, F1", reduce=partial(mean_of, measure="rouge2")),
    ),
)
