"""The example as a third party's package: built, installed with pip, used, and uninstalled."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue
from tests.clean_environment import EXAMPLE, CleanEnvironment

KINDS = ("plugins", "models", "datasets", "engines")
Listings = dict[str, list[dict[str, JsonValue]]]


def listings(environment: CleanEnvironment) -> Listings:
    """All that is listed, without times."""
    found = {kind: environment.rows(kind) for kind in KINDS}
    for row in found["plugins"]:
        del row["load_seconds"]
    return found


@pytest.fixture(scope="module")
def before(clean_environment: CleanEnvironment) -> Listings:
    """What is listed before the example is installed."""
    return listings(clean_environment)


@pytest.fixture(scope="module")
def genomics(clean_environment: CleanEnvironment, before: Listings) -> CleanEnvironment:
    """The environment with the example in it."""
    clean_environment.install("evalctl_genomics")
    return clean_environment


def names(rows: list[dict[str, JsonValue]]) -> set[JsonValue]:
    return {row["name"] for row in rows}


def test_evalctl_alone_offers_no_category(before: Listings) -> None:
    assert names(before["plugins"]) == {"engines", "executors"}
    assert (before["models"], before["datasets"]) == ([], [])


def test_what_the_package_brings_is_listed(genomics: CleanEnvironment, before: Listings) -> None:
    now = listings(genomics)
    assert {kind: names(now[kind]) - names(before[kind]) for kind in KINDS} == {
        "plugins": {"genomics"},
        "models": {"sigma70_consensus", "sigma70_pwm", "qwen25_1_5b"},
        "datasets": {"promoters", "sequence_programs"},
        "engines": {"motif"},
    }
    (plugin,) = [row for row in now["plugins"] if row["name"] == "genomics"]
    assert (plugin["status"], plugin["distribution"]) == ("loaded", "evalctl-genomics")


def test_the_category_runs_at_once_with_the_figures_of_its_readme(
    genomics: CleanEnvironment,
) -> None:
    done = genomics.run("evalctl", "run", "--category", "genomics_specialists", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    figures = {
        model["model"]: [
            (metric["name"], pytest.approx(metric["value"], abs=5e-4))
            for dataset in model["datasets"]
            for metric in dataset["metrics"]
        ]
        for model in result["models"]
    }
    assert figures == {
        "sigma70_consensus": [
            ("promoter_accuracy", 0.75),
            ("promoter_mcc", 0.5774),
            ("promoter_sensitivity", 1.0),
            ("promoter_specificity", 0.5),
        ],
        "sigma70_pwm": [
            ("promoter_accuracy", 0.7917),
            ("promoter_mcc", 0.6083),
            ("promoter_sensitivity", 0.9333),
            ("promoter_specificity", 0.65),
        ],
    }
    assert [n for n in result["notices"] if "made by hand and no language model" in n]
    readme = (EXAMPLE / "README.md").read_text()
    assert "| 75.0 % | 66.6–81.9 | 57.7 | 100.0 % | 50.0 % |" in readme
    assert "| 79.2 % | 71.1–85.5 | 60.8 | 93.3 % | 65.0 % |" in readme


@pytest.mark.parametrize("dataset", ["promoters", "sequence_programs"])
def test_each_datasets_scorer_is_proven_on_its_rows(
    genomics: CleanEnvironment, dataset: str
) -> None:
    done = genomics.run("evalctl", "check", dataset)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_own_tests_pass_where_it_is_installed(genomics: CleanEnvironment) -> None:
    command = ["python", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = genomics.run(*command, within=EXAMPLE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b\d{2,} passed", done.stdout)


def test_uninstalling_it_leaves_everything_as_it_was(
    genomics: CleanEnvironment, before: Listings
) -> None:
    genomics.pip("uninstall", "--yes", "--quiet", "evalctl-genomics")
    try:
        assert listings(genomics) == before
    finally:
        genomics.install("evalctl_genomics")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", sorted((EXAMPLE / "src").rglob("*.py")), ids=lambda p: p.name)
def test_the_example_uses_the_public_api_alone(path: Path) -> None:
    others = {
        name
        for name in imported(path)
        if name.partition(".")[0] not in {"evalctl_genomics", *sys.stdlib_module_names}
    }
    assert others <= {"evalctl"}


def test_the_example_depends_on_evalctl_alone() -> None:
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == ["evalctl>=0.1,<0.2"]
