"""The difference of independent estimates, and the words of remarks."""

from __future__ import annotations

import random

import pytest

from evalctl.comparing.declared import Declared, declared
from evalctl.comparing.words import specialization_remark
from evalctl.config import UserConfig
from evalctl.registry import Registry
from evalctl.specializations import OverGeneral
from evalctl.stats import Estimate, difference, wilson_interval


def estimate(value: float, count: int) -> Estimate:
    stderr = (value * (1 - value) / count) ** 0.5
    return Estimate(value, stderr, wilson_interval(value, count), "wilson")


def test_the_difference_of_proportions_is_newcombes() -> None:
    """Source: Newcombe 1998, Statistics in Medicine 17: 873-890, table II, method 10."""
    found = difference(estimate(56 / 70, 70), estimate(48 / 80, 80))

    assert found.value == pytest.approx(0.2)
    assert found.interval == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.stderr == pytest.approx(0.0727, abs=5e-5)


def test_the_interval_of_a_difference_covers_the_truth() -> None:
    chance = random.Random(5)
    covered = 0
    for _ in range(2000):
        a, b = (sum(chance.random() < p for _ in range(60)) / 60 for p in (0.8, 0.5))
        interval = difference(estimate(a, 60), estimate(b, 60)).interval
        assert interval is not None
        covered += interval[0] <= 0.3 <= interval[1]

    assert 0.935 <= covered / 2000 <= 0.965


def test_what_one_estimate_lacks_the_difference_lacks() -> None:
    nothing = Estimate(None, None, None, "")
    bare = Estimate(0.5, None, None, "")

    assert difference(estimate(0.5, 10), nothing).value is None
    assert difference(estimate(0.8, 10), bare) == Estimate(pytest.approx(0.3), None, None, "")


def found(value: float, p_holm: float, detectable: float | None = 0.05) -> OverGeneral:
    return OverGeneral(
        value=value,
        stderr=0.01,
        interval=None,
        models=("plain",),
        datasets=("sums",),
        n_shared=40,
        p_value=p_holm,
        p_holm=p_holm,
        detectable=detectable,
    )


@pytest.mark.parametrize(
    ("weight", "outcome", "words"),
    [
        (0.7, found(0.1, 0.01), ""),
        (0.7, found(0.1, 0.06), "not seen to be better: only differences above 5.0 points"),
        (0.9, found(0.0, 1.0, None), "40 samples are too few to show any difference"),
        (0.9, found(-0.1, 0.01), "a specialist of math (0.9), but behind general models by 10.0"),
        (0.9, found(-0.1, 0.2), "not seen to be better"),
        (0.6, found(0.1, 0.01), "better at math than declared (declared 0.6)"),
        (None, found(0.1, 0.01), "better at math than declared (not declared for it)"),
        (0.6, found(0.1, 0.06), ""),
        (0.6, found(-0.1, 0.01), ""),
        (0.9, None, ""),
    ],
)
def test_only_what_is_sure_is_remarked(
    weight: float | None, outcome: OverGeneral | None, words: str
) -> None:
    is_specialist = Declared({"math": weight or 0.0}).is_specialist("math")
    remark = specialization_remark("math", weight, outcome, is_specialist=is_specialist)

    assert words in remark
    assert bool(words) == bool(remark)


def test_models_that_ship_with_a_plugin_stand_for_nothing() -> None:
    assert Declared({}).is_generalist("math")
    assert not Declared({"math": 0.0}, is_embedded=True).is_generalist("math")
    assert not Declared({"math": 0.6}).is_generalist("math")


def test_of_unknown_models_nothing_is_declared() -> None:
    assert declared("replay:outputs.jsonl", Registry(), UserConfig()) == Declared({})
