"""Runs of several models and datasets, resumed and disturbed again."""

from __future__ import annotations

import json
import os
import signal
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
    the_run,
    wait_for,
)

TWO = ("run", "--model", "steady:y", *RUN[1:])
ALL = "runs/*/samples/*/*.jsonl"
SLOW_TO_SCORE = PLUGIN.replace("time.sleep(0.002)", "time.sleep(0.04)")


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    with driver_at(Site(tmp_path)) as driver:
        yield driver


def files_of(run: Path) -> list[Path]:
    """Return the files of results, of the first model first."""
    return sorted(run.glob("samples/*/*.jsonl"), reverse=True)


def n_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def cut(path: Path, count: int) -> None:
    """Leave the first few results."""
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:count]))


def done_of(run: Path) -> dict[str, tuple[int, int]]:
    """Return by model how many samples are done, and of how many."""
    summary: dict[str, Any] = json.loads((run / "summary.json").read_text())
    return {
        model["model"]: (model["datasets"][0]["n_done"], model["datasets"][0]["n_samples"])
        for model in summary["models"]
    }


@pytest.fixture
def lacking(driver: Driver) -> Path:
    """A run of two models that lost most results of the first one."""
    assert driver.run(*TWO, *MAX_ERRORS) == 0, driver.said()
    run = the_run(driver)
    cut(files_of(run)[0], 5)
    return run


def resumed_until_some(driver: Driver, run: Path, *more: str) -> int:
    """Begin to resume a run; return its process when the first model is being asked."""
    pid = driver.start("run", "--resume", str(run), *more)
    wait_for("samples", lambda: n_lines(files_of(run)[0]) >= 15)
    return pid


def test_an_interrupted_resume_tells_of_models_that_it_did_not_come_to(
    driver: Driver, lacking: Path
) -> None:
    os.kill(resumed_until_some(driver, lacking), signal.SIGINT)
    assert driver.wait() == 130
    done = done_of(lacking)
    assert 15 <= done["steady:y"][0] <= N_SAMPLES
    assert done["steady:x"] == (N_SAMPLES, N_SAMPLES)


def test_a_resume_with_accepted_changes_that_is_killed_is_resumed_to_the_right_end(
    driver: Driver, lacking: Path
) -> None:
    """All results are matched with the changed dataset before the manifest says that it is so."""
    rows = driver.folder / "data" / "rows.jsonl"
    rows.write_bytes(b"\n".join(reversed(rows.read_bytes().splitlines()[5:])) + b"\n")
    kill(resumed_until_some(driver, lacking, "--accept-changes"))
    driver.wait()
    assert driver.run("run", "--resume", str(lacking)) == 0, driver.said()
    assert set(done_of(lacking).values()) == {(N_SAMPLES - 5, N_SAMPLES - 5)}
    for path in files_of(lacking):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        found = {line["sample_id"]: line["index"] for line in lines}
        wanted = {f"s{number}": N_SAMPLES - 1 - number for number in range(5, N_SAMPLES)}
        assert found == wanted


def test_what_is_being_scored_at_the_end_is_scored_though_ctrl_c_comes(driver: Driver) -> None:
    (driver.folder / "evalctl_steady.py").write_text(SLOW_TO_SCORE)
    pid = driver.start(*RUN, *MAX_ERRORS)
    wait_for("samples", lambda: any(n_lines(path) >= 40 for path in driver.folder.glob(ALL)))
    os.kill(pid, signal.SIGINT)
    assert driver.wait() == 130, driver.said()
    assert done_of(the_run(driver)) == {"steady:x": (N_SAMPLES, N_SAMPLES)}
    assert "answers that are in; Ctrl-C again stops at once" in driver.said()


def test_a_run_is_resumed_from_a_folder_that_cannot_be_written(driver: Driver) -> None:
    """Not even by the superuser: `/proc` takes no files."""
    assert driver.run(*RUN, *MAX_ERRORS) == 0, driver.said()
    run = the_run(driver)
    cut(files_of(run)[0], 50)
    code = "import os; os.chdir('/proc'); from evalctl.cli import main; main()"
    done = driver.python(code, "run", "--resume", str(run))
    assert done.returncode == 0, done.stderr
    assert done_of(run) == {"steady:x": (N_SAMPLES, N_SAMPLES)}
