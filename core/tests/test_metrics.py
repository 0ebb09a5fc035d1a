"""One sample's scores to its value, against hand-worked tables."""

from __future__ import annotations

import itertools
import math
import pickle

import pytest

from evalctl.errors import ConfigError, ScoringError
from evalctl.metrics import expand, first_value, mean_value, pass_at_k, within
from evalctl.records import Score
from evalctl.specs import MetricSpec, ScorerSpec, function_name

ACCURACY = MetricSpec(
    name="accuracy", title="Accuracy", reduce=mean_value, proportion=True, repeats=True
)
LENGTH = MetricSpec(name="length", title="Length", reduce=mean_value, upper=100.0)


def score(value: float | None, answer: str | None) -> Score:
    return Score(value=value, answer=answer)


def values(metrics: tuple[MetricSpec, ...], *scores: Score) -> dict[str, float | None]:
    return {metric.name: metric.reduce(scores) for metric in metrics}


RIGHT, WRONG, OTHER = score(1.0, "42"), score(0.0, "41"), score(0.0, "7")
SPELT = score(1.0, "84/2")
UNPARSED, FAILED = score(0.0, None), Score(value=None, failed=True)


def test_mean_value_leaves_out_what_was_not_scored() -> None:
    assert mean_value((RIGHT, WRONG, FAILED)) == 0.5
    assert mean_value((FAILED,)) is None
    assert mean_value(()) is None


def test_first_value_is_the_first_completion_alone() -> None:
    assert first_value((RIGHT, WRONG)) == 1.0
    assert first_value((FAILED, RIGHT)) is None
    assert first_value(()) is None


def test_one_completion_leaves_a_metric_as_declared() -> None:
    assert expand(ACCURACY, 1) == (ACCURACY,)


def test_metric_without_repeats_is_never_expanded() -> None:
    assert expand(LENGTH, 4, (1, 2)) == (LENGTH,)


def test_a_mean_of_several_completions_is_no_proportion() -> None:
    metric = ACCURACY.model_copy(update={"repeats": False})
    assert [made.proportion for made in expand(metric, 4)] == [False]
    assert expand(metric, 1) == (metric,)


def test_expanded_names_are_in_a_fixed_order() -> None:
    names = [metric.name for metric in expand(ACCURACY, 4, (1, 2))]
    assert names == [
        "accuracy",
        "accuracy_avg@4",
        "accuracy_pass@1",
        "accuracy_pass@2",
        "accuracy_maj@4",
    ]


def test_pass_at_the_number_of_completions_is_the_default() -> None:
    assert [metric.name for metric in expand(ACCURACY, 3)][2] == "accuracy_pass@3"


def test_pass_at_one_of_one_completion_is_made_where_asked_for() -> None:
    assert values(expand(ACCURACY, 1, (1,)), RIGHT) == {"accuracy": 1.0, "accuracy_pass@1": 1.0}


def test_scorer_expands_each_of_its_metrics() -> None:
    scorer = ScorerSpec(
        name="scorer",
        version="1",
        metrics=(ACCURACY, LENGTH),
        score=lambda sample, completion: WRONG,
    )
    assert [metric.name for metric in expand(scorer, 2)][-1] == "length"
    assert len(expand(scorer, 2)) == 5


# Worked by hand; the columns are avg@K, pass@1, pass@2, maj@K.
TABLE = [
    ("all right", (RIGHT, RIGHT, RIGHT, RIGHT), 1.0, 1.0, 1.0, 1.0),
    ("one of four", (RIGHT, WRONG, WRONG, OTHER), 0.25, 0.25, 0.5, 0.0),
    ("tie of two answers", (RIGHT, RIGHT, WRONG, WRONG), 0.5, 0.5, 5 / 6, 0.5),
    ("tie of three answers", (RIGHT, WRONG, OTHER, UNPARSED), 0.25, 0.25, 0.5, 1 / 3),
    ("unparsed never vote", (UNPARSED, UNPARSED, UNPARSED, RIGHT), 0.25, 0.25, 0.5, 1.0),
    ("all unparsed", (UNPARSED,) * 4, 0.0, 0.0, 0.0, 0.0),
    ("failed leave the count", (FAILED, FAILED, RIGHT, WRONG), 0.5, 0.5, 1.0, 0.5),
    ("right in two spellings", (RIGHT, SPELT, WRONG, OTHER), 0.5, 0.5, 5 / 6, 1.0),
    ("as many wrong as right", (RIGHT, SPELT, WRONG, WRONG), 0.5, 0.5, 5 / 6, 0.5),
    ("too few for pass@2", (FAILED, FAILED, FAILED, RIGHT), 1.0, 1.0, None, 1.0),
    ("unparsed and failed", (FAILED, FAILED, UNPARSED, UNPARSED), 0.0, 0.0, 0.0, 0.0),
    ("all failed", (FAILED,) * 4, None, None, None, None),
]


