"""A plugin with conversations of two turns, judged by rating and in pairs; installed as `talks`."""

from __future__ import annotations

from collections.abc import Iterable

from evalctl import CategorySpec, DatasetSpec, Example, InlineSource, Row, Sample, hookimpl
from evalctl_general.coherence import COHERENCE
from evalctl_general.judged import LLM_JUDGE_PAIRS, LLM_JUDGE_SCORE

CATEGORIES = ("writing", "math")


def to_sample(row: Row) -> Sample:
    number = int(row.text("number"))
    return Sample(
        id=f"t{number}",
        input=f"What is {number} + {number}?",
        later_turns=("And twice that?",),
        metadata={
            "category": CATEGORIES[number % 2],
            "references": [str(2 * number), str(4 * number)],
        },
    )


TALKS = DatasetSpec(
    name="talks",
    title="talks",
    version="1",
    licence="CC0-1.0",
    citation="made for tests",
    sources=(InlineSource(rows=tuple({"number": str(n)} for n in range(6))),),
    columns=frozenset({"number"}),
    to_sample=to_sample,
    scorers=(LLM_JUDGE_SCORE, LLM_JUDGE_PAIRS),
    headline="llm_judge_score",
    role="primary",
    groups=("category",),
    examples=(
        Example(
            sample=Sample(id="t1", input="What is 1 + 1?", later_turns=("And twice that?",)),
            good="4",
            bad="no idea",
            earlier=("2",),
        ),
    ),
)


MANY = TALKS.model_copy(
    update={
        "name": "many_talks",
        "role": "variant",
        "sources": (InlineSource(rows=tuple({"number": str(n)} for n in range(100))),),
    }
)
"""The same with more rows."""
UNJUDGED = TALKS.model_copy(
    update={
        "name": "unjudged_talks",
        "role": "variant",
        "scorers": (COHERENCE,),
        "headline": "coherence",
        "examples": (),
    }
)
"""The same with nothing for a judge."""


@hookimpl
def evalctl_categories() -> Iterable[CategorySpec]:
    return (CategorySpec(name="talking", title="talking", datasets=(TALKS, MANY, UNJUDGED)),)
