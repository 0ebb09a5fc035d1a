"""The category's declarations: that its scorers judge real rows, and what its datasets ask."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from evalctl import DatasetSpec
from evalctl.plan import load_dataset
from evalctl.plan.datasets import Part
from evalctl.prompts import Asking, compose
from evalctl.proving.gold import perturbed, planned_for_check, prove, render_gold
from evalctl_scientific.extraction import pubmed_abstracts, scierc
from evalctl_scientific.plugin import evalctl_categories

(CATEGORY,) = evalctl_categories()
ROWS = {
    "scientific_papers": 4,
    "scientific_papers_long": 4,
    "scierc": 551,
    "pubmed_abstracts": 2064,
    "scierc_relations": 974,
    "scicite": 1861,
    "scitldr": 618,
    "scitldr_retrieval": 618,
}
_PROTOCOL = re.compile(r"_(probe|knn)(_5fold)?$")
"""What follows a dataset's name where vectors of its texts are probed."""
SOME = 100
"""Of a dataset's rows, spread over it, are proven here; `evalctl check` proves all."""


AT_HAND = [spec for spec in CATEGORY.datasets if spec.name != "citation_retrieval"]


@pytest.mark.parametrize("spec", AT_HAND, ids=lambda spec: spec.name)
def test_gold_answers_score_full_marks_and_wrong_ones_do_not(
    spec: DatasetSpec, benchmark_data: Path
) -> None:
    loaded = load_dataset(spec, "scientific", [benchmark_data], Part(SOME))
    planned = planned_for_check(loaded)
    # A sentence without entities, whose gold answer names none, has no F1 alone.
    undefined = sum(sample.target == "none" for sample in loaded.samples())

    right = prove(planned, render_gold(spec), must_be_right=True)
    wrong = prove(planned, perturbed(spec), must_be_right=False)

    rows = ROWS[_PROTOCOL.sub("", spec.name)]
    count = min(rows, SOME)
    assert (loaded.n_available, wrong.n_right) == (rows, count)
    assert (right.n_right, right.n_unproven) == (count - undefined, undefined)
    assert (right.wrong, wrong.wrong) == ((), ())


@pytest.mark.parametrize("spec", CATEGORY.datasets, ids=lambda spec: spec.name)
def test_a_question_shows_the_text_and_not_the_solution(spec: DatasetSpec) -> None:
    sample = spec.examples[0].sample

    texts = [
        compose(spec.prompt, sample, (), Asking()).text,
        compose(spec.prompt, sample, (), Asking(style="chat")).messages[0].content,
    ]

    assert all(sample.input in text for text in texts)
    assert not any((sample.solution or "no such text") in text for text in texts)


@pytest.mark.parametrize("spec", [scierc, pubmed_abstracts], ids=lambda spec: spec.name)
def test_gold_entities_are_what_the_schema_allows(spec: DatasetSpec) -> None:
    schema = json.loads(spec.sampling.json_schema)
    entity = schema["properties"]["entities"]["items"]["properties"]

    given = json.loads(spec.examples[0].good)

    assert given.keys() == schema["properties"].keys()
    assert all(one.keys() == entity.keys() for one in given["entities"])
    assert {one["label"] for one in given["entities"]} <= set(entity["label"]["enum"])


def test_a_run_tells_what_engine_and_plugins_lack(benchmark_data: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from evalctl.cli import main; main()", "run", "--dry-run"]
    asked = ["--category", "scientific", "--model", "reference", "--data", str(benchmark_data)]

    done = subprocess.run(
        [*command, *asked, "--samples", "1", "--no-plugin", "general"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    told = " ".join((done.stdout + done.stderr).split())
    assert "scierc: engine transformers does not hold answers to a JSON schema" in told
    assert "left out: science_mmlu, a part of dataset 'mmlu', as no installed plugin" in told


def test_the_questions_of_scienceqa_are_those_of_natural_science_without_a_picture(
    benchmark_data: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", "from evalctl.cli import main; main()", "run", "--dry-run"]
    asked = ["--dataset", "science_scienceqa", "--model", "reference", "--data", benchmark_data]

    done = subprocess.run(
        [*command, *asked, "--samples", "all"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    problems = json.loads((benchmark_data / "scienceqa" / "problems.json").read_text())
    wanted = [
        one
        for one in problems.values()
        if one["subject"] == "natural science" and one["image"] is None
    ]
    assert len(wanted) == 85
    assert "science_scienceqa: 85 of 85 samples" in " ".join(done.stdout.split())


def test_roles_are_those_of_the_category() -> None:
    roles = {spec.name: spec.role for spec in CATEGORY.datasets}

    assert [name for name, role in roles.items() if role == "primary"] == [
        "scientific_papers",
        "scierc",
    ]
    assert roles["pubmed_abstracts"] == "secondary"
