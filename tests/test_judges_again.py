"""Judges whose runs end before all is judged, and verdicts that are read again."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from core.tests.engines import misbehaving_server as server_acts
from core.tests.engines.misbehaving_server import answer
from tests.conftest import Site
from tests.judging import N_SAMPLES, PLUGIN, RUN, Court, by_sample, court_at, dataset_of, metrics_of
from tests.killing import wait_for
from tests.serving_models import COST_EACH, PRICES, first, slowly, usage_of

N_VERDICTS = 2 * N_SAMPLES
SEVENS = answer("Good.\nRating: [[7]]")
OTHER_READING = """
def half(text):
    from evalctl_general.verdicts import read_rating
    score = read_rating(text)
    return score if score.value is None else score.model_copy(update={"value": score.value / 2})


HALVED = LLM_JUDGE_SCORE.judge.model_copy(update={"parse": half, "version": "2"})
LLM_JUDGE_SCORE = LLM_JUDGE_SCORE.model_copy(update={"judge": HALVED, "version": "2"})
"""
OTHER_QUESTION = """
def ask(sample, completion):
    from evalctl_general.judged import rate_turns
    return tuple(messages[1:] for messages in rate_turns(sample, completion))


SHORT = LLM_JUDGE_SCORE.judge.model_copy(update={"prompts": ask, "version": "3"})
LLM_JUDGE_SCORE = LLM_JUDGE_SCORE.model_copy(update={"judge": SHORT, "version": "3"})
"""


@pytest.fixture(scope="module")
def the_court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    # Of one scorer there can be one version, and that is changed here.
    site = Site(tmp_path_factory.mktemp("court"))
    with court_at(site, EVALCTL_DISABLE_PLUGINS="general") as court:
        (court.folder / "prices.yaml").write_text(PRICES)
        yield court


@pytest.fixture
def court(the_court: Court) -> Iterator[Court]:
    """The court, whose server rates everything with 7, and whose plugin is as it was."""
    the_court.server.acts.clear()
    the_court.server.asked.clear()
    the_court.server.then = SEVENS
    yield the_court
    (the_court.folder / "evalctl_talks.py").write_text(PLUGIN.read_text())


@pytest.fixture
def out(request: pytest.FixtureRequest) -> str:
    """The folder of a test's runs."""
    return re.sub(r"\W+", "-", request.node.name)


def change_plugin(court: Court, code: str) -> None:
    """Give the plugin another rubric."""
    mark = "CATEGORIES ="
    text = PLUGIN.read_text().replace(mark, f"{code}\n\n{mark}", 1)
    (court.folder / "evalctl_talks.py").write_text(text)


def n_lines(folder: Path, pattern: str) -> int:
    return sum(path.read_bytes().count(b"\n") for path in folder.glob(pattern))


def n_kept(court: Court, out: str) -> int:
    """Return how many verdicts are on the disk; those of whole samples are there twice."""
    folder = court.folder / out
    return n_lines(folder, "*/verdicts/*/*/*.jsonl")


def newest(court: Court, out: str) -> Path:
    """Return the run that was begun last."""
    paths = (court.folder / out).glob("*/manifest.json")
    return max(paths, key=lambda path: path.stat().st_mtime).parent


def judges_of(run: Path) -> list[dict[str, Any]]:
    (judging,) = dataset_of(run)["judging"]
    judges: list[dict[str, Any]] = judging["judges"]
    return judges


