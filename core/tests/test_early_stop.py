"""Which datasets may stop early."""

from __future__ import annotations

import math

import pytest

from evalctl.metrics import mean_value
from evalctl.plan.stopping import why_not_early
from evalctl.records import Completion, Message, Sample, Score
from evalctl.sources import InlineSource, Row
from evalctl.specs import DatasetSpec, Example, JudgeSpec, MetricSpec, ScorerSpec

MEAN = MetricSpec(name="right", title="right", reduce=mean_value)


def score(sample: Sample, completion: Completion) -> Score:
    return Score(value=1.0)


def ask(sample: Sample, completion: Completion) -> tuple[Message, ...]:
    return ()


def read(verdict: str) -> Score:
    return Score(value=1.0)


def to_sample(row: Row) -> Sample:
    return Sample(id="0", input="?")


def scorer(metric: MetricSpec, **fields: object) -> ScorerSpec:
    given = {"name": "s", "version": "1", "metrics": (metric,), "score": score, **fields}
    return ScorerSpec.model_validate(given)


def dataset(judgement: ScorerSpec) -> DatasetSpec:
    sample = Sample(id="0", input="?")
    return DatasetSpec(
        name="d",
        title="d",
        version="1",
        licence="CC0-1.0",
        citation="c",
        sources=(InlineSource(rows=({"q": "?"},)),),
        columns=frozenset({"q"}),
        to_sample=to_sample,
        scorers=(judgement,),
        headline="right",
        examples=(Example(sample=sample, good="a", bad="b"),),
    )


JUDGE = JudgeSpec(prompt=ask, parse=read, version="1")


@pytest.mark.parametrize(
    ("judgement", "reason"),
    [
        (scorer(MEAN), ""),
        (scorer(MEAN.model_copy(update={"lower": -5.0, "upper": 9.0})), ""),
        (scorer(MEAN.model_copy(update={"upper": math.inf})), "no bounds"),
        (scorer(MetricSpec(name="right", title="r", pooled=lambda sums: 1.0)), "no mean"),
        (scorer(MEAN, score=None, judge=JUDGE), "a judge"),
    ],
)
def test_a_headline_must_be_a_bounded_mean_that_is_there_at_once(
    judgement: ScorerSpec, reason: str
) -> None:
    why = why_not_early(dataset(judgement))
    assert reason in why
    assert bool(why) == bool(reason)
