"""Of a metric that is best at some value, a comparison says which run is higher, not better."""

from __future__ import annotations

import pytest

from evalctl.comparing.facts import DatasetFacts
from evalctl.comparing.outcome import dataset_record
from evalctl.comparing.pairing import Subject, pair_metric
from evalctl.comparing.values import SampleValues


def facts(**metric: float) -> DatasetFacts:
    return DatasetFacts(
        dataset="pairs",
        category="c",
        role="secondary",
        headline="share",
        content_hash="",
        scorers={"s": {"metrics": {"share": metric}}},
    )


def test_a_manifest_says_whether_a_metric_has_an_ideal() -> None:
    assert facts(ideal=0.0).has_ideal("share")
    assert not facts().has_ideal("share")
    assert not facts(ideal=0.5).has_ideal("other")


@pytest.mark.parametrize(
    ("is_score", "words"), [(True, "A is better than B"), (False, "A is higher")]
)
def test_more_of_it_is_no_better(is_score: bool, words: str) -> None:
    a, b = ({str(n): SampleValues((value,), None, b"") for n in range(40)} for value in (1.0, 0.0))
    subject = Subject("c", "pairs", "share", 0, is_headline=True, is_score=is_score)
    pair = pair_metric(subject, a, b, confidence=0.95)
    assert pair is not None

    told = dataset_record(pair, ("A", "B"), 0.0, 1).words

    assert told.startswith(words)
