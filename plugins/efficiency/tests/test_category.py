"""The category's datasets: lighter forms of other plugins' ones, found by name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evalctl.assembly import Contribution, assemble
from evalctl.plan import load_dataset
from evalctl.plugins import load
from evalctl.registry import Owner, Registry
from evalctl_efficiency.plugin import EXCERPTS, evalctl_categories

EVERY = {"humaneval_light": 4, "gsm8k_light": 20, "arc_challenge_light": 20}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load().registry


@pytest.mark.parametrize(("name", "every"), EVERY.items())
def test_a_lighter_form_has_a_part_of_the_whole_spread_over_it(
    name: str, every: int, registry: Registry, benchmark_data: Path
) -> None:
    entry = registry.dataset(name)
    whole = registry.dataset(name.removesuffix("_light"))

    part = load_dataset(entry.spec, "efficiency", [benchmark_data])
    samples = list(part.samples())
    all_of_it = list(load_dataset(whole.spec, whole.category, [benchmark_data]).samples())

    assert len(samples) > 40
    assert [one.id for one in samples] == [one.id for one in all_of_it[::every]]


def test_it_is_asked_and_judged_as_the_whole_is(registry: Registry) -> None:
    part, whole = (registry.dataset(name).spec for name in ("gsm8k_light", "gsm8k"))

    assert part.prompt == whole.prompt
    assert part.headline == whole.headline
    assert [one.score for one in part.scorers] == [one.score for one in whole.scorers]


def test_a_model_that_tells_no_likelihoods_is_asked_for_letters(registry: Registry) -> None:
    assert registry.dataset("arc_challenge_light").spec.otherwise == "arc_challenge_light_letters"
    assert registry.dataset("arc_challenge_light_letters").spec.needs == "generate"


def test_there_is_something_to_run_without_any_download(registry: Registry) -> None:
    spec = registry.dataset("efficiency_sample").spec

    assert spec.role == "sample"
    assert load_dataset(spec, "efficiency", []).n_samples == 50


def test_absent_plugins_are_named(tmp_path: Path) -> None:
    done = evalctl(tmp_path, "run", "-c", "efficiency", "-m", "reference", *without("math"))

    assert done.returncode == 2
    told = " ".join(done.stderr.split())
    for dataset in ("'humaneval'", "'gsm8k'", "'arc_challenge'", "'math_sample'"):
        assert dataset in told


def test_a_score_lacks_what_absent_plugins_would_bring(
    tmp_path: Path, benchmark_data: Path
) -> None:
    told = evalctl(
        tmp_path, *("run", "-c", "efficiency", "-m", "reference", "-n", "1", "--dry-run"),
        *("--data", str(benchmark_data)), *without(),
    )  # fmt: skip

    assert told.returncode == 0, told.stderr
    assert "left out: humaneval_light, a part of dataset 'humaneval'" in " ".join(
        told.stdout.split()
    )
    assert "gsm8k_light" in told.stdout


def without(*more: str) -> list[str]:
    return [word for name in ("coding", "general", *more) for word in ("--no-plugin", name)]


def evalctl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from evalctl.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "HF_HOME": str(folder), "EVALCTL_DATA": "", "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip


def test_without_the_other_plugins_the_category_stands() -> None:
    (category,) = evalctl_categories()
    owner = Owner("efficiency", "evalctl-efficiency", "1")

    registry, _ = assemble([Contribution(owner=owner, categories=(category,))])

    assert registry.datasets_of("efficiency") == ()
    assert [one.dataset for one in registry.category("efficiency").excerpts] == [
        "humaneval",
        "gsm8k",
        "arc_challenge",
        "math_sample",
    ]
    assert len(EXCERPTS) == 4
