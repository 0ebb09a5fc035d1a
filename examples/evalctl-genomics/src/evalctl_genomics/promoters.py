"""Promoters: does a stretch of DNA hold one? The dataset, how answers are read, and the metrics."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from evalctl import (
    Completion,
    DatasetSpec,
    Example,
    MetricSpec,
    PackagedSource,
    PromptTemplate,
    Row,
    Sample,
    Sampling,
    Score,
    ScorerSpec,
    mean_value,
)

_DECORATION = r"[\s*_`\"'(:=>#-]{0,20}+"
_READINGS = (
    # What follows the word "answer", for the last time.
    re.compile(rf"answer(?:\s++is\b)?{_DECORATION}(yes|no)\b"),
    # The first word; "no" only where it stands alone, as in "No obvious box is there" it is none.
    re.compile(rf"\A{_DECORATION}(yes\b|no\b(?!\s*+\w))"),
    # The last word.
    re.compile(r"\b(yes|no)[\s*_`\"').!]{0,20}+\Z"),
)
"""Tried in order. Every repetition is bounded or possessive, so that time is linear in the text."""


def to_sample(row: Row) -> Sample:
    """Adapt a row; a ValueError names the row to the user."""
    is_promoter = row.data["is_promoter"]
    if not isinstance(is_promoter, bool):
        raise ValueError(f"column 'is_promoter' holds {is_promoter!r}; true or false is needed")
    return Sample(
        id=row.text("id"),
        input=row.text("sequence"),
        target="yes" if is_promoter else "no",
        metadata={"kind": row.text("kind")},
    )


def read_answer(text: str) -> str | None:
    """Return `yes` or `no` as an output says it; None where it says neither."""
    lowered = text.lower().strip()
    for reading in _READINGS:
        if found := reading.findall(lowered):
            return str(found[-1])
    return None


def score(sample: Sample, completion: Completion) -> Score:
    """Judge an answer, and count it into the four cells that the pooled metrics are made of.

    An answer that cannot be read counts as the wrong one: who says nothing must not gain by it.
    """
    answer = read_answer(completion.text)
    is_right, is_promoter = answer == sample.target, sample.target == "yes"
    cell = ("tp" if is_right else "fn") if is_promoter else ("tn" if is_right else "fp")
    return Score(value=float(is_right), answer=answer, counts={cell: 1.0})


def correlation(sums: Mapping[str, float]) -> float | None:
    """Return Matthews' correlation; 0 where all answers are the same, None without both classes.

    Source: Matthews 1975, Biochimica et Biophysica Acta 405:442-451.
    """
    tp, tn, fp, fn = (sums.get(cell, 0.0) for cell in ("tp", "tn", "fp", "fn"))
    if not (tp + fn and tn + fp):
        return None
    said = (tp + fp) * (tn + fn)
    return (tp * tn - fp * fn) / math.sqrt(said * (tp + fn) * (tn + fp)) if said else 0.0


def sensitivity(sums: Mapping[str, float]) -> float | None:
    """Return the share of promoters that were found."""
    return _share(sums.get("tp", 0.0), sums.get("fn", 0.0))


def specificity(sums: Mapping[str, float]) -> float | None:
    """Return the share of other sequences that were told to be none."""
    return _share(sums.get("tn", 0.0), sums.get("fp", 0.0))


def promoters(sums: Mapping[str, float]) -> float:
    """Return how many sequences are promoters: what sensitivity is a share of."""
    return sums.get("tp", 0.0) + sums.get("fn", 0.0)


def others(sums: Mapping[str, float]) -> float:
    """Return how many are none: what specificity is a share of."""
    return sums.get("tn", 0.0) + sums.get("fp", 0.0)


def _share(right: float, wrong: float) -> float | None:
    return right / (right + wrong) if right + wrong else None


def gold(sample: Sample) -> str:
    """Return the right answer as a model writes it."""
    return f"The answer is {sample.target}."


def wrong(sample: Sample) -> str:
    """Return the other answer likewise."""
    return f"The answer is {'no' if sample.target == 'yes' else 'yes'}."


scorer = ScorerSpec(
    name="promoter_answer",
    version="1",
    score=score,
    metrics=(
        MetricSpec(
            name="promoter_accuracy",
            title="share of right answers",
            reduce=mean_value,
            proportion=True,
            repeats=True,
        ),
        MetricSpec(
            name="promoter_mcc",
            title="Matthews' correlation of answers and truth: 0 is guessing, 1 is right",
            pooled=correlation,
            lower=-1.0,
        ),
        MetricSpec(
            name="promoter_sensitivity",
            title="share of promoters that were found",
            pooled=sensitivity,
            support=promoters,
            proportion=True,
        ),
        MetricSpec(
            name="promoter_specificity",
            title="share of other sequences that were told to be none",
            pooled=specificity,
            support=others,
            proportion=True,
        ),
    ),
)

dataset = DatasetSpec(
    name="promoters",
    title="Promoters: 120 made-up stretches of DNA, half of them with both boxes in place",
    version="1",
    licence="CC0-1.0",
    citation=(
        "Synthetic, made for evalctl-genomics by its authors; frequencies of bases and spacing "
        "follow Harley and Reynolds 1987, Analysis of E. coli promoter sequences, Nucleic Acids "
        "Research 15(5):2343-2361"
    ),
    sources=(PackagedSource(package="evalctl_genomics", path="data/promoters.jsonl"),),
    columns=frozenset({"id", "sequence", "is_promoter", "kind"}),
    to_sample=to_sample,
    prompt=PromptTemplate(
        question="DNA: {input}\nDoes it hold a sigma-70 promoter, yes or no? Answer:",
        answer=" {target}",
        instruction=(
            "Here is a stretch of DNA, 80 bases of one strand from 5' to 3':\n\n{input}\n\nDoes it "
            "hold a promoter that sigma-70 of Escherichia coli would recognise: a -35 box and, at "
            "the usual distance behind it, a -10 box? Both may differ from their consensus. Answer "
            "yes or no."
        ),
        reply="{target}",
        stop=("\n",),
    ),
    sampling=Sampling(max_tokens=512),
    scorers=(scorer,),
    headline="promoter_accuracy",
    examples=(
        Example(
            sample=Sample(
                id="example",
                input="GCGAGCCGGTTGACAGCGAGCCTGCGTCAGGCTATAATGCGCCAGG",
                target="yes",
            ),
            good="Yes: TTGACA and TATAAT are 17 bases apart.",
            bad="No, there is no -10 box.",
        ),
    ),
    gold=gold,
    perturb=wrong,
    role="primary",
)
