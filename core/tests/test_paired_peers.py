"""The tests of differences, against statsmodels."""

from __future__ import annotations

import random

import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from evalctl.stats import Discordant, holm, mcnemar_p


@pytest.mark.parametrize("a_only", [0, 1, 5, 12, 200, 30_000])
@pytest.mark.parametrize("b_only", [0, 1, 4, 12, 170, 29_700])
def test_mcnemar_agrees_with_statsmodels(a_only: int, b_only: int) -> None:
    expected = mcnemar([[7, a_only], [b_only, 9]], exact=True).pvalue
    assert mcnemar_p(Discordant(a_only, b_only)) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_holm_agrees_with_statsmodels(count: int) -> None:
    source = random.Random(count)
    p_values = [source.random() ** 3 for _ in range(count)]
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])