def test_a_run_that_is_killed_loses_no_verdict_that_came(court: Court, out: str) -> None:
    court.server.then = first(5, SEVENS, server_acts.hang)
    flags = ("--judge", court.judge, "--no-cache", "--config", "prices.yaml", "--out", out)
    pid = court.driver.start(*RUN, *flags)
    wait_for("verdicts", lambda: n_kept(court, out) == 5)
    os.killpg(pid, signal.SIGKILL)
    court.driver.wait()
    run = newest(court, out)
    assert n_lines(run, "judged/*/*.jsonl") < 3
    court.server.asked.clear()
    court.server.then = SEVENS
    assert court.driver.run("run", "--resume", str(run)) == 0, court.driver.said()
    assert len(court.server.asked) == N_VERDICTS - 5
    assert metrics_of(run)["llm_judge_score"]["n_scored"] == N_SAMPLES
    assert judges_of(run)[0]["n_verdicts"] == N_VERDICTS
    assert usage_of(run)["judge"]["amount"] == pytest.approx(N_VERDICTS * COST_EACH)
    assert not list(run.glob("verdicts/*/*/*.jsonl"))


def test_a_judge_that_is_gone_midway_loses_no_verdict_and_no_other_judges(
    court: Court, out: str
) -> None:
    other = court.rate(f"{out}.jsonl", by_sample(*[(9, 9)] * N_SAMPLES))
    court.server.then = first(5, SEVENS, slowly(server_acts.refuse(401, "gone"), 2.0))
    flags = ("--judge", court.judge, "--judge", other, "--no-cache")
    run = court.run(*flags, out=out, code=1)
    assert [each["n_lacking"] > 0 for each in judges_of(run)] == [True, False]
    assert metrics_of(run)["llm_judge_score"]["n_scored"] == N_SAMPLES
    said = court.driver.said()
    assert f"error: judge {court.judge}" in " ".join(said.split())
    assert f"evalctl run --resume {run}" in said
    court.server.asked.clear()
    court.server.then = SEVENS
    assert court.driver.run("run", "--resume", str(run)) == 0, court.driver.said()
    assert len(court.server.asked) == N_VERDICTS - 5
    assert [each["n_verdicts"] for each in judges_of(run)] == [N_VERDICTS, N_VERDICTS]
    assert metrics_of(run)["llm_judge_score"]["value"] == 8.0


def test_what_a_verdict_cost_that_did_not_come_is_counted_after_a_resume_too(
    court: Court, out: str
) -> None:
    court.server.then = first(1, server_acts.cut, slowly(server_acts.refuse(401, "gone"), 0.5))
    run = court.run("--judge", court.judge, "--no-cache", out=out, code=1)
    assert usage_of(run)["judge"]["lost_requests"] == 1
    court.server.then = SEVENS
    assert court.driver.run("run", "--resume", str(run)) == 0, court.driver.said()
    assert judges_of(run)[0]["n_verdicts"] == N_VERDICTS
    assert usage_of(run)["judge"]["lost_requests"] == 1
    assert not list(run.glob("verdicts/*/*/*.jsonl"))


def test_verdicts_are_kept_in_the_cache(court: Court, out: str) -> None:
    court.run("--judge", court.judge, out=f"{out}-first")
    court.server.asked.clear()
    run = court.run("--judge", court.judge, out=out)
    assert not court.server.asked
    assert metrics_of(run)["llm_judge_score"]["value"] == 7.0


def test_another_reading_is_scored_again_without_asking_anybody(court: Court, out: str) -> None:
    run = court.run("--judge", court.judge, out=out)
    court.server.asked.clear()
    change_plugin(court, OTHER_READING)
    assert court.driver.run("score", str(run), "--out", out) == 0, court.driver.said()
    assert not court.server.asked
    assert metrics_of(newest(court, out))["llm_judge_score"]["value"] == 3.5
    assert "llm_judge_score: 7.00 → 3.50" in court.driver.said()


