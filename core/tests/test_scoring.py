from __future__ import annotations

from collections.abc import Iterator

import pytest

from evalctl.executors.workers import WorkerPool
from evalctl.metrics import mean_value
from evalctl.plan import LoadedDataset, PlannedDataset
from evalctl.prompts import Asking
from evalctl.records import Completion, Generation, Sample, Sampling, Score
from evalctl.results import SampleResult
from evalctl.scoring import ScoringPool
from evalctl.sources import InlineSource, Located, Row
from evalctl.specs import DatasetSpec, Example, MetricSpec, ScorerSpec

SAMPLE = Sample(id="s", input="?", target="4")


def right(sample: Sample, completion: Completion) -> Score:
    return Score(value=float(completion.text == sample.target), answer=completion.text)


def broken(sample: Sample, completion: Completion) -> Score:
    raise RuntimeError("the scorer has a bug")


def endless(sample: Sample, completion: Completion) -> Score:
    while completion.text == "hang":
        pass
    return right(sample, completion)


def sure(sample: Sample, completion: Completion) -> Score | None:
    return right(sample, completion) if completion.text == "4" else None


def wrong_type(sample: Sample, completion: Completion) -> Score:
    return 1.0  # type: ignore[return-value]  # the mistake is the point of the test


def to_sample(row: Row) -> Sample:
    return SAMPLE


def planned(scorer: ScorerSpec) -> PlannedDataset:
    spec = DatasetSpec(
        name="d",
        title="",
        version="1",
        licence="",
        citation="",
        sources=(InlineSource(rows=({},)),),
        columns=frozenset(),
        to_sample=to_sample,
        scorers=(scorer,),
        headline="accuracy",
        examples=(Example(sample=SAMPLE, good="4", bad="5"),),
    )
    loaded = LoadedDataset(spec, "c", Located(spec.sources), "", 1, None)  # type: ignore[arg-type]
    metrics = {scorer.name: scorer.metrics}
    return PlannedDataset(loaded, Asking(), (), Sampling(), 1, metrics)


def scorer(**fields: object) -> ScorerSpec:
    metric = MetricSpec(name="accuracy", title="", reduce=mean_value, proportion=True)
    values = {"name": "s", "version": "1", "metrics": (metric,), "timeout_seconds": 1.0}
    return ScorerSpec.model_validate(values | fields)


@pytest.fixture
def pool() -> Iterator[ScoringPool]:
    scoring = ScoringPool(WorkerPool(1))
    yield scoring
    scoring.close()


def run(pool: ScoringPool, spec: ScorerSpec, *texts: str) -> SampleResult:
    dataset = planned(spec)
    completions = tuple(Completion(text=text) for text in texts)
    generation = Generation(dataset="d", sample_id="s", completions=completions)
    results = [*pool.score(dataset, SAMPLE, dataset.prompt(SAMPLE, 0), generation), *pool.finish()]
    assert len(results) == 1
    return results[0]


def test_each_completion_is_scored_in_order(pool: ScoringPool) -> None:
    result = run(pool, scorer(score=right), "4", "5", "4")
    assert [score.value for score in result.scores["s"]] == [1.0, 0.0, 1.0]
    assert result.metrics == {"accuracy": pytest.approx(2 / 3)}


def test_an_isolated_scorer_gives_the_same_as_one_in_process(pool: ScoringPool) -> None:
    here = run(pool, scorer(score=right), "4", "5")
    there = run(pool, scorer(score=right, is_isolated=True), "4", "5")
    assert here == there


def test_a_shortcut_spares_the_worker(pool: ScoringPool) -> None:
    result = run(pool, scorer(score=endless, shortcut=sure, is_isolated=True), "4")
    assert result.scores["s"][0].value == 1.0
    assert pool.workers.n_open == 0


@pytest.mark.parametrize("is_isolated", [False, True])
def test_a_scorer_that_raises_is_not_scored_and_never_a_zero(
    pool: ScoringPool, is_isolated: bool
) -> None:
    result = run(pool, scorer(score=broken, is_isolated=is_isolated), "4")
    score = result.scores["s"][0]
    assert score.value is None
    assert score.failed
    assert "the scorer has a bug" in score.explanation
    assert result.metrics == {"accuracy": None}


def test_a_scorer_that_hangs_is_not_scored_and_its_neighbours_are(pool: ScoringPool) -> None:
    result = run(pool, scorer(score=endless, is_isolated=True), "4", "hang", "5")
    assert [score.value for score in result.scores["s"]] == [1.0, None, 0.0]
    assert result.scores["s"][1].failed


def test_a_scorer_that_returns_no_score_is_a_failure(pool: ScoringPool) -> None:
    result = run(pool, scorer(score=wrong_type, is_isolated=True), "4")
    assert "not a Score" in result.scores["s"][0].explanation


def test_a_sample_without_completions_has_no_value(pool: ScoringPool) -> None:
    assert run(pool, scorer(score=right)).metrics == {"accuracy": None}
