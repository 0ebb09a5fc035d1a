"""Means and their uncertainty, against hand-worked values and scipy."""

from __future__ import annotations

import itertools
import math
import random
import sys

import pytest
from scipy import stats as reference

from evalctl.metrics import expand, mean_value
from evalctl.records import Score
from evalctl.specs import MetricSpec
from evalctl.stats import (
    Estimate,
    Moments,
    combine,
    estimate,
    student_t_quantile,
    wilson_interval,
)


def accumulate(values: list[float], clusters: list[str | None] | None = None) -> Moments:
    moments = Moments()
    for value, cluster in zip(values, clusters or [None] * len(values), strict=True):
        moments.add(value, cluster)
    return moments


def test_hand_worked_mean_and_stderr() -> None:
    moments = accumulate([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])
    assert (moments.count, moments.mean, moments.m2) == (8, 5.0, 32.0)
    assert moments.stderr == pytest.approx(math.sqrt(32 / 7 / 8))


def test_mean_and_stderr_agree_with_scipy() -> None:
    values = [random.Random(1).gauss(3.0, 2.0) for _ in range(500)]
    moments = accumulate(values)
    assert moments.mean == pytest.approx(reference.tmean(values), rel=1e-14)
    assert moments.stderr == pytest.approx(reference.sem(values), rel=1e-12)


def test_small_spread_on_a_large_offset_keeps_its_digits() -> None:
    moments = accumulate([1e9 + 1, 1e9 + 2, 1e9 + 3])
    assert moments.m2 == 2.0


def test_order_and_grouping_do_not_change_a_digit() -> None:
    source = random.Random(7)
    values = [source.random() for _ in range(2000)]
    clusters: list[str | None] = [source.choice([None, "a", "b", "c"]) for _ in values]
    whole = accumulate(values, clusters)
    order = source.sample(range(2000), 2000)
    first = accumulate([values[i] for i in order[:700]], [clusters[i] for i in order[:700]])
    rest = accumulate([values[i] for i in order[700:]], [clusters[i] for i in order[700:]])
    merged = first.merge(rest)
    assert (merged.mean, merged.m2, merged.stderr) == (whole.mean, whole.m2, whole.stderr)


def test_ten_tenths_have_a_mean_of_exactly_one_tenth() -> None:
    assert accumulate([0.1] * 10).mean == 0.1


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_value_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        Moments().add(value)


def test_memory_is_constant_without_clusters() -> None:
    moments = Moments()
    for index in range(100_000):
        moments.add((index % 1000) / 999)
    assert sys.getsizeof(moments.total.numerator) + sys.getsizeof(moments.squares.numerator) < 200
    assert not moments.clusters


def test_nothing_scored_has_no_estimate() -> None:
    assert estimate(Moments(), proportion=True) == Estimate(None, None, None, "")


def test_one_sample_has_no_stderr_but_a_wide_interval() -> None:
    result = estimate(accumulate([1.0]), proportion=True)
    assert (result.value, result.stderr, result.method) == (1.0, None, "wilson")
    assert result.interval == pytest.approx((0.2065, 1.0), abs=1e-4)


@pytest.mark.parametrize(
    ("correct", "count"), [(0, 1), (1, 1), (0, 10), (10, 10), (3, 10), (997, 1319), (50, 100)]
)
def test_wilson_interval_agrees_with_scipy(correct: int, count: int) -> None:
    expected = reference.binomtest(correct, count).proportion_ci(method="wilson")
    low, high = wilson_interval(correct / count, count)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert high - low > 0


@pytest.mark.parametrize(("share", "count"), [(0.5, 0), (-0.1, 5), (1.1, 5)])
def test_wilson_interval_of_an_impossible_proportion_is_refused(share: float, count: int) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        wilson_interval(share, count)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 6, 10, 29, 30, 100, 10_000])
def test_student_quantile_agrees_with_scipy(degrees: int) -> None:
    assert student_t_quantile(degrees) == pytest.approx(reference.t.ppf(0.975, degrees), rel=1e-4)


