"""Runs that end before their time, in every way: nothing is lost, nothing stands twice."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    samples_file,
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


def without_source(results: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return results without the mark of the cache."""
    for result in results.values():
        del result["generation"]["from_cache"]
    return results


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
    for child in children_of(pid, mark)[:1]:  # a sample whose two workers die is given up
        kill(child)
    code = driver.wait()
    assert code == 0 or driver.run("run", "--resume", str(run)) == 0, driver.said()
    assert_same(run, undisturbed)


def test_a_killed_run_finds_in_the_cache_what_was_generated_and_not_yet_scored(
    driver: Driver, undisturbed: Path, out: str
) -> None:
    arguments = [word for word in RUN if word != "--no-cache"]
    pid = driver.start(*arguments, *MAX_ERRORS, "--out", out)
    wait_for("a run", lambda: list((driver.folder / out).glob("*/manifest.json")))
    run = the_run(driver, out)
    wait_for("samples", lambda: n_lines(run) >= 20)
    kill(pid)
    driver.wait()
    assert driver.run(*arguments, *MAX_ERRORS, "--out", f"{out}-again") == 0, driver.said()
    again = the_run(driver, f"{out}-again")
    assert driver.run(*arguments, *MAX_ERRORS, "--out", f"{out}-third") == 0, driver.said()
    third = the_run(driver, f"{out}-third")
    assert json.loads((third / "manifest.json").read_text())["cache"]["hits"] == N_SAMPLES
    assert "from the cache" in driver.said()
    for one in (again, third):
        assert without_source(results_of(one)) == without_source(results_of(undisturbed))


def test_a_second_process_on_a_run_folder_is_refused(driver: Driver, out: str) -> None:
    pid, run = begin(driver, out)
    wait_for("samples", lambda: n_lines(run) > 0)
    os.kill(pid, signal.SIGSTOP)
    other = driver.beside("run", "--resume", str(run))
    os.kill(pid, signal.SIGCONT)
    assert driver.wait() == 0
    assert other.returncode == 2
    assert f"the run {run.name} is being written by process" in other.stderr


def test_a_second_ctrl_c_stops_at_once_and_the_run_can_be_resumed(
    driver: Driver, undisturbed: Path, out: str
) -> None:
    pid, run = begin(driver, out)
    wait_for("samples", lambda: n_lines(run) >= 10)
    for _ in range(2):
        os.kill(pid, signal.SIGINT)
        time.sleep(0.01)
    assert driver.wait() == 130
    assert "Traceback" not in driver.said()
    assert f"evalctl run --resume {run}" in driver.said()
    assert driver.run("run", "--resume", str(run)) == 0, driver.said()
    assert_same(run, undisturbed)


def test_a_resume_of_a_finished_run_changes_nothing(driver: Driver, out: str) -> None:
    assert driver.run(*RUN, *MAX_ERRORS, "--out", out) == 0
    run = the_run(driver, out)
    before = samples_file(run).read_bytes(), json.loads((run / "summary.json").read_text())
    assert driver.run("run", "--resume", str(run)) == 0, driver.said()
    assert before == (
        samples_file(run).read_bytes(),
        json.loads((run / "summary.json").read_text()),
    )


def interrupted(driver: Driver, out: str) -> Path:
    """Return a run that was killed in the middle."""
    pid, run = begin(driver, out)
    wait_for("samples", lambda: n_lines(run) >= 10)
    kill(pid)
    driver.wait()
    return run


def test_a_resume_with_other_data_is_refused_unless_it_is_accepted(
    driver: Driver, out: str
) -> None:
    run = interrupted(driver, out)
    rows = driver.folder / "data" / "rows.jsonl"
    before = rows.read_bytes()
    try:
        rows.write_bytes(b"\n".join(reversed(before.splitlines()[5:])) + b"\n")
        assert driver.run("run", "--resume", str(run)) == 2
        assert "content_hash" in driver.said()
        assert "n_samples: 60 → 55" in driver.said()
        assert driver.run("run", "--resume", str(run), "--accept-changes") == 0, driver.said()
    finally:
        rows.write_bytes(before)
    ids = {f"s{number}" for number in range(5, N_SAMPLES)}
    results = results_of(run)
    assert set(results) == ids
    assert {name: result["index"] for name, result in results.items()} == {
        f"s{number}": N_SAMPLES - 1 - number for number in range(5, N_SAMPLES)
    }
    (model,) = json.loads((run / "summary.json").read_text())["models"]
    assert model["datasets"][0]["n_done"] == model["datasets"][0]["n_samples"] == 55
    (resumption,) = json.loads((run / "manifest.json").read_text())["resumed"]
    assert any("content_hash" in change for change in resumption["changes"])


