from __future__ import annotations

import math
import sys
from collections.abc import Iterator

import pytest

from evalctl.executors.workers import WorkerPool
from evalctl.metrics import mean_value
from evalctl.plan import Asked, LoadedDataset, PlannedDataset
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


def past_validation(**fields: object) -> Score:
    return Score.model_construct(None, **fields)  # type: ignore[arg-type]  # that is the point


def impossible(sample: Sample, completion: Completion) -> Score:
    """What the completion names, made past every validation."""
    made: dict[str, object] = {
        "nan": Score(value=math.nan),
        "inf": Score(value=math.inf),
        "high": Score(value=2.0),
        "low": Score(value=-0.5),
        "none": None,
        "text": "yes",
        "odd value": past_validation(value="1"),
        "odd answer": past_validation(value=1.0, answer=5),
        "not yet": past_validation(),
    }
    if completion.text == "exit":
        sys.exit(3)
    if completion.text == "unsayable":
        raise Unsayable
    return made[completion.text]  # type: ignore[return-value]  # that is the point


class Unsayable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def unencodable(sample: Sample, completion: Completion) -> Score:
    return Score(value=1.0, answer="\ud800 é", explanation="\ud83d\ude00\udc00")


def chatty(sample: Sample, completion: Completion) -> Score:
    print("not a result")
    return right(sample, completion)


def nan_for_five(scores: tuple[Score, ...]) -> float | None:
    return math.nan if any(score.answer == "5" for score in scores) else mean_value(scores)


def failing(scores: tuple[Score, ...]) -> float | None:
    raise ValueError("no such mean")


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
    values = {"name": "s", "version": "1", "metrics": (metric,), "timeout_seconds": 20.0}
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
    asked = Asked(dataset, 0, SAMPLE, dataset.prompt(SAMPLE, 0))
    results = [*pool.score(asked, generation), *pool.finish()]
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
    result = run(
        pool, scorer(score=endless, is_isolated=True, timeout_seconds=3.0), "4", "hang", "5"
    )
    assert [score.value for score in result.scores["s"]] == [1.0, None, 0.0]
    assert result.scores["s"][1].failed


def test_a_scorer_that_returns_no_score_is_a_failure(pool: ScoringPool) -> None:
    result = run(pool, scorer(score=wrong_type, is_isolated=True), "4")
    assert "not a Score" in result.scores["s"][0].explanation


@pytest.mark.parametrize("is_isolated", [False, True])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nan", "the value nan is not finite"),
        ("inf", "the value inf is not finite"),
        ("high", "the value 2 is not in the range from 0 to 1"),
        ("low", "the value -0.5 is not in the range"),
        ("none", "the scorer returned NoneType, not a Score"),
        ("text", "the scorer returned str, not a Score"),
        ("odd value", "the value is of the type str, no number"),
        ("odd answer", "AttributeError"),
        ("not yet", "AttributeError"),
        ("exit", "SystemExit: 3"),
        ("unsayable", "Unsayable: (its message cannot be made)"),
    ],
)
def test_an_impossible_score_is_a_failure_of_that_completion_alone(
    pool: ScoringPool, text: str, reason: str, is_isolated: bool
) -> None:
    spec = scorer(score=impossible, shortcut=sure, is_isolated=is_isolated)
    result = run(pool, spec, text, "4")
    bad, good = result.scores["s"]
    assert (bad.value, bad.failed, good.value) == (None, True, 1.0)
    assert reason in bad.explanation
    assert result.metrics == {"accuracy": 1.0}
    assert SampleResult.model_validate_json(result.model_dump_json()) == result


def test_a_value_within_the_widest_range_of_the_metrics_is_taken(pool: ScoringPool) -> None:
    wide = MetricSpec(name="wide", title="", reduce=mean_value, upper=3.0)
    accuracy = MetricSpec(name="accuracy", title="", reduce=mean_value)
    result = run(pool, scorer(score=impossible, metrics=(accuracy, wide)), "high")
    assert result.metrics == {"accuracy": None, "wide": 2.0}
    reason = result.scores["s"][0].explanation
    assert "metric accuracy: the value 2 is not in the range from 0 to 1" in reason


@pytest.mark.parametrize("is_isolated", [False, True])
def test_lone_surrogates_are_replaced(pool: ScoringPool, is_isolated: bool) -> None:
    result = run(pool, scorer(score=unencodable, is_isolated=is_isolated), "4")
    score = result.scores["s"][0]
    assert (score.value, score.answer, score.explanation) == (1.0, "\ufffd é", "😀\ufffd")


@pytest.mark.parametrize(
    ("reduce", "reason"), [(nan_for_five, "nan"), (failing, "ValueError: no such mean")]
)
def test_a_metric_that_fails_makes_its_scorers_scores_failures(
    pool: ScoringPool, reduce: object, reason: str
) -> None:
    metrics = (
        MetricSpec(name="accuracy", title="", reduce=mean_value),
        MetricSpec.model_validate({"name": "bad", "title": "", "reduce": reduce}),
    )
    result = run(pool, scorer(score=right, metrics=metrics), "4", "5")
    assert result.metrics == {"accuracy": 0.5, "bad": None}
    assert [score.failed for score in result.scores["s"]] == [True, True]
    assert [score.answer for score in result.scores["s"]] == ["4", "5"]
    assert reason in result.scores["s"][0].explanation
    assert "(the scorer gave 1.0)" in result.scores["s"][0].explanation


def test_what_a_scorer_prints_is_no_result(
    pool: ScoringPool, capsys: pytest.CaptureFixture[str]
) -> None:
    run(pool, scorer(score=chatty), "4")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "not a result\n")


def test_a_sample_without_completions_has_no_value(pool: ScoringPool) -> None:
    assert run(pool, scorer(score=right)).metrics == {"accuracy": None}