def test_another_rubric_is_asked_where_a_judge_is_named_and_told_where_not(
    court: Court, out: str
) -> None:
    run = court.run("--judge", court.judge, out=out)
    court.server.asked.clear()
    change_plugin(court, OTHER_QUESTION)
    assert court.driver.run("score", str(run), "--out", out) == 0, court.driver.said()
    assert not court.server.asked
    assert judges_of(newest(court, out))[0]["n_lacking"] == N_SAMPLES
    assert "no verdict on 6 of 6 samples" in " ".join(court.driver.said().split())
    flags = ("--judge", court.judge, "--out", out)
    assert court.driver.run("score", str(run), *flags) == 0, court.driver.said()
    assert len(court.server.asked) == N_VERDICTS
    again = newest(court, out)
    assert metrics_of(again)["llm_judge_score"]["value"] == 7.0
    (line, *_) = (again / "judged").glob("*/talks.jsonl")
    assert {json.loads(text)["rubric_version"] for text in line.read_text().splitlines()} == {"3"}


def test_another_judge_and_a_baseline_judge_stored_answers(court: Court, out: str) -> None:
    run = court.run("--judge", court.judge, out=out)
    name = f"{out}.jsonl"
    court.rate(name, by_sample(*[(2, 4)] * N_SAMPLES))
    judge = court.choose(name, by_sample(*["ABBA"] * N_SAMPLES))
    flags = ("--judge", judge, "--baseline", "baseline.jsonl", "--out", out)
    assert court.driver.run("score", str(run), *flags) == 0, court.driver.said()
    found = metrics_of(newest(court, out))
    assert (found["llm_judge_score"]["value"], found["win_rate"]["value"]) == (3.0, 0.5)


def test_verdicts_of_an_older_rubric_are_asked_for_again_when_a_run_goes_on(
    court: Court, out: str
) -> None:
    court.server.then = first(N_VERDICTS - 1, SEVENS, server_acts.refuse(400, "no"))
    run = court.run("--judge", court.judge, "--no-cache", out=out, code=1)
    assert judges_of(run)[0]["n_lacking"] == 1
    change_plugin(court, OTHER_QUESTION)
    court.server.then = answer("Good.\nRating: [[9]]")
    assert court.driver.run("run", "--resume", str(run)) == 2
    assert court.driver.run("run", "--resume", str(run), "--accept-changes") == 0
    assert metrics_of(run)["llm_judge_score"]["value"] == 9.0
    assert n_lines(run, "judged/*/talks.jsonl") == N_SAMPLES


def test_judging_stored_answers_goes_on_where_it_was_interrupted(court: Court, out: str) -> None:
    run = court.run("--no-cache", out=out)
    command = ("score", str(run), "--judge", court.judge, "--out", out)
    court.server.then = first(5, SEVENS, server_acts.hang)
    pid = court.driver.start(*command)
    wait_for("verdicts", lambda: n_kept(court, out) == 5)
    os.kill(pid, signal.SIGINT)
    assert court.driver.wait() == 130
    half = newest(court, out)
    again = f"evalctl score {run.name} --judge {court.judge} --out {court.folder / out}"
    assert f"to go on: {again}" in court.driver.said()
    assert court.driver.run("run", "--resume", str(half)) == 2
    assert f"with the verdicts that there are: {again}" in " ".join(court.driver.said().split())
    court.server.asked.clear()
    court.server.then = SEVENS
    assert court.driver.run(*command) == 0, court.driver.said()
    assert len(court.server.asked) == N_VERDICTS - 5
    assert metrics_of(newest(court, out))["llm_judge_score"]["n_scored"] == N_SAMPLES
    court.server.asked.clear()
    assert court.driver.run(*command) == 0, court.driver.said()
    assert not court.server.asked


def test_verdicts_of_another_judge_of_stored_answers_are_not_taken(court: Court, out: str) -> None:
    run = court.run("--no-cache", out=out)
    command = ("score", str(run), "--out", out, "--judge")
    assert court.driver.run(*command, court.judge) == 0, court.driver.said()
    other = court.rate(f"{out}.jsonl", by_sample(*[(2, 4)] * N_SAMPLES))
    assert court.driver.run(*command, other) == 0, court.driver.said()
    assert metrics_of(newest(court, out))["llm_judge_score"]["value"] == 3.0
