"""Metrics of summed counts: exact in any order, and an interval that covers."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial

import pytest
from pydantic import TypeAdapter, ValidationError

from evalctl.confusion import class_counts, class_f1, class_recall, class_support
from evalctl.metrics import expand, mean_counts, mean_value
from evalctl.records import Completion, Sample, Score
from evalctl.specs import MetricSpec, ScorerSpec
from evalctl.stats import PooledCounts, PooledMetric, estimate_pooled, wilson_interval
from evalctl.stats.bootstrap import (
    ALWAYS_THE_SAME,
    FEW_ROWS,
    MAX_KEYS,
    REPLICATES,
    SELDOM_DEFINED,
)

Row = tuple[dict[str, float], str, str | None]
"""Counts, sample and cluster."""


def f1(sums: Mapping[str, float]) -> float | None:
    right = 2 * sums.get("tp", 0.0)
    everything = right + sums.get("fp", 0.0) + sums.get("fn", 0.0)
    return right / everything if everything else None


def ratio(sums: Mapping[str, float]) -> float | None:
    return sums["bits"] / sums["bytes"] if sums.get("bytes") else None


def pool(rows: Iterable[Row], dataset: str = "d") -> PooledCounts:
    counts = PooledCounts(dataset)
    for row, sample_id, cluster in rows:
        counts.add(row, sample_id, cluster)
    return counts


def labelled(source: random.Random, count: int, *, accuracy: float = 0.8) -> list[Row]:
    """Yes-or-no samples, of which three in ten are yes; what is right of a no counts nothing."""
    rows: list[Row] = []
    for index in range(count):
        gold = source.random() < 0.3
        said = gold if source.random() < accuracy else not gold
        row = {"tp": gold and said, "fp": said and not gold, "fn": gold and not said}
        rows.append(({k: float(v) for k, v in row.items()}, f"{source.random()}-{index}", None))
    return rows


def test_value_is_that_of_the_summed_counts() -> None:
    counts = pool([({"tp": 1}, "a", None), ({"tp": 1, "fn": 1}, "b", None), ({"fp": 1}, "c", None)])
    assert counts.sums == {"tp": 2.0, "fn": 1.0, "fp": 1.0}
    assert estimate_pooled(counts, PooledMetric(f1)).value == pytest.approx(4 / 6)
    assert counts.count == 3


def test_order_and_grouping_do_not_change_a_digit() -> None:
    source = random.Random(3)
    rows: list[Row] = [
        ({"bits": source.uniform(0, 900), "bytes": source.uniform(1, 700)}, str(index), cluster)
        for index, cluster in enumerate(source.choices([None, "a", "b", "c"], k=700))
    ]
    whole = estimate_pooled(pool(rows), PooledMetric(ratio, upper=math.inf))
    shuffled = source.sample(rows, len(rows))
    merged = pool(shuffled[:301]).merge(pool(shuffled[301:]))
    assert estimate_pooled(merged, PooledMetric(ratio, upper=math.inf)) == whole
    assert whole.method == "bootstrap"


def test_sums_go_on_from_json_where_they_were() -> None:
    rows = labelled(random.Random(5), 600)
    state = json.loads(json.dumps(asdict(pool(rows[:400]))))
    again = TypeAdapter(PooledCounts).validate_python(state)
    for row in rows[400:]:
        again.add(*row)
    assert estimate_pooled(again, PooledMetric(f1)) == estimate_pooled(pool(rows), PooledMetric(f1))


def test_reading_an_estimate_changes_nothing() -> None:
    rows = labelled(random.Random(7), 500)
    looked_at = PooledCounts("d")
    for row in rows:
        looked_at.add(*row)
        looked_at.resampled()
    assert estimate_pooled(looked_at, PooledMetric(f1)) == estimate_pooled(
        pool(rows), PooledMetric(f1)
    )


def test_two_models_on_the_same_samples_have_the_same_resamples() -> None:
    ones: list[Row] = [({"n": 1.0}, str(index), None) for index in range(50)]
    twos: list[Row] = [({"n": 2.0}, str(index), None) for index in range(50)]
    pairs = zip(pool(ones).resampled(), pool(twos).resampled(), strict=True)
    assert all(b["n"] == 2 * a["n"] for a, b in pairs)
    assert pool(ones, "other").resampled() != pool(ones).resampled()


def test_samples_count_as_often_as_a_poisson_variable_of_mean_one() -> None:
    drawn = [sums["n"] for sums in pool([({"n": 1.0}, "x", None)]).resampled()]
    assert len(drawn) == REPLICATES
    assert sum(drawn) / REPLICATES == pytest.approx(1.0, abs=0.1)
    assert drawn.count(0.0) / REPLICATES == pytest.approx(math.exp(-1), abs=0.05)
    sums = [
        found["n"] for found in pool([({"n": 1.0}, str(i), None) for i in range(900)]).resampled()
    ]
    mean = sum(sums) / REPLICATES
    assert mean == pytest.approx(900, abs=4)
    assert math.sqrt(sum((each - mean) ** 2 for each in sums) / REPLICATES) == pytest.approx(
        30, rel=0.07
    )


def test_samples_of_one_cluster_come_and_go_together() -> None:
    counts = pool([({"a": 1.0}, "1", "x"), ({"b": 1.0}, "2", "x"), ({"c": 1.0}, "3", None)])
    assert all(sums["a"] == sums["b"] for sums in counts.resampled())
    assert any(sums["a"] != sums["c"] for sums in counts.resampled())
    assert counts.independent_count == 2


def test_stderr_of_a_ratio_is_that_of_the_delta_method() -> None:
    source = random.Random(11)
    rows: list[Row] = []
    for index in range(800):
        size = source.uniform(50, 500)
        rows.append(({"bits": size * source.gauss(0.9, 0.2), "bytes": size}, str(index), None))
    bits, sizes = [row["bits"] for row, _, _ in rows], [row["bytes"] for row, _, _ in rows]
    value = sum(bits) / sum(sizes)
    squares = sum((b - value * s) ** 2 for b, s in zip(bits, sizes, strict=True))
    found = estimate_pooled(pool(rows), PooledMetric(ratio, upper=math.inf))
    assert found.value == pytest.approx(value, rel=1e-6)
    assert found.stderr == pytest.approx(math.sqrt(squares) / sum(sizes), rel=0.07)


def covered(rows: list[Row], truth: float) -> bool:
    low, high = estimate_pooled(pool(rows), PooledMetric(f1)).interval or (1.0, 0.0)
    return low <= truth <= high


@pytest.mark.parametrize("count", [50, 200])
def test_coverage_of_the_interval_is_near_95_percent(count: int) -> None:
    source = random.Random(13)
    truth = 2 * 0.3 * 0.8 / (2 * 0.3 * 0.8 + 0.7 * 0.2 + 0.3 * 0.2)
    hits = sum(covered(labelled(source, count), truth) for _ in range(200))
    assert 0.92 <= hits / 200 <= 0.98


def test_coverage_holds_where_samples_share_clusters() -> None:
    """Forty documents of six samples, of which one model reads all or few rightly."""
    source = random.Random(17)
    hits = 0
    for _ in range(120):
        rows: list[Row] = []
        for document in range(40):
            share = source.betavariate(2, 2)
            for index in range(6):
                is_right = source.random() < share
                counts = {"tp": float(is_right), "fn": float(not is_right)}
                rows.append((counts, f"{document}-{index}-{source.random()}", f"{document}-{_}"))
        hits += covered(rows, 2 * 0.5 / (2 * 0.5 + 0.5))
    assert 0.91 <= hits / 120 <= 0.99


def test_resamples_that_are_all_the_same_have_wilsons_interval() -> None:
    found = estimate_pooled(
        pool([({"tp": 1.0}, str(i), None) for i in range(20)]), PooledMetric(f1)
    )
    assert (found.value, found.stderr, found.method) == (1.0, 0.0, "wilson")
    assert found.interval == pytest.approx(wilson_interval(1.0, 20))


def test_a_single_cluster_has_no_stderr() -> None:
    found = estimate_pooled(
        pool([({"tp": 1.0, "fp": 1.0}, str(i), "x") for i in range(9)]), PooledMetric(f1)
    )
    assert found.stderr is None
    assert found.interval == pytest.approx(wilson_interval(2 / 3, 1))


def test_metric_that_many_resamples_do_not_define_has_no_bootstrap() -> None:
    counts = pool([({"tp": 1.0}, "a", None), ({"tn": 1.0}, "b", None), ({"tn": 1.0}, "c", None)])
    found = estimate_pooled(counts, PooledMetric(f1))
    assert (found.value, found.stderr, found.interval, found.method) == (1.0, None, None, "")
    assert found.lacking == SELDOM_DEFINED


def of_classes(*pairs: tuple[str, str, int]) -> PooledCounts:
    """Return the counts of so many rows that are of the first class and were given the second."""
    each = [(gold, given) for gold, given, count in pairs for _ in range(count)]
    return pool([(class_counts(gold, given), str(i), None) for i, (gold, given) in enumerate(each)])


RARE_F1 = PooledMetric(partial(class_f1, name="rare"), support=partial(class_support, name="rare"))
RARE_RECALL = PooledMetric(
    partial(class_recall, name="rare"), support=partial(class_support, name="rare"), proportion=True
)


def test_f1_of_a_rare_class_that_was_never_right_has_no_interval() -> None:
    counts = of_classes(("rare", "common", 5), ("common", "common", 95))
    found = estimate_pooled(counts, RARE_F1)
    assert (found.value, found.stderr, found.interval) == (0.0, None, None)
    assert found.lacking == ALWAYS_THE_SAME


def test_recall_of_a_rare_class_that_was_never_right_has_the_interval_of_its_rows() -> None:
    counts = of_classes(("rare", "common", 5), ("common", "common", 95))
    found = estimate_pooled(counts, RARE_RECALL)
    assert found.interval == pytest.approx(wilson_interval(0.0, 5))


def test_f1_of_a_class_rests_on_its_rows_and_not_on_all() -> None:
    counts = of_classes(("rare", "rare", 4), ("rare", "common", 4), ("common", "common", 92))
    own = estimate_pooled(counts, RARE_F1)
    as_of_all = estimate_pooled(counts, PooledMetric(RARE_F1.pooled))
    assert own.interval is not None
    assert as_of_all.interval is not None
    assert own.interval[0] < as_of_all.interval[0] < 2 / 3 < as_of_all.interval[1]
    assert own.method == "bootstrap"


def test_f1_of_a_class_without_two_rows_has_no_interval() -> None:
    counts = of_classes(("rare", "rare", 1), ("common", "rare", 40), ("common", "common", 59))
    found = estimate_pooled(counts, RARE_F1)
    assert found.value == pytest.approx(2 / 42)
    assert (found.interval, found.lacking) == (None, FEW_ROWS)


def test_f1_of_a_class_that_is_not_there_is_not_defined() -> None:
    found = estimate_pooled(of_classes(("common", "common", 50)), RARE_F1)
    assert (found.value, found.interval) == (None, None)


def test_nothing_counted_has_no_estimate() -> None:
    assert estimate_pooled(PooledCounts("d"), PooledMetric(f1)).value is None


def test_counts_that_cannot_be_added_are_refused() -> None:
    with pytest.raises(ValueError, match="tp is nan"):
        PooledCounts("d").add({"tp": math.nan}, "a")


def test_different_counts_without_end_are_given_up_and_take_no_memory() -> None:
    counts = pool([({f"label {i}": 1.0}, str(i), None) for i in range(MAX_KEYS + 300)])
    assert "2,000 different counts" in counts.problem
    assert estimate_pooled(counts, PooledMetric(f1)).value is None
    assert (counts.totals, counts.replicates, counts.waiting) == ({}, {}, [])


def test_sums_beyond_what_is_exact_are_given_up() -> None:
    counts = pool([({"bytes": 2.0**32}, str(i), None) for i in range(200)])
    assert "added exactly" in counts.problem


def test_memory_does_not_grow_with_samples() -> None:
    counts = pool([({"tp": 1.0}, str(i), None) for i in range(3000)])
    assert len(counts.waiting) < 300
    assert [len(sums) for sums in counts.replicates.values()] == [REPLICATES]


def test_repeated_samples_count_by_their_mean_over_completions() -> None:
    scores = (
        Score(value=1.0, counts={"tp": 1}),
        Score(value=0.0, counts={"fp": 1, "fn": 1}),
        Score(value=None, failed=True, counts={"tp": 5}),
        Score(value=0.0),
    )
    assert mean_counts(scores) == {"tp": 0.5, "fp": 0.5, "fn": 0.5}
    assert mean_counts(scores[2:]) is None


POOLED = MetricSpec(name="f1", title="F1", pooled=f1)


def test_repeats_leave_a_pooled_metric_as_it_is() -> None:
    assert expand(POOLED, 4, (1, 2)) == (POOLED,)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "exactly one"),
        ({"reduce": mean_value, "pooled": f1}, "exactly one"),
        ({"pooled": f1, "repeats": True}, "no values of single samples"),
        ({"pooled": f1, "proportion": True}, "no values of single samples"),
        ({"reduce": mean_value, "support": f1}, "metrics with `pooled`"),
    ],
)
def test_metric_that_is_declared_in_two_ways_or_none_is_refused(
    fields: dict[str, object], reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        MetricSpec.model_validate({"name": "m", "title": "m", **fields})


def test_functions_of_a_metric_are_written_down_by_name() -> None:
    scorer = ScorerSpec(name="s", version="1", metrics=(POOLED,), score=judge)
    (written,) = scorer.model_dump(mode="json")["metrics"]
    assert written["pooled"].endswith("test_bootstrap:f1")
    assert written["reduce"] is None


def judge(sample: Sample, completion: Completion) -> Score:
    return Score(value=None, counts={"tp": 1})
