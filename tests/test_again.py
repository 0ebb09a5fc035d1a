"""`evalctl score` and `evalctl rerun`: what a run is good for once it is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Site
from tests.killing import (
    MAX_ERRORS,
    N_SAMPLES,
    PLUGIN,
    RUN,
    Driver,
    driver_at,
    kill,
    results_of,
    samples_file,
    summary_of,
    the_run,
    wait_for,
)

LENIENT = PLUGIN.replace("value=what / 4", "value=1.0").replace(
    'name="likeness_score", version="1"', 'name="likeness_score", version="2"'
)


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    with driver_at(Site(tmp_path)) as driver:
        yield driver


@pytest.fixture
def run(driver: Driver) -> Path:
    assert driver.run(*RUN, *MAX_ERRORS, "--out", "first") == 0, driver.said()
    return the_run(driver, "first")


def headline(run: Path) -> dict[str, Any]:
    (model,) = json.loads((run / "summary.json").read_text())["models"]
    metric: dict[str, Any] = model["datasets"][0]["metrics"][0]
    return metric


def test_the_same_scorers_give_stored_answers_the_same_scores(driver: Driver, run: Path) -> None:
    assert driver.run("score", str(run), "--out", "second") == 0, driver.said()
    assert "the only scorer has the version it had" in driver.said()
    again = the_run(driver, "second")
    assert results_of(again) == results_of(run)
    summary = json.loads((again / "summary.json").read_text())
    assert summary["rescored"] == {"likeness_score": {"then": "1", "now": "1"}}
    assert summary["models"][0]["datasets"] == summary_of(run)["models"][0]["datasets"]
    origin = json.loads((again / "manifest.json").read_text())["derived_from"]
    assert (origin["kind"], origin["run_id"]) == ("score", run.name)


def test_a_changed_scorer_scores_stored_answers_anew_and_both_versions_are_named(
    driver: Driver, run: Path
) -> None:
    before = samples_file(run).read_bytes(), (run / "summary.json").read_bytes()
    (driver.folder / "evalctl_steady.py").write_text(LENIENT)
    done = driver.beside("score", str(run), "--out", "second")
    assert done.returncode == 0, done.stderr
    assert "scorer likeness_score: 1 then, 2 now" in done.stdout
    again = the_run(driver, "second")
    assert headline(again)["value"] > headline(run)["value"]
    old, new = results_of(run), results_of(again)
    assert {name: one["generation"] for name, one in old.items()} == {
        name: one["generation"] for name, one in new.items()
    }
    assert before == (samples_file(run).read_bytes(), (run / "summary.json").read_bytes())


def test_neither_the_model_nor_its_engine_need_be_there(driver: Driver, run: Path) -> None:
    code = LENIENT.replace("@hookimpl\ndef evalctl_engines", "def no_engines")
    (driver.folder / "evalctl_steady.py").write_text(code)
    done = driver.beside("score", str(run), "--out", "second")
    assert done.returncode == 0, done.stderr


def test_a_run_that_was_killed_is_scored_as_far_as_it_came(driver: Driver) -> None:
    pid = driver.start(*RUN, *MAX_ERRORS)
    wait_for("a run", lambda: list(driver.folder.glob("runs/*/samples/*/*.jsonl")))
    run = the_run(driver)
    wait_for("samples", lambda: samples_file(run).read_bytes().count(b"\n") >= 20)
    kill(pid)
    driver.wait()
    assert driver.run("show", str(run)) == 2
    assert f"evalctl score {run.name}" in driver.said()
    assert driver.run("score", str(run), "--out", "second") == 0, driver.said()
    again = the_run(driver, "second")
    assert 20 <= len(results_of(again)) < N_SAMPLES
    assert "of 60 done" in driver.said()
    assert driver.run("run", "--resume", str(again)) == 2
    assert f"evalctl score {run} --out {again.parent}" in driver.said()


def test_a_steady_model_gives_the_same_in_another_order(driver: Driver, run: Path) -> None:
    assert driver.run("rerun", str(run), "--out", "second") == 0, driver.said()
    assert "asked again in another order: the outputs of 0 of 60 samples" in driver.said()
    again = the_run(driver, "second")
    assert list(results_of(again)) != list(results_of(run))
    assert results_of(again) == results_of(run)
    assert (again / "changes.jsonl").read_bytes() == b""


def test_outputs_that_depend_on_their_batch_are_found_by_another_order(driver: Driver) -> None:
    arguments = [word.replace("steady:x", "steady:unsteady") for word in RUN]
    assert driver.run(*arguments, *MAX_ERRORS, "--out", "first") == 0, driver.said()
    run = the_run(driver, "first")
    done = driver.beside("rerun", str(run), "--out", "second", "--json")
    assert done.returncode == 0, done.stderr
    repetition = json.loads(done.stdout)["repetition"]
    again = the_run(driver, "second")
    changes = [json.loads(line) for line in (again / "changes.jsonl").read_text().splitlines()]
    old, new = results_of(run), results_of(again)
    really = {name for name in old if old[name]["generation"] != new[name]["generation"]}
    assert {change["sample_id"] for change in changes} == really
    assert really
    assert all(name.endswith("0") for name in really)
    assert (repetition["n_compared"], repetition["n_changed"]) == (N_SAMPLES, len(really))
    assert repetition["n_scores_changed"] == 0
    for change in changes:
        texts = [
            runs[change["sample_id"]]["generation"]["completions"][change["completion"]]["text"]
            for runs in (old, new)
        ]
        at = change["position"]
        assert texts[0][:at] == texts[1][:at]
        assert texts[0][at : at + 1] != texts[1][at : at + 1]


def test_in_the_same_order_even_such_a_model_gives_the_same(driver: Driver) -> None:
    arguments = [word.replace("steady:x", "steady:unsteady") for word in RUN]
    assert driver.run(*arguments, *MAX_ERRORS, "--out", "first") == 0, driver.said()
    run = the_run(driver, "first")
    assert driver.run("rerun", str(run), "--same-order", "--out", "second") == 0, driver.said()
    assert "the outputs of 0 of 60 samples changed" in driver.said()


def test_other_data_is_not_run_again(driver: Driver, run: Path) -> None:
    rows = driver.folder / "data" / "rows.jsonl"
    rows.write_bytes(b"\n".join(rows.read_bytes().splitlines()[1:]) + b"\n")
    assert driver.run("rerun", str(run), "--out", "second") == 2
    assert "content_hash" in driver.said()
    assert not (driver.folder / "second").exists()
