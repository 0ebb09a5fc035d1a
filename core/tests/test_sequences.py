"""The confidence sequence and the rule that stops a dataset, by simulation and by hand."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import asdict
from itertools import accumulate

import pytest

from evalctl.stats import ConfidenceSequence, WidthStop, wilson_interval

RUNS = 100
"""Simulated runs; 95 % of them would be 95, and the sequence is on the safe side of that."""


def coins(source: random.Random, share: float, count: int) -> list[float]:
    """Draw independent values of 0 and 1."""
    return [float(source.random() < share) for _ in range(count)]


def always_held(sequence: ConfidenceSequence, values: Sequence[float], mean: float) -> bool:
    """Whether the interval holds the mean at every look, one after each sample."""
    held = True
    for value in values:
        sequence.add(value)
        assert sequence.interval is not None
        held = held and sequence.interval[0] <= mean <= sequence.interval[1]
    return held


def stopped(stop: WidthStop, values: Sequence[float]) -> WidthStop:
    """Feed a rule until it stops."""
    for position, value in enumerate(values):
        stop.add(position, value)
        if stop.has_stopped:
            break
    return stop


def binomial_bound(runs: int) -> float:
    """The hits that a true coverage of 95 % falls short of once in a thousand."""
    return 0.95 * runs - 3.1 * math.sqrt(runs * 0.95 * 0.05)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_proportion_is_held_at_all_looks_in_95_percent_of_runs(share: float) -> None:
    source = random.Random(int(share * 100))
    hits = sum(
        always_held(ConfidenceSequence(0.1), coins(source, share, 130), share) for _ in range(RUNS)
    )
    assert hits >= 0.95 * RUNS


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (0.3, 3.0), (20.0, 20.0)])
def test_mean_of_shares_is_held_at_all_looks_in_95_percent_of_runs(a: float, b: float) -> None:
    source = random.Random(17)
    hits = sum(
        always_held(
            ConfidenceSequence(0.1), [source.betavariate(a, b) for _ in range(140)], a / (a + b)
        )
        for _ in range(RUNS)
    )
    assert hits >= 0.95 * RUNS


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_whole_dataset_is_held_at_all_looks_in_95_percent_of_orders(share: float) -> None:
    source = random.Random(5)
    dataset = [float(index < round(140 * share)) for index in range(140)]
    hits = sum(
        always_held(ConfidenceSequence(0.1, 140), source.sample(dataset, len(dataset)), share)
        for _ in range(RUNS)
    )
    assert hits >= 0.95 * RUNS


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_interval_at_the_stop_keeps_95_percent(share: float) -> None:
    source = random.Random(23)
    dataset = [float(index < round(600 * share)) for index in range(600)]
    stops = [
        stopped(WidthStop.of(0.12, 600), source.sample(dataset, len(dataset))) for _ in range(RUNS)
    ]
    assert all(stop.has_stopped for stop in stops)
    intervals = [stop.interval or (1.0, 0.0) for stop in stops]
    assert all(high - low <= 0.12 for low, high in intervals)
    assert sum(low <= share <= high for low, high in intervals) >= 0.95 * RUNS


def test_stopping_by_wilsons_interval_would_not_keep_95_percent() -> None:
    """What the sequence is there for: one look's interval, looked at after each sample."""
    source = random.Random(29)
    hits = 0
    for _ in range(RUNS):
        counts = list(accumulate(coins(source, 0.5, 300)))
        looks = [wilson_interval(counts[n - 1] / n, n) for n in range(5, 301)]
        hits += all(low <= 0.5 <= high for low, high in looks)
    assert hits < 0.85 * RUNS


@pytest.mark.parametrize(("share", "width"), [(0.5, 0.1), (0.05, 0.05), (0.95, 0.05)])
def test_peeking_costs_about_twice_the_samples(share: float, width: float) -> None:
    source = random.Random(31)
    fixed = next(
        n for n in range(20, 5000) if (found := wilson_interval(share, n))[1] - found[0] <= width
    )
    takes = [stopped(WidthStop.of(width, None), coins(source, share, 3000)) for _ in range(6)]
    mean = sum(stop.stopped_at or 3000 for stop in takes) / len(takes)
    assert 1.6 < mean / fixed < 2.3


def test_a_dataset_of_known_size_needs_fewer_samples() -> None:
    source = random.Random(37)
    values = source.sample([0.0, 1.0] * 400, 800)
    known = stopped(WidthStop.of(0.1, 800), values).stopped_at
    endless = stopped(WidthStop.of(0.1, None), values).stopped_at
    assert known is not None
    assert endless is not None
    # n N / (N - n) of 800 are worth as much as n without an end.
    assert known == pytest.approx(endless * 800 / (endless + 800), rel=0.1)


def test_interval_is_the_mean_itself_when_the_whole_dataset_was_seen() -> None:
    sequence = ConfidenceSequence(0.04, 50)
    values = [float(index % 3 == 0) for index in range(50)]
    for value in values:
        sequence.add(value)
    assert sequence.interval == pytest.approx((17 / 50, 17 / 50), abs=1e-12)


