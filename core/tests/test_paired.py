"""Differences of two sides on the same samples, by hand, against scipy, and in simulation."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from functools import cache

import pytest
from scipy import optimize
from scipy import stats as reference

from evalctl.stats import (
    Discordant,
    Pair,
    holm,
    mcnemar_p,
    minimum_detectable,
    paired_difference,
    paired_test,
    sign_flip_test,
    student_t_critical,
    tango_interval,
)

np = pytest.importorskip("numpy")


def binary(both: int, a_only: int, b_only: int, neither: int) -> list[Pair]:
    pairs = [(Pair(1, 1), both), (Pair(1, 0), a_only), (Pair(0, 1), b_only), (Pair(0, 0), neither)]
    return [pair for pair, count in pairs for _ in range(count)]


def shares(count: int, seed: int) -> list[Pair]:
    source = random.Random(seed)
    return [Pair(source.random(), source.random() * 0.9) for _ in range(count)]


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 5, 6, 29, 30, 199, 200, 201, 1000, 10**6])
@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
def test_students_critical_value_agrees_with_scipy(degrees: int, confidence: float) -> None:
    expected = reference.t.ppf((1 + confidence) / 2, degrees)
    assert student_t_critical(degrees, confidence) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("degrees", "confidence"), [(0, 0.95), (5, 0.0), (5, 1.0)])
def test_an_impossible_critical_value_is_refused(degrees: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="Student's t has no"):
        student_t_critical(degrees, confidence)


def test_difference_of_shares_is_students_paired_interval() -> None:
    pairs = shares(40, seed=3)
    found = paired_difference(pairs)
    expected = reference.ttest_rel([p.a for p in pairs], [p.b for p in pairs])
    assert found.value == pytest.approx(found.value_a - found.value_b)
    assert found.interval == pytest.approx(tuple(expected.confidence_interval(0.95)), rel=1e-9)
    assert (found.method, found.discordant, found.n_units) == ("student_t", None, 40)


def test_level_of_the_interval_can_be_chosen() -> None:
    pairs = shares(40, seed=3)
    expected = reference.ttest_rel([p.a for p in pairs], [p.b for p in pairs])
    found = paired_difference(pairs, confidence=0.9)
    assert found.interval == pytest.approx(tuple(expected.confidence_interval(0.9)), rel=1e-9)


def test_hand_worked_difference_of_right_and_wrong() -> None:
    found = paired_difference(binary(30, 12, 4, 54))
    assert (found.n_pairs, found.value_a, found.value_b) == (100, 0.42, 0.34)
    assert found.value == pytest.approx(0.08)
    assert found.discordant == Discordant(12, 4)
    assert found.stderr == pytest.approx(math.sqrt((16 - 100 * 0.08**2) / 99 / 100))
    assert found.method == "tango"


def test_clusters_of_equal_samples_count_once() -> None:
    alone = shares(25, seed=4)
    fourfold = [Pair(p.a, p.b, str(i)) for i, p in enumerate(alone) for _ in range(4)]
    found, expected = paired_difference(fourfold), paired_difference(alone)
    assert (found.n_units, found.method) == (25, "clustered")
    assert found.value == pytest.approx(expected.value)
    # The clustered formula lacks the factor n / (n - 1) of the plain one.
    assert found.stderr == pytest.approx((expected.stderr or 0) * math.sqrt(24 / 25), rel=2e-3)


@pytest.mark.parametrize(
    ("pairs", "method"),
    [
        (binary(10, 0, 0, 10), "tango"),
        (binary(0, 20, 0, 0), "tango"),
        ([Pair(0.25, 0.25)] * 20, "tango"),
        ([Pair(0.75, 0.5)] * 20, "wilson"),
        ([Pair(1.0, 0.0)], "tango"),
        ([Pair(0.6, 0.5)], "wilson"),
        ([Pair(0.3, 0.1), Pair(0.4, 0.2)] * 10, "wilson"),
    ],
)
def test_an_interval_never_has_zero_width(pairs: list[Pair], method: str) -> None:
    found = paired_difference(pairs)
    assert found.interval is not None
    low, high = found.interval
    assert -1.0 <= low <= found.value <= high <= 1.0
    assert high - low > 0.05
    assert found.method == method


def test_values_without_bounds_and_spread_have_no_interval() -> None:
    found = paired_difference([Pair(7.0, 5.0)] * 10)
    assert (found.value, found.interval, found.method) == (2.0, None, "")


def test_no_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pair"):
        paired_difference([])


@pytest.mark.parametrize("counts", [(12, 4, 100), (0, 1, 44), (25, 28, 618), (3, 0, 9), (1, 1, 2)])
def test_tangos_interval_holds_what_a_likelihood_score_test_keeps(
    counts: tuple[int, int, int],
) -> None:
    """The reference maximises the likelihood with scipy and searches where the test turns."""
    b, c, n = counts

    def statistic(difference: float) -> float:
        def loss(only_b: float) -> float:
            cells = (only_b + difference, only_b, 1 - 2 * only_b - difference)
            seen = (b, c, n - b - c)
            return -sum(k * math.log(max(p, 1e-300)) for p, k in zip(cells, seen, strict=True) if k)

        low, high = max(0.0, -difference), (1 - difference) / 2
        bounded = {"bounds": (low, high), "method": "bounded", "options": {"xatol": 1e-13}}
        only_b = optimize.minimize_scalar(loss, **bounded).x
        variance = (2 * only_b + difference - difference**2) / n
        return ((b - c) / n - difference) / math.sqrt(variance)

    z, edge = reference.norm.ppf(0.975), 1e-6
    centre = (b - c) / n
    low = optimize.brentq(lambda d: statistic(d) - z, -1 + edge, centre - edge)
    high = optimize.brentq(lambda d: statistic(d) + z, centre + edge, 1 - edge)
    assert tango_interval(Discordant(b, c), n) == pytest.approx((low, high), abs=2e-6)


def test_tangos_interval_without_discordant_pairs_has_a_closed_form() -> None:
    square = reference.norm.ppf(0.975) ** 2
    bound = square / (100 + square)
    assert tango_interval(Discordant(0, 0), 100) == pytest.approx((-bound, bound), abs=1e-12)


@pytest.mark.parametrize("counts", [(12, 4, 100), (0, 5, 25), (7, 0, 7), (1, 7, 50)])
def test_tangos_interval_turns_with_its_sides(counts: tuple[int, int, int]) -> None:
    b, c, n = counts
    low, high = tango_interval(Discordant(b, c), n)
    assert tango_interval(Discordant(c, b), n) == pytest.approx((-high, -low), abs=1e-12)


@pytest.mark.parametrize("counts", [(1, 0, 0), (-1, 0, 5), (4, 4, 7)])
def test_impossible_discordant_pairs_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="do not exist"):
        tango_interval(Discordant(counts[0], counts[1]), counts[2])


@pytest.mark.parametrize(
    ("a_only", "b_only", "expected"),
    [(0, 0, 1.0), (1, 0, 1.0), (5, 0, 2 / 32), (6, 0, 2 / 64), (1, 9, 22 / 1024), (5, 4, 1.0)],
)
def test_hand_worked_mcnemar(a_only: int, b_only: int, expected: float) -> None:
    assert mcnemar_p(Discordant(a_only, b_only)) == pytest.approx(expected, rel=1e-12)
    assert mcnemar_p(Discordant(b_only, a_only)) == mcnemar_p(Discordant(a_only, b_only))


def test_signs_flipped_by_hand() -> None:
    # |±1 ±2 ±4|: of 8 patterns, 2 reach 7; 4 reach 5.
    assert sign_flip_test([1.0, 2.0, 4.0]).p_value == 2 / 8
    assert sign_flip_test([-1.0, 2.0, 4.0]).p_value == 4 / 8
    assert sign_flip_test([0.0, 0.0]).p_value == 1.0


def test_enumerated_signs_agree_with_scipys_permutation_test() -> None:
    values = [pair.a - pair.b for pair in shares(12, seed=8)]
    expected = reference.permutation_test(
        (values,), np.sum, permutation_type="samples", n_resamples=np.inf, vectorized=False
    )
    found = sign_flip_test(values)
    assert (found.p_value, found.name) == (pytest.approx(expected.pvalue), "sign_flip_exact")


def test_a_lattice_of_many_values_is_exact() -> None:
    source = random.Random(5)
    values = [source.choice([-3, -2, -1, 0, 1, 2, 3, 4]) / 4 for _ in range(60)]
    ways = {0: 1}
    for value in values:
        steps = round(4 * abs(value))
        sums = [(s + sign * steps, n) for s, n in ways.items() for sign in (1, -1)]
        ways = {s: sum(n for t, n in sums if t == s) for s, _ in sums}
    seen = abs(round(4 * sum(values)))
    expected = sum(n for s, n in ways.items() if abs(s) >= seen) / 2 ** len(values)
    found = sign_flip_test(values)
    assert (found.p_value, found.name) == (pytest.approx(expected), "sign_flip_exact")


def test_single_answers_flipped_are_mcnemars_test() -> None:
    values = [1.0] * 40 + [-1.0] * 22
    assert sign_flip_test(values).p_value == pytest.approx(mcnemar_p(Discordant(40, 22)))


def test_two_datasets_of_equal_weight_are_exact_together() -> None:
    weighted = [1 / 1319] * 80 + [-1 / 1319] * 60 + [1 / 500] * 30 + [-1 / 500] * 25
    patterns = np.random.default_rng(1).binomial([140, 55], 0.5, (200_000, 2))
    sums = np.abs((2 * patterns - [140, 55]) @ [1 / 1319, 1 / 500])
    found = sign_flip_test(weighted)
    assert found.name == "sign_flip_exact"
    assert found.p_value == pytest.approx(np.mean(sums >= sum(weighted) - 1e-12), abs=0.005)


@pytest.mark.parametrize("count", [300, 2000])
def test_sampled_signs_are_near_students_test_and_repeatable(count: int) -> None:
    values = [random.Random(index).gauss(0.06, 1.0) for index in range(count)]
    found = sign_flip_test(values)
    assert found.name == "sign_flip_sampled"
    assert found.p_value == pytest.approx(reference.ttest_1samp(values, 0).pvalue, abs=0.02)
    assert sign_flip_test(values) == found


@pytest.mark.parametrize("steps", [10**6, 4])
@pytest.mark.parametrize("count", [15, 150])
def test_the_order_of_values_does_not_change_a_digit(steps: int, count: int) -> None:
    source = random.Random(9)
    values = [source.randint(-steps, steps) / steps / 7 for _ in range(count)]
    shuffled = source.sample(values, len(values))
    assert sign_flip_test(shuffled) == sign_flip_test(values)


def test_a_sampled_p_value_is_never_zero() -> None:
    values = [1 + random.Random(index).random() for index in range(200)]
    assert sign_flip_test(values).p_value == 1 / 10_000


def test_samples_of_a_cluster_flip_together() -> None:
    pairs = [Pair(1, 0, str(index // 10)) for index in range(60)]
    found = paired_test(pairs)
    assert (found.p_value, found.name) == (2 / 2**6, "sign_flip_exact")
    assert paired_test([Pair(p.a, p.b) for p in pairs]).name == "mcnemar"


def test_hand_worked_holm() -> None:
    assert holm([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_the_detectable_effect_is_seen_as_often_as_it_says() -> None:
    """A repetition with that true difference rejects in 80 % of cases, by its own test."""
    pairs = binary(150, 90, 60, 100)
    effect = paired_difference(pairs).detectable
    assert effect is not None
    discordant = 150 / 400
    chances = [(discordant + effect) / 2, (discordant - effect) / 2, 1 - discordant]
    drawn = np.random.default_rng(2).multinomial(400, chances, 4000)
    p_values = [mcnemar_p(Discordant(int(b), int(c))) for b, c, _ in drawn]
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.8, abs=0.04)


def test_too_few_samples_cannot_show_any_difference() -> None:
    assert paired_difference(binary(0, 5, 0, 0)).detectable is None
    assert mcnemar_p(Discordant(5, 0)) > 0.05
    assert mcnemar_p(Discordant(6, 0)) < 0.05


def test_without_discordant_pairs_six_of_them_are_what_could_be_seen() -> None:
    effect = minimum_detectable(0.0, 500, is_floored=True)
    assert effect is not None
    assert reference.binom.sf(5, 500, effect) == pytest.approx(0.8)


@pytest.mark.parametrize("count", [50, 200, 1000])
@pytest.mark.parametrize(
    ("a", "b"), [(0.05, 0.05), (0.09, 0.05), (0.5, 0.5), (0.54, 0.5), (0.95, 0.95), (0.91, 0.95)]
)
@pytest.mark.parametrize("agreement", [0.0, 0.5])
def test_intervals_of_right_and_wrong_cover_the_truth(
    count: int, a: float, b: float, agreement: float
) -> None:
    both = a * b + agreement * math.sqrt(a * (1 - a) * b * (1 - b))
    a_only, b_only = a - both, b - both
    chances = [a_only, b_only, 1 - a_only - b_only]
    seed = [count, round(100 * a), round(100 * b), round(10 * agreement)]
    drawn = np.random.default_rng(seed).multinomial(count, chances, 4000)
    covered = [covers(int(x), int(y), count, a - b) for x, y, _ in drawn]
    # Where four pairs or fewer are expected to differ, counts are too coarse for any interval.
    is_sparse = count * (a_only + b_only) < 4.5
    assert 0.935 <= np.mean(covered) <= (1.0 if is_sparse else 0.965)


@cache
def covers(b: int, c: int, count: int, truth: float) -> bool:
    low, high = tango_interval(Discordant(b, c), count)
    return low <= truth <= high


def coverage(runs: Sequence[Sequence[Pair]], truth: float) -> float:
    intervals = [paired_difference(pairs).interval or (1.0, -1.0) for pairs in runs]
    return float(np.mean([low <= truth <= high for low, high in intervals]))


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_intervals_of_means_of_four_answers_cover_the_truth(share: float) -> None:
    rng = np.random.default_rng(round(100 * share))
    skill = rng.beta(8 * share, 8 * (1 - share), (1000, 50))
    a, b = rng.binomial(4, skill) / 4, rng.binomial(4, skill) / 4
    runs = [
        list(itertools.starmap(Pair, zip(x, y, strict=True))) for x, y in zip(a, b, strict=True)
    ]
    assert 0.935 <= coverage(runs, 0.0) <= 0.965


def test_intervals_of_clustered_answers_cover_the_truth() -> None:
    rng = np.random.default_rng(11)
    names = [str(index // 5) for index in range(200)]
    tilt = np.repeat(rng.uniform(-0.4, 0.4, (600, 40)), 5, axis=1)
    a, b = rng.random((600, 200)) < 0.5 + tilt, rng.random((600, 200)) < 0.5 - tilt
    rows = zip(a.astype(float), b.astype(float), strict=True)
    runs = [list(itertools.starmap(Pair, zip(x, y, names, strict=True))) for x, y in rows]
    alone = [[Pair(p.a, p.b) for p in pairs] for pairs in runs]
    assert 0.93 <= coverage(runs, 0.0) <= 0.965
    assert coverage(alone, 0.0) < 0.85