def test_a_resume_with_another_plugin_is_refused(driver: Driver, out: str) -> None:
    run = interrupted(driver, out)
    (info,) = driver.folder.glob("evalctl_steady-*.dist-info")
    metadata = info / "METADATA"
    before = metadata.read_text()
    try:
        metadata.write_text(before.replace("Version: 1.2.3", "Version: 1.2.4"))
        assert driver.run("run", "--resume", str(run)) == 2
    finally:
        metadata.write_text(before)
    assert "plugin evalctl-steady: 1.2.3 → 1.2.4" in driver.said()
    assert "--accept-changes" in driver.said()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"seed": 0', '"seed": 1', "was edited after it was written"),
        (
            '"schema_version": 1',
            '"schema_version": 7',
            "schema version 7; this evalctl reads version 1",
        ),
        ('"run_id"', '"run_name"', "is damaged or was written by another version"),
    ],
)
def test_a_manifest_that_is_not_as_it_was_is_refused(
    driver: Driver, undisturbed: Path, out: str, old: str, new: str, said: str
) -> None:
    run = driver.folder / out / undisturbed.name
    shutil.copytree(undisturbed, run)
    manifest = run / "manifest.json"
    manifest.write_text(manifest.read_text().replace(old, new, 1))
    before = samples_file(run).read_bytes()
    assert driver.run("run", "--resume", str(run)) == 2
    assert said in driver.said()
    assert samples_file(run).read_bytes() == before


@pytest.mark.parametrize(
    "flags",
    [
        ("--samples", "5"),
        ("--samples", "all"),
        ("--no-cache",),
        ("--dry-run",),
        ("--category", "math"),
        ("--model", "reference"),
        ("--dataset", "gsm8k"),
        ("--engine-option", "dtype=float32"),
        ("--pass-k", "1"),
    ],
)
def test_what_a_resume_is_asked_beside_the_run_is_refused(
    driver: Driver, undisturbed: Path, flags: tuple[str, ...]
) -> None:
    assert driver.run("run", "--resume", str(undisturbed), *flags) == 2
    assert re.search(rf"{flags[0]}\b(?!-)", driver.said())


def test_a_full_disk_loses_nothing_and_the_run_goes_on_when_there_is_room(
    driver: Driver, undisturbed: Path, out: str
) -> None:
    """On a real file system of 600 kB that is filled up to what a third of the samples need."""
    (driver.folder / out).mkdir()
    done = driver.in_small_folder(FULL_DISK, out)
    assert done.returncode == 0, done.stdout + done.stderr
    first, second = json.loads(done.stdout.splitlines()[-1])
    assert first["code"] == 1
    assert "No space left on device" in first["said"]
    assert 0 < first["lines"] < N_SAMPLES
    assert first["ends_whole"]
    assert second["code"] == 0
    assert_same(the_run(driver, f"{out}/kept"), undisturbed)


FULL_DISK = """
import json, shutil, subprocess, sys
from pathlib import Path

small, kept, run = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]

def evalctl(*arguments):
    code = "from evalctl.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    files = list(small.glob("runs/*/samples/*/*.jsonl"))
    content = files[0].read_bytes() if files else b""
    return {"code": done.returncode, "said": done.stdout + done.stderr,
            "lines": content.count(b"\\n"), "ends_whole": content.endswith(b"\\n")}

ballast = small / "ballast"
ballast.write_bytes(bytes(shutil.disk_usage(small).free - 60_000))
first = evalctl(*run, "--out", str(small / "runs"))
ballast.unlink()
(folder,) = (small / "runs").iterdir()
second = evalctl("run", "--resume", str(folder))
shutil.copytree(small / "runs", kept)
print(json.dumps([first, second]))
"""
