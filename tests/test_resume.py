"""Runs that end before their time, in every way: nothing is lost, nothing stands twice."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Site
from tests.killing import (
    MAX_ERRORS,
    N_SAMPLES,
    RUN,
    Driver,
    children_of,
    driver_at,
    kill,
    results_of,
    summary_of,
    the_run,
    wait_for,
)

INSTANTS = 11
"""For each kind of process that is killed."""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    with driver_at(Site(tmp_path_factory.mktemp("steady"))) as driver:
        yield driver


@pytest.fixture(scope="module")
def undisturbed(driver: Driver) -> Path:
    """A run that nobody disturbs."""
    assert driver.run(*RUN, *MAX_ERRORS, "--out", "undisturbed") == 0, driver.said()
    run = the_run(driver, "undisturbed")
    assert len(results_of(run)) == N_SAMPLES
    return run


@pytest.fixture
def out(request: pytest.FixtureRequest) -> str:
    """The folder of a test's runs."""
    return f"runs-{abs(hash(request.node.name))}"


def begin(driver: Driver, out: str) -> tuple[int, Path]:
    """Start a run; return its process and its folder, once there is one."""
    pid = driver.start(*RUN, *MAX_ERRORS, "--out", out)
    wait_for("a run", lambda: list((driver.folder / out).glob("*/manifest.json")))
    return pid, the_run(driver, out)


def wait_for_some(run: Path, instant: int) -> None:
    """Wait for a random number of samples, and then for less than a block of five takes."""
    chance = random.Random(instant)
    count = chance.randrange(N_SAMPLES - 10)
    wait_for("samples", lambda: count == 0 or n_lines(run) >= count)
    time.sleep(chance.uniform(0.0, 0.03))


def n_lines(run: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in run.glob("samples/*/*.jsonl"))


def assert_same(run: Path, undisturbed: Path) -> None:
    assert results_of(run) == results_of(undisturbed)
    assert summary_of(run) == summary_of(undisturbed)


@pytest.mark.parametrize("instant", range(INSTANTS))
def test_a_run_whose_process_is_killed_is_resumed_to_the_same_end(
    driver: Driver, undisturbed: Path, out: str, instant: int
) -> None:
    pid, run = begin(driver, out)
    wait_for_some(run, instant)
    kill(pid)
    driver.wait()
    assert driver.run("run", "--resume", str(run)) == 0, driver.said()
    assert_same(run, undisturbed)


@pytest.mark.parametrize("instant", range(INSTANTS))
@pytest.mark.parametrize("mark", ["host_main", "multiprocessing.spawn"])
def test_a_run_whose_engine_or_scoring_worker_is_killed_comes_to_the_same_end(
    driver: Driver, undisturbed: Path, out: str, mark: str, instant: int
) -> None:
    pid, run = begin(driver, out)
    wait_for("its process", lambda: children_of(pid, mark))
    wait_for_some(run, instant)
    for child in children_of(pid, mark):
        kill(child)
    code = driver.wait()
    assert code == 0 or driver.run("run", "--resume", str(run)) == 0, driver.said()
    assert_same(run, undisturbed)
