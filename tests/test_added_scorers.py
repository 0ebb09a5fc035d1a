"""Scorers that a plugin adds may fail, ask a judge and run programs, and spoil nothing by it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.conftest import Site
from tests.killing import MAX_ERRORS, driver_at
from tests.killing import RUN as RUN_STEADY
from tests.market import RUN, dataset_of, furnish, install, ran, values


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What comes out without any plugin."""
    return ran(furnish(Site(tmp_path_factory.mktemp("site"))), "plain", "-d", "gsm8k")


BROKEN = """
def in_box(sample, completion):
    raise OSError("no box")

boxed_answer = boxed_answer.model_copy(update={"score": in_box})
"""
COUNTING = """
def counted(sums):
    raise ValueError("no sum")

def in_box(sample, completion):
    return Score(value=1.0, counts={"n": 1})

boxed_answer = boxed_answer.model_copy(update={"score": in_box, "metrics": (
    MetricSpec(name="boxed_answer", title="t", pooled=counted),)})
"""
SLOW = """
import time

def in_box(sample, completion):
    time.sleep(60)

boxed_answer = boxed_answer.model_copy(
    update={"score": in_box, "is_isolated": True, "timeout_seconds": 0.2})
"""


@pytest.mark.parametrize(
    ("code", "count", "reason"),
    [
        (BROKEN, 3, "boxed_answer: OSError: no box"),
        (COUNTING, 1, "metric boxed_answer: ValueError: no sum"),
        (SLOW, 3, "no end within 0.2 s"),
    ],
    ids=["raises", "pooled", "slow"],
)
def test_failures_of_an_added_scorer_spoil_nothing_and_are_counted_apart(
    plain: dict[str, Any], site: Site, code: str, count: int, reason: str
) -> None:
    install(furnish(site), code)

    summary = ran(site, "broken", "-d", "gsm8k")

    dataset, before = dataset_of(summary), dataset_of(plain)
    assert (summary["status"], summary["failures"]) == ("complete", {"engine": 0, "scorer": 0})
    assert dataset["metrics"][:-1] == before["metrics"]
    assert (dataset["metrics"][-1]["value"], dataset["reasons"]) == (None, [])
    assert dataset["failures"] == {"engine": 0, "scorer": 0}
    (added,) = dataset["added"]
    assert added["failures"] == count
    assert reason in added["reasons"][0]


def test_table_tells_failures_of_an_added_scorer_apart(site: Site) -> None:
    install(furnish(site), BROKEN)

    shown = site.run(*RUN, "-d", "gsm8k").stdout

    assert "gsm8k: 3 where the added scorer boxed_answer failed (in none of its metrics)" in shown
    assert "status:" not in shown


JUDGED = """
from evalctl import JudgeSpec, Message

def ask(sample, completion):
    return (Message(role="user", content=completion.text),)

def read(text):
    return Score(value=float(text == "good"), answer=text)

boxed_answer = boxed_answer.model_copy(
    update={"score": None, "judge": JudgeSpec(prompt=ask, parse=read, version="1")})
"""


def test_added_scorer_may_ask_a_judge(site: Site) -> None:
    install(furnish(site), JUDGED)
    verdicts = [
        {"dataset": "gsm8k/boxed_answer", "id": f"{n}#0", "completions": [text]}
        for n, text in enumerate(("good", "bad", "good"))
    ] + [
        {"dataset": "gsm8k/proof_correctness", "id": f"{n}#0", "completions": ["?"]}
        for n in range(3)
    ]
    (site.folder / "verdicts.jsonl").write_text("".join(json.dumps(v) + "\n" for v in verdicts))

    summary = ran(
        site, "judged", "-d", "gsm8k", "--judge", "replay:verdicts.jsonl", "--max-errors", "3"
    )

    assert values(dataset_of(summary))["boxed_answer"] == pytest.approx(2 / 3)


RUNNING = """
from evalctl import ExecutionRequest, ExecutionSpec, ProgramTests

def program(sample, completion):
    source = f"def is_boxed(n):\\n    return 'boxed' in {completion.text!r}"
    tests = ProgramTests(code="assert is_boxed(1)")
    return ExecutionRequest(id=sample.id, program=source, entry_point="is_boxed", tests=tests)

boxed_answer = boxed_answer.model_copy(
    update={"score": None, "execution": ExecutionSpec(request=program)})
"""


def test_added_scorer_that_cannot_run_programs_here_is_left_out(
    plain: dict[str, Any], site: Site
) -> None:
    install(furnish(site), RUNNING)
    (site.folder / "settings.yaml").write_text("sandbox: {min_isolation: 4}\n")

    summary = ran(site, "left-out", "-d", "gsm8k", "--config", "settings.yaml")

    dataset = dataset_of(summary)
    assert dataset["metrics"] == dataset_of(plain)["metrics"]
    assert dataset["added"] == []
    assert any(
        "left out: scorers that plugins added, boxed_answer" in n for n in summary["notices"]
    )


def test_programs_of_an_added_scorer_are_counted_apart(site: Site) -> None:
    install(furnish(site), RUNNING)

    dataset = dataset_of(ran(site, "programs", "-d", "gsm8k"))

    assert values(dataset)["boxed_answer"] == pytest.approx(2 / 3)
    assert (dataset["outcomes"], dataset["isolation_level"]) == ({}, None)
    assert dataset["added"][0]["outcomes"] == {"passed": 2, "wrong_answer": 1}
    assert dataset["added"][0]["isolation_level"] is not None


BRIEF = """
from evalctl import MetricSpec, Score, ScorerSpec, hookimpl, mean_value

def brief(sample, completion):
    return Score(value=float(len(completion.text) < 99), answer="read")

@hookimpl
def evalctl_scorers():
    metrics = (MetricSpec(name="brief", title="t", reduce=mean_value),)
    return [ScorerSpec(name="brief", version="1", score=brief, metrics=metrics,
                       datasets=("steady_rows",))]
"""


def test_generations_are_found_in_the_cache_with_and_without_it(site: Site) -> None:
    with driver_at(site) as driver:
        arguments = (*RUN_STEADY[:-1], *MAX_ERRORS, "-n", "10")
        driver.start(*arguments, "--out", "first")
        assert driver.wait() == 0, driver.said()
    site.add("brief", BRIEF)

    done = site.run(*arguments, "--json")

    summary = json.loads(done.stdout)
    assert summary["models"][0]["usage"]["cached"] == 10
    assert dataset_of(summary, "steady_rows")["added"][0]["plugin"] == "brief"
    assert values(dataset_of(summary, "steady_rows"))["brief"] == 1.0
