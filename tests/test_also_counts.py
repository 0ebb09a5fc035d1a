"""A category counts a dataset of another plugin by its name, and stands without that plugin."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from tests.conftest import Site
from tests.quizzes import SAMPLES, add_quizzes, record

EXAMS = """
from evalctl import CategorySpec, InlineSource, hookimpl
from evalctl_toys import dataset

ROWS = InlineSource(rows=tuple({"question": f"{n} + 0", "answer": str(n)} for n in range(60)))

@hookimpl
def evalctl_categories():
    own = dataset("exam", role="primary", sources=(ROWS,))
    return (CategorySpec(name="exams", title="exams", datasets=(own,), also_counts=("quiz",)),)
"""
RIGHT = {"exam": 45 / 60, "quiz": 30 / 60, "families": 15 / 60}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Two categories, of which one counts the other's dataset, and answers for all of it."""
    site = Site(tmp_path_factory.mktemp("site"))
    add_quizzes(site)
    site.add("exams", EXAMS)
    wrong = {name: SAMPLES[round(60 * share) :] for name, share in RIGHT.items()}
    record(site, "some", wrong)
    record(site, "none", {name: SAMPLES for name in RIGHT})
    return site


def run(site: Site, *arguments: str, out: str = "runs") -> dict[str, Any]:
    done = site.run("run", "--samples", "all", "--out", out, "--json", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def scores(summary: dict[str, Any]) -> dict[str, float]:
    return {one["category"]: one["value"] for one in summary["models"][0]["categories"]}


def test_its_score_is_made_of_both(place: Site) -> None:
    summary = run(place, "--category", "exams", "--model", "replay:some.jsonl")

    (score,) = summary["models"][0]["categories"]
    assert score["made_of"] == ["exam:toy_accuracy", "quiz:toy_accuracy"]
    assert score["value"] == pytest.approx((RIGHT["exam"] + RIGHT["quiz"]) / 2)


def test_a_dataset_of_two_categories_is_asked_once_and_counts_in_both(place: Site) -> None:
    summary = run(
        place, "--category", "exams", "--category", "quizzes", "--model", "replay:some.jsonl"
    )

    asked = [one["dataset"] for one in summary["models"][0]["datasets"]]
    assert sorted(asked) == ["exam", "families", "quiz"]
    assert scores(summary) == {
        "exams": pytest.approx((RIGHT["exam"] + RIGHT["quiz"]) / 2),
        "quizzes": pytest.approx((RIGHT["quiz"] + RIGHT["families"]) / 2),
    }


def test_comparing_runs_pairs_it_in_the_category_that_was_run(place: Site) -> None:
    sides = [
        run(place, "--category", "exams", "--model", f"replay:{name}.jsonl", out="compared")
        for name in ("some", "none")
    ]

    folders = [f"compared/{side['run_id']}" for side in sides]
    done = place.run("compare", *folders, "--json")

    assert done.returncode == 0, done.stderr
    (pair,) = json.loads(done.stdout)["pairs"]
    (category,) = pair["categories"]
    assert category["category"] == "exams"
    assert category["made_of"] == ["exam:toy_accuracy", "quiz:toy_accuracy"]


def test_listings_of_the_category_name_it_with_its_own_category(place: Site) -> None:
    rows = place.rows("datasets", "--category", "exams")
    (exams,) = (row for row in place.rows("categories") if row["name"] == "exams")

    assert {row["name"]: row["category"] for row in rows} == {"exam": "exams", "quiz": "quizzes"}
    assert exams["primary_datasets"] == ["exam", "quiz"]
    assert exams["added"] == []


def test_it_may_be_named_beside_the_category(place: Site) -> None:
    summary = run(place, "--category", "exams", "--dataset", "quiz", "--model", "replay:some.jsonl")

    assert scores(summary) == {"exams": RIGHT["quiz"]}


def test_without_the_other_plugin_it_is_told_as_missing(place: Site) -> None:
    alone = Site(place.folder.parent / "alone")
    shutil.copytree(place.folder, alone.folder)
    shutil.rmtree(alone.folder / "evalctl_quiz-1.2.3.dist-info")
    record(alone, "some", {"exam": SAMPLES[45:]})

    summary = run(alone, "--category", "exams", "--model", "replay:some.jsonl")

    (score,) = summary["models"][0]["categories"]
    assert (score["made_of"], score["missing"]) == (["exam:toy_accuracy"], ["quiz"])
    assert any("'quiz' counts in the category exams" in one for one in summary["notices"])


def test_a_category_cannot_count_its_own_twice(site: Site) -> None:
    add_quizzes(site)
    site.add("exams", EXAMS.replace('("quiz",)', '("exam",)'))

    (row,) = (row for row in site.rows("plugins") if row["name"] == "exams")

    assert row["status"] == "failed"
    assert "'exam' in `also_counts` is a dataset of its own" in str(row["error"])