def test_samples_without_a_value_leave_the_mean_and_keep_the_coverage() -> None:
    """Only the first 120 of 200 have values, and these are the harder ones."""
    source = random.Random(41)
    dataset = [float(index < 30) if index < 120 else None for index in range(200)]
    hits = 0
    for _ in range(RUNS):
        sequence, held = ConfidenceSequence(0.1, 200), True
        for index in source.sample(range(200), 200):
            sequence.add(dataset[index])
            low, high = sequence.interval or (0.0, 1.0)
            held = held and low <= 0.25 <= high
        hits += held
        assert sequence.interval == pytest.approx((0.25, 0.25), abs=1e-12)
    assert hits >= binomial_bound(RUNS)


def test_interval_at_any_time_holds_the_mean_so_far() -> None:
    sequence = ConfidenceSequence(0.3)
    for value in [1.0] * 40 + [0.0] * 200:
        sequence.add(value)
        low, high = sequence.interval or (1.0, 0.0)
        assert low <= (sequence.mean or 0.0) <= high


def test_nothing_scored_has_no_interval() -> None:
    sequence = ConfidenceSequence(0.1, 10)
    sequence.add(None)
    assert sequence.interval is None
    assert sequence.mean is None


@pytest.mark.parametrize("value", [-0.01, 1.01, math.nan])
def test_value_out_of_range_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="range"):
        ConfidenceSequence(0.1).add(value)
    with pytest.raises(ValueError, match="range"):
        WidthStop.of(0.1, None).add(0, value)


def test_a_sample_more_than_the_dataset_has_is_refused() -> None:
    sequence = ConfidenceSequence(0.1, 1)
    sequence.add(1.0)
    with pytest.raises(ValueError, match="all 1"):
        sequence.add(1.0)


@pytest.mark.parametrize("width", [0.0, 1.0, -1.0, math.nan])
def test_width_that_cannot_be_is_refused(width: float) -> None:
    with pytest.raises(ValueError, match="width"):
        WidthStop.of(width, None)


def test_unbounded_metric_is_refused() -> None:
    with pytest.raises(ValueError, match="bounded"):
        WidthStop.of(0.1, None, upper=math.inf)


def test_order_of_finishing_changes_nothing() -> None:
    source = random.Random(43)
    values = coins(source, 0.3, 400)
    in_order, shuffled = WidthStop.of(0.2, 400), WidthStop.of(0.2, 400)
    for position, value in enumerate(values):
        in_order.add(position, value)
    for position in sorted(range(400), key=lambda each: each + source.randrange(30)):
        shuffled.add(position, values[position])
    assert in_order.has_stopped
    assert shuffled == in_order


def test_quick_wrong_answers_do_not_stop_a_dataset_early() -> None:
    """Every second sample fails at once, the others take 300 samples longer."""
    stop = WidthStop.of(0.2, 2000)
    for position in range(1, 300, 2):
        stop.add(position, 0.0)
    assert not stop.has_stopped
    assert stop.sequence.seen == 0


def test_memory_is_that_of_results_out_of_order() -> None:
    stop = WidthStop.of(0.001, None)
    for position in range(3000):
        stop.add(position ^ 1, 1.0)  # neighbours swapped
        assert len(stop.waiting) <= 1
    assert len(stop.sequence.rising) == len(WidthStop.of(0.001, None).sequence.rising)


def test_result_that_comes_twice_is_refused() -> None:
    stop = WidthStop.of(0.1, 10)
    stop.add(0, 1.0)
    stop.add(2, 1.0)
    for position in (0, 2):
        with pytest.raises(ValueError, match="twice"):
            stop.add(position, 1.0)


def test_rule_goes_on_from_json_where_it_was() -> None:
    source = random.Random(47)
    values = coins(source, 0.5, 300)
    whole, first = WidthStop.of(0.2, 500), WidthStop.of(0.2, 500)
    for position in range(150):
        first.add(position, values[position])
    first.add(160, values[160])
    again = WidthStop.restore(json.loads(json.dumps(asdict(first))))
    assert again == first
    for position in [each for each in range(150, 300) if each != 160]:
        again.add(position, values[position])
    for position, value in enumerate(values):
        whole.add(position, value)
    assert again == whole
    assert again.has_stopped


def test_what_comes_in_after_the_stop_changes_nothing() -> None:
    source = random.Random(53)
    values = coins(source, 0.5, 400)
    ahead, stop = WidthStop.of(0.2, 1000), stopped(WidthStop.of(0.2, 1000), values)
    for position in (*range(300, 400), *range(300)):
        ahead.add(position, values[position])
    assert stop.stopped_at is not None
    assert stop.stopped_at < 300
    assert ahead == stop
    ahead.add(0, 1.0)
    assert ahead == stop


def test_metric_of_another_range_is_scaled() -> None:
    plain, scaled = WidthStop.of(0.2, 100), WidthStop.of(0.2, 100, lower=-1.0, upper=9.0)
    for position in range(60):
        plain.add(position, float(position % 2))
        scaled.add(position, 10.0 * (position % 2) - 1.0)
    low, high = plain.interval or (0.0, 0.0)
    assert scaled.interval == pytest.approx((10 * low - 1, 10 * high - 1))


def test_interval_of_equal_values_shrinks_with_their_number() -> None:
    sequence = ConfidenceSequence(0.05)
    for _ in range(200):
        sequence.add(1.0)
    low, high = sequence.interval or (0.0, 0.0)
    assert high == 1.0
    assert 0.95 < low < 1.0
