from __future__ import annotations

import json

import pytest

from evalctl.metrics import mean_value
from evalctl.run.groups import MOST_VALUES, OTHERS, Groups, Member, groups_of
from evalctl.run.totals import Totals
from evalctl.specs import MetricSpec

MEAN = MetricSpec(name="right", title="right", reduce=mean_value, proportion=True)
POOLED = MetricSpec(name="f1", title="f1", pooled=lambda sums: sums["hit"] / sums["all"])


def member(number: int, **groups: str) -> Member:
    return Member(f"s{number}", None, groups)


def test_a_value_that_is_no_scalar_is_no_group() -> None:
    metadata = {"subject": "law", "level": 3, "share": 0.5, "tags": ["a"], "none": None}

    assert groups_of(("subject", "level", "share", "tags", "none", "other"), metadata) == {
        "subject": "law",
        "level": "3",
        "share": "0.5",
    }


def test_means_are_told_by_group_with_what_was_not_scored() -> None:
    groups = Groups()
    for number, value in enumerate((1.0, 0.0, None)):
        groups.add("d", member(number, subject="law"), value, None)
    groups.add("d", member(9, subject="art"), 1.0, None)

    art, law = groups.result(MEAN)["subject"]

    assert (art.group, art.value, art.n_scored, art.n_total) == ("art", 1.0, 1, 1)
    assert (law.group, law.value, law.n_scored, law.n_total) == ("law", 0.5, 2, 3)
    assert law.interval is not None


def test_pooled_headlines_are_told_by_group_too() -> None:
    groups = Groups()
    for number in range(20):
        counts = {"hit": float(number % 2), "all": 1.0}
        groups.add("d", member(number, kind="odd" if number % 2 else "even"), None, counts)

    even, odd = groups.result(POOLED)["kind"]

    assert (even.value, odd.value) == (0.0, 1.0)
    assert (even.n_scored, even.n_total) == (10, 10)


def test_a_group_without_a_score_has_no_value() -> None:
    groups = Groups()
    groups.add("d", member(1, kind="x"), None, None)

    for metric in (MEAN, POOLED):
        (found,) = groups.result(metric)["kind"]
        assert (found.value, found.interval, found.n_scored, found.n_total) == (None, None, 0, 1)


def test_no_key_has_more_values_than_are_told_apart() -> None:
    groups = Groups()
    for number in range(MOST_VALUES + 50):
        groups.add("d", member(number, id=f"{number:04}"), 1.0, None)

    found = groups.result(MEAN)["id"]

    assert len(found) == MOST_VALUES + 1
    assert next(one.n_total for one in found if one.group == OTHERS) == 50


@pytest.mark.parametrize("counts", [None, {"hit": 1.0, "all": 2.0}])
def test_totals_are_read_back_with_their_groups(counts: dict[str, float] | None) -> None:
    totals = Totals()
    for number in range(5):
        totals.groups.add("d", member(number, kind=str(number % 2)), 0.1 * number, counts)

    again = Totals.read(json.loads(json.dumps(totals.state())))

    assert again.groups.result(MEAN) == totals.groups.result(MEAN)
    assert again.state() == totals.state()


def test_an_earlier_versions_totals_have_no_groups() -> None:
    state = Totals().state()
    assert isinstance(state, dict)

    assert Totals.read({key: value for key, value in state.items() if key != "groups"}).groups == (
        Groups()
    )


def test_other_pooled_metrics_of_the_scorer_are_told_beside_the_headline() -> None:
    groups = Groups()
    for number in range(20):
        counts = {"hit": float(number % 4 == 0), "all": 1.0}
        kind = "odd" if number % 2 else "even"
        groups.add("d", member(number, kind=kind), float(number % 2), counts)

    even, odd = groups.result(MEAN, (POOLED,))["kind"]

    assert (even.value, odd.value) == (0.0, 1.0)
    assert (even.n_scored, odd.n_scored) == (10, 10)
    assert [(one.name, one.value) for one in even.others] == [("f1", 0.5)]
    assert [(one.name, one.value) for one in odd.others] == [("f1", 0.0)]
    assert even.others[0].interval is not None
