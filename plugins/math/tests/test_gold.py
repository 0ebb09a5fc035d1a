"""Every real row's gold answer scores full marks, and a changed one does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalctl import DatasetSpec
from evalctl.plan import load_dataset
from evalctl.proving import perturbed, planned_for_check, prove, render_gold
from evalctl_math.datasets import DATASETS

ROWS = {
    "gsm8k": (1319, 1319),
    "math": (5000, 4912),
    "enhanced_math": (4973, 4885),
    "math_500": (500, 499),
    "minerva_math": (272, 263),
    "aime": (60, 60),
    "math_sample": (100, 100),
}
"""Rows, and rows whose answer holds a digit that can be changed, or that can have another row's."""


@pytest.mark.parametrize("spec", DATASETS, ids=lambda spec: spec.name)
def test_gold_answers_score_full_marks_and_changed_ones_do_not(
    spec: DatasetSpec, benchmark_data: Path
) -> None:
    planned = planned_for_check(load_dataset(spec, "math", [benchmark_data]))
    right = prove(planned, render_gold(spec), must_be_right=True)
    wrong = prove(planned, perturbed(spec), must_be_right=False)
    assert (right.n_rows, wrong.n_rows) == ROWS[spec.name]
    assert right.wrong == ()
    assert wrong.wrong == ()