@pytest.mark.parametrize(
    ("scores", "average", "pass_1", "pass_2", "majority"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_hand_worked_table(
    scores: tuple[Score, ...],
    average: float | None,
    pass_1: float | None,
    pass_2: float | None,
    majority: float | None,
) -> None:
    assert values(expand(ACCURACY, 4, (1, 2)), *scores) == {
        "accuracy": average,
        "accuracy_avg@4": average,
        "accuracy_pass@1": pytest.approx(pass_1),
        "accuracy_pass@2": pytest.approx(pass_2),
        "accuracy_maj@4": pytest.approx(majority),
    }


def test_a_spelling_with_full_marks_once_is_the_right_answer_always() -> None:
    scores = (RIGHT, score(0.5, "42"), SPELT, WRONG, WRONG)
    metric = ACCURACY.model_copy(update={"proportion": False})
    majority = values(expand(metric, 5), *scores)["accuracy_maj@5"]
    assert majority == pytest.approx(2.5 / 3)


@pytest.mark.parametrize("made", [math.nan, math.inf, 2.0, -0.1, "a", 1j, [1.0]])
def test_what_is_no_value_of_the_range_is_refused_by_every_metric_made_of_it(made: object) -> None:
    metric = ACCURACY.model_copy(update={"reduce": lambda scores: made})
    for expanded in expand(metric, 2):
        with pytest.raises(ScoringError):
            expanded.reduce((RIGHT, RIGHT))


def test_rounding_beyond_a_bound_is_the_bound() -> None:
    assert within(1.0000000000000002, 0.0, 1.0) == 1.0
    assert within(True, 0.0, 1.0) == 1.0
    assert within(5, -math.inf, math.inf) == 5.0


def test_partial_credit_does_not_pass() -> None:
    half = score(0.5, "4")
    metric = ACCURACY.model_copy(update={"proportion": False})
    assert values(expand(metric, 2), half, half)["accuracy_pass@2"] == 0.0


def test_majority_without_a_vote_is_the_least_value_of_the_range() -> None:
    metric = LENGTH.model_copy(update={"repeats": True, "lower": 1.0})
    assert values(expand(metric, 2), score(5.0, None), score(7.0, None))["length_maj@2"] == 1.0


def test_only_pass_at_all_completions_stays_a_proportion() -> None:
    proportions = {metric.name: metric.proportion for metric in expand(ACCURACY, 4, (1, 4))}
    assert [name for name, is_one in proportions.items() if is_one] == ["accuracy_pass@4"]


def test_pass_is_on_a_scale_of_one_whatever_the_metric_is_on() -> None:
    metric = LENGTH.model_copy(update={"repeats": True})
    by_name = {made.name: (made.lower, made.upper) for made in expand(metric, 2)}
    assert by_name["length_pass@2"] == (0.0, 1.0)
    assert by_name["length_avg@2"] == (0.0, 100.0)


@pytest.mark.parametrize(("repeats", "pass_k"), [(8, (64,)), (1, (5,)), (4, (0,)), (0, None)])
def test_pass_at_more_than_there_are_completions_is_refused_at_plan_time(
    repeats: int, pass_k: tuple[int, ...] | None
) -> None:
    with pytest.raises(ConfigError, match="completions per sample"):
        expand(ACCURACY, repeats, pass_k)


def test_expanded_metrics_have_names_of_functions_and_cross_process_borders() -> None:
    metrics = expand(ACCURACY, 2)
    assert [function_name(metric.reduce) for metric in metrics] == [
        "evalctl.metrics:average",
        "evalctl.metrics:average",
        "evalctl.metrics:pass_rate",
        "evalctl.metrics:majority",
    ]
    again = pickle.loads(pickle.dumps(metrics))
    assert values(again, RIGHT, WRONG) == values(metrics, RIGHT, WRONG)
    assert metrics[0].model_dump(mode="json")["reduce"] == "evalctl.metrics:average"


def test_pass_at_k_hand_worked() -> None:
    assert pass_at_k(5, 2, 2) == pytest.approx(1 - 3 / 10)
    assert pass_at_k(5, 2, 1) == pytest.approx(2 / 5)
    assert (pass_at_k(5, 0, 5), pass_at_k(5, 1, 5), pass_at_k(5, 5, 1)) == (0.0, 1.0, 1.0)


def published_pass_at_k(n: int, c: int, k: int) -> float:
    """The numerically stable product that the paper prints (figure 3)."""
    if n - c < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / i for i in range(n - c + 1, n + 1))


@pytest.mark.parametrize("n", [1, 2, 10, 200])
def test_pass_at_k_is_the_published_estimator(n: int) -> None:
    for c, k in itertools.product(range(0, n + 1, max(1, n // 7)), {1, min(10, n), n}):
        assert pass_at_k(n, c, k) == pytest.approx(published_pass_at_k(n, c, k), abs=1e-12)


@pytest.mark.parametrize(("n", "c", "k"), [(8, 1, 64), (8, 1, 0), (0, 0, 1)])
def test_k_above_the_number_of_completions_is_refused(n: int, c: int, k: int) -> None:
    with pytest.raises(ValueError, match="cannot be estimated"):
        pass_at_k(n, c, k)


def test_more_correct_than_completions_is_refused() -> None:
    with pytest.raises(ValueError, match="do not exist"):
        pass_at_k(3, 4, 1)
