"""The category's declarations: real rows, prompts, models."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evalctl import DatasetSpec, ModelSpec
from evalctl.plan import load_dataset
from evalctl.plan.datasets import Part
from evalctl.plan.shots import load_shots
from evalctl.prompts import Asking, compose, continuations
from evalctl.proving.gold import perturbed, planned_for_check, prove, render_gold
from evalctl_biomedical import rows
from evalctl_biomedical.datasets import DATASETS
from evalctl_biomedical.models import MODELS
from evalctl_biomedical.plugin import evalctl_categories

BY_NAME = {spec.name: spec for spec in DATASETS}
ROWS = {
    "pubmedqa": 500,
    "pubmedqa_no_context": 500,
    "bioasq": 390,
    "bioasq_yesno": 140,
    "bioasq_ideal": 500,
    "mediqa": 380,
    "mediqa_rqe": 230,
    "chemprot": 3469,
    "chemprot_entities": 1397,
}


_FORM = re.compile(r"(_letters)?(_written)?(_(probe|knn)(_5fold)?)?$")
"""What follows a dataset's name in its other forms."""


@pytest.mark.parametrize("spec", DATASETS, ids=lambda spec: spec.name)
def test_gold_answers_score_full_marks_and_other_ones_do_not(
    spec: DatasetSpec, benchmark_data: Path
) -> None:
    # Forms of a dataset have its rows: a part of them is enough.
    count = ROWS.get(spec.name, 100)
    loaded = load_dataset(spec, "biomedical", [benchmark_data], Part(limit=count))
    planned = planned_for_check(loaded)

    right = prove(planned, render_gold(spec), must_be_right=True)
    wrong = prove(planned, perturbed(spec), must_be_right=False)

    assert loaded.n_available == ROWS[_FORM.sub("", spec.name)]
    assert (right.n_rows, right.wrong) == (count, ())
    assert (wrong.n_rows, wrong.wrong) == (count, ())


@pytest.mark.parametrize("spec", DATASETS, ids=lambda spec: spec.name)
def test_every_dataset_by_log_likelihood_names_one_in_words(spec: DatasetSpec) -> None:
    in_words = {one.name for one in DATASETS if one.needs == "generate"}
    assert (spec.needs == "choose") == (spec.otherwise in in_words)


def test_pubmedqas_prompt_is_that_of_published_figures() -> None:
    spec = BY_NAME["pubmedqa"]
    sample = spec.examples[0].sample
    text = compose(spec.prompt, sample, (), Asking()).text
    assert text.startswith("Abstract: Of 40 patients")
    assert text.endswith("\nQuestion: Does the drug help patients to recover?\nAnswer:")
    assert continuations(spec.prompt, sample) == (" yes", " no", " maybe")


@pytest.mark.parametrize(
    ("name", "kind", "end"),
    [
        ("bioasq", "factoid", "in the form `- NAME`, with nothing else on it."),
        ("bioasq", "yesno", "End with a line of the form `Answer: WORD`."),
        ("mediqa", "qa", "where none is correct, `Ranking: none`."),
        ("mediqa", "rqe", "End with a line of the form `Answer: WORD`."),
    ],
)
def test_each_kind_of_question_says_which_form_its_answer_has(
    name: str, kind: str, end: str, benchmark_data: Path
) -> None:
    loaded = load_dataset(BY_NAME[name], "biomedical", [benchmark_data])
    sample = next(one for one in loaded.samples() if kind in one.metadata.values())
    asked = compose(loaded.spec.prompt, sample, (), Asking(style="chat")).messages[-1].content
    assert asked.endswith(end)


def test_of_mediqa_answers_alone_may_be_left_out(benchmark_data: Path) -> None:
    loaded = load_dataset(BY_NAME["mediqa"], "biomedical", [benchmark_data], Part())
    prompts = [one.prompt for one in planned_for_check(loaded).prompts(seed=0)]
    ranked = [one for one in prompts if one.sample_id.startswith("qa/")]
    assert len(ranked) == 150
    assert [one.sample_id for one in prompts if one.cuttable] == [one.sample_id for one in ranked]
    for prompt in ranked:
        start, end = prompt.cuttable or (0, 0)
        assert prompt.text[:start].startswith("Question: ")
        assert prompt.text[:start].endswith("\n\nAnswers:\n")
        assert prompt.text[start:end].startswith("[1] ")
        assert prompt.text[end:].startswith("\nWhich of these answers")


@pytest.mark.parametrize("name", ["pubmedqa", "mediqa_rqe"])
def test_worked_examples_are_none_of_the_questions(name: str, benchmark_data: Path) -> None:
    loaded = load_dataset(BY_NAME[name], "biomedical", [benchmark_data])
    shots = load_shots(loaded, 5, [benchmark_data])
    asked = {sample.input for sample in loaded.samples()}
    assert len(shots) == 5
    assert not asked & {shot.input for shot in shots}
    assert len({shot.target for shot in shots}) == len(shots[0].choices)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_model_says_what_a_planner_must_know(model: ModelSpec) -> None:
    assert model.parameters is not None
    assert {"balanced", "performance"} <= set(model.presets)
    assert set(model.datasets) <= set(BY_NAME)
    assert (model.engine == "vllm") <= (model.kind == "decoder")
    assert bool(model.convention.wrap) == model.is_instruct


def test_biomedlms_name_misleads() -> None:
    (model,) = [model for model in MODELS if model.name == "biomedlm_7b"]
    assert model.parameters == 2_594_247_680


def test_the_category_answers_to_its_long_name() -> None:
    (category,) = evalctl_categories()
    assert (category.name, category.aliases) == ("biomedical", ("biomedical_specialists",))
    primary = [spec.name for spec in category.datasets if spec.role == "primary"]
    secondary = [spec.name for spec in category.datasets if spec.role == "secondary"]
    assert primary == ["pubmedqa", "bioasq", "mediqa"]
    probes = ["chemprot_probe", "chemprot_probe_5fold", "chemprot_knn", "chemprot_knn_5fold"]
    assert secondary == ["bioasq_ideal", "chemprot", *probes]
    assert rows.WORDS == ("yes", "no", "maybe")
