"""The category's declarations: what its datasets ask, and that their scorers judge real rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalctl import DatasetSpec
from evalctl.plan import load_dataset
from evalctl.plan.shots import load_shots
from evalctl.prompts import Asking, compose, continuations
from evalctl.proving.gold import perturbed, planned_for_check, prove, render_gold
from evalctl_general.choices import CHOICES, arc_challenge, hellaswag, mmlu, truthfulqa

ROWS = {"arc_challenge": 1150, "hellaswag": 1000, "mmlu": 2850, "truthfulqa": 817}


@pytest.mark.parametrize("spec", CHOICES, ids=lambda spec: spec.name)
def test_right_choices_score_full_marks_and_other_ones_do_not(
    spec: DatasetSpec, benchmark_data: Path
) -> None:
    planned = planned_for_check(load_dataset(spec, "general", [benchmark_data]))

    right = prove(planned, render_gold(spec), must_be_right=True)
    wrong = prove(planned, perturbed(spec), must_be_right=False)

    count = ROWS[spec.name.removesuffix("_letters")]
    assert (right.n_rows, wrong.n_rows) == (count, count)
    assert right.wrong == ()
    assert wrong.wrong == ()


@pytest.mark.parametrize("spec", CHOICES, ids=lambda spec: spec.name)
def test_every_dataset_by_log_likelihood_names_one_by_letter(spec: DatasetSpec) -> None:
    by_letter = {one.name: one for one in CHOICES if one.needs == "generate"}

    assert (spec.needs == "choose") == (spec.otherwise in by_letter)
    assert spec.role == ("primary" if spec.needs == "choose" else "variant")


@pytest.mark.parametrize(
    ("spec", "begin", "given"),
    [
        (arc_challenge, "Question: What does water become when it freezes?\nAnswer:", " ice"),
        (hellaswag, "What does water become when it freezes?", " ice"),
        (
            mmlu,
            "The following are multiple choice questions (with answers) about physics.\n\n"
            "What does water become when it freezes?\nA. steam\nB. ice\nC. sand\nD. glass\nAnswer:",
            " B",
        ),
        (truthfulqa, "Q: What is human life expectancy in the United States?\nA: Human", " ice"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_prompts_are_those_of_the_benchmarks(spec: DatasetSpec, begin: str, given: str) -> None:
    sample = spec.examples[0].sample

    body = compose(spec.prompt, sample, (), Asking())

    assert body.text.startswith(begin)
    assert continuations(spec.prompt, sample)[1] == given


def test_each_question_of_mmlu_has_the_worked_examples_of_its_subject(benchmark_data: Path) -> None:
    loaded = load_dataset(mmlu, "general", [benchmark_data])
    shots = load_shots(loaded, 5, [benchmark_data])

    assert len(shots) == 5 * 57
    assert {shot.metadata["subject"] for shot in shots} == {
        sample.metadata["subject"] for sample in loaded.samples()
    }