def test_student_quantile_without_a_degree_of_freedom_is_refused() -> None:
    with pytest.raises(ValueError, match="degree of freedom"):
        student_t_quantile(0)


def test_interval_of_a_mean_without_bounds_is_students() -> None:
    values = [0.2, 0.4, 0.5, 0.6, 0.3]
    result = estimate(accumulate(values), proportion=False, lower=-math.inf, upper=math.inf)
    expected = reference.t.interval(0.95, 4, reference.tmean(values), reference.sem(values))
    assert result.interval == pytest.approx(expected, rel=1e-4)
    assert result.method == "student_t"


def test_interval_of_a_bounded_mean_is_wilsons_of_as_many_tosses_as_it_is_worth() -> None:
    """Worked by hand: mean 0.25, standard error 0.05, so 75 tosses; t of 3 degrees is 3.1824."""
    result = estimate(accumulate([0.15, 0.2, 0.25, 0.4]), proportion=False)
    stderr = math.sqrt(0.035 / 12)
    tosses, t = 0.25 * 0.75 / stderr**2, 3.18244630528
    # The ends are where the distance from the mean is t times the spread of a coin of that share.
    assert result.interval is not None
    for end in result.interval:
        assert abs(end - 0.25) == pytest.approx(t * math.sqrt(end * (1 - end) / tosses), rel=1e-6)
    assert result.method == "wilson_t"
    assert 0.25 - result.interval[0] < result.interval[1] - 0.25


def test_interval_of_a_mean_of_another_range_is_the_same_in_its_units() -> None:
    values = [0.0, 1.0, 0.9, 0.2]
    low, high = estimate(accumulate(values), proportion=False).interval or (0.0, 0.0)
    wide = estimate(accumulate([10 * v - 5 for v in values]), proportion=False, lower=-5, upper=5)
    assert wide.interval == pytest.approx((10 * low - 5, 10 * high - 5))
    assert 0.0 < low < high < 1.0


@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("clusters", [None, ["a", "a", "b", "b"], ["a"] * 4])
def test_equal_values_never_have_an_interval_of_zero_width(
    value: float, clusters: list[str | None] | None
) -> None:
    result = estimate(accumulate([value] * 4, clusters), proportion=False)
    assert result.value == value
    assert result.interval is not None
    assert result.interval[0] <= value <= result.interval[1]
    assert result.interval[1] - result.interval[0] > 0.3


def test_equal_values_without_bounds_have_no_interval() -> None:
    result = estimate(accumulate([3.0, 3.0]), proportion=False, lower=0.0, upper=math.inf)
    assert result == Estimate(3.0, 0.0, None, "")


def test_range_other_than_one_scales_the_interval() -> None:
    result = estimate(accumulate([10.0] * 10), proportion=False, lower=1.0, upper=10.0)
    assert result.interval == pytest.approx((1 + 9 * wilson_interval(1.0, 10)[0], 10.0))


def test_clusters_of_one_equal_the_plain_formula() -> None:
    values = [0.0, 1.0, 1.0, 0.25, 0.5]
    alone = estimate(accumulate(values), proportion=False)
    single = estimate(accumulate(values, ["a", "b", "c", "d", "e"]), proportion=False)
    assert single == alone


def miller(values: list[float], clusters: list[str]) -> float:
    """The formula as the paper prints it, with its double sum."""
    n, mean = len(values), sum(values) / len(values)
    plain = sum((value - mean) ** 2 for value in values) / (n - 1) / n
    cross = sum(
        (values[i] - mean) * (values[j] - mean)
        for i, j in itertools.permutations(range(n), 2)
        if clusters[i] == clusters[j]
    )
    return math.sqrt(plain + cross / n**2)


def test_clustered_stderr_is_the_published_double_sum() -> None:
    source = random.Random(3)
    clusters = [f"document {source.randrange(12)}" for _ in range(80)]
    values = [float(source.random() < 0.3 + 0.05 * int(name.split()[1])) for name in clusters]
    moments = accumulate(values, list(clusters))
    assert moments.stderr == pytest.approx(miller(values, clusters), rel=1e-12)
    result = estimate(moments, proportion=True)
    assert result.method == "clustered"
    assert result.interval is not None
    assert result.value is not None
    spread = miller(values, clusters) / math.sqrt(result.value * (1 - result.value))
    for end in result.interval:
        half = reference.t.ppf(0.975, moments.independent_count - 1) * spread
        half *= math.sqrt(end * (1 - end))
        assert abs(end - result.value) == pytest.approx(half, rel=1e-4)


def test_a_sample_that_is_answered_k_times_counts_once_with_its_mean() -> None:
    """Miller 2024 on resampling: the variance is (of the means + mean of each own / K) / n."""
    source, shares, k = random.Random(19), [0.1, 0.4, 0.5, 0.9, 1.0, 0.8, 0.3, 0.0] * 25, 4
    metric = MetricSpec(name="m", title="m", reduce=mean_value, proportion=True, repeats=True)
    (headline, *_) = expand(metric, k)
    assert headline.reduce is not None
    means = []
    for share in shares:
        scores = tuple(Score(value=float(source.random() < share)) for _ in range(k))
        means.append(headline.reduce(scores) or 0.0)
    result = estimate(accumulate(means), proportion=headline.proportion)
    between = sum((share - 0.5) ** 2 for share in shares) / len(shares)
    within = sum(share * (1 - share) for share in shares) / len(shares)
    assert result.method == "wilson_t"
    assert result.stderr == pytest.approx(reference.sem(means), rel=1e-12)
    assert result.stderr == pytest.approx(math.sqrt((between + within / k) / len(shares)), rel=0.05)
    assert result.stderr > math.sqrt(0.25 / (k * len(shares)))  # what 800 coins would have


def test_samples_that_stand_alone_mix_with_clusters() -> None:
    values = [1.0, 1.0, 0.0, 0.5, 0.25]
    moments = accumulate(values, ["a", "a", None, None, None])
    assert moments.independent_count == 4
    assert moments.stderr == pytest.approx(miller(values, ["a", "a", "b", "c", "d"]), rel=1e-12)


def test_hand_worked_clusters_that_agree_within_double_the_variance() -> None:
    # Deviations are +-1/2; plain variance 1/12, four ordered pairs of 1/4 each add 1/16.
    moments = accumulate([1.0, 1.0, 0.0, 0.0], ["a", "a", "b", "b"])
    assert moments.stderr == pytest.approx(math.sqrt(1 / 12 + 1 / 16))


def test_a_single_cluster_has_no_stderr() -> None:
    result = estimate(accumulate([1.0, 0.0, 1.0], ["a", "a", "a"]), proportion=True)
    assert result.stderr is None
    assert result.interval == pytest.approx(wilson_interval(2 / 3, 1))


def test_combined_stderr_is_the_root_of_squares_over_the_number() -> None:
    parts = [
        Estimate(0.5, 0.03, (0.44, 0.56), "wilson"),
        Estimate(0.9, 0.04, (0.82, 0.94), "wilson"),
    ]
    whole = combine(parts)
    assert whole.value == pytest.approx(0.7)
    assert whole.stderr == pytest.approx(0.025)
    assert whole.interval == pytest.approx((0.7 - 0.05, 0.7 + math.hypot(0.06, 0.04) / 2))
    assert whole.method == "mover"


def test_combining_one_estimate_changes_nothing() -> None:
    part = Estimate(0.5, 0.03, (0.44, 0.56), "wilson")
    assert combine([part]) == part


def test_combining_with_a_part_that_has_no_value_has_none() -> None:
    missing = Estimate(None, None, None, "")
    assert combine([Estimate(0.5, 0.03, (0.44, 0.56), "wilson"), missing]) == missing
    assert combine([]) == missing


def test_combining_with_a_single_sample_has_a_value_without_stderr() -> None:
    whole = combine([Estimate(0.5, 0.03, (0.4, 0.6), "wilson"), Estimate(1.0, None, None, "")])
    assert whole == Estimate(0.75, None, None, "")
