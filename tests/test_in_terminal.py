"""Commands in a terminal, where progress is shown live."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Site
from tests.killing import MAX_ERRORS, RUN, Driver, driver_at, the_run

CACHED = tuple(word for word in RUN if word != "--no-cache")


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    with driver_at(Site(tmp_path_factory.mktemp("steady"))) as driver:
        yield driver


@pytest.fixture(scope="module")
def run(driver: Driver) -> Path:
    """A run whose generations are in the cache now."""
    assert driver.run(*CACHED, *MAX_ERRORS, "--out", "first") == 0, driver.said()
    return the_run(driver, "first")


def in_terminal(driver: Driver, *arguments: str) -> tuple[int, str]:
    """Run `evalctl` in a terminal of its own; return its exit code and what stood there."""
    master, slave = pty.openpty()
    command = [sys.executable, "-c", "from evalctl.cli import main; main()", *arguments]
    with subprocess.Popen(
        command, env=driver.environment, cwd=driver.folder, stdin=slave, stdout=slave, stderr=slave
    ) as process:
        os.close(slave)
        said = b"".join(iter(lambda: _read(master), b""))
    os.close(master)
    return process.returncode, said.decode(errors="replace")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def test_a_run_whose_answers_are_all_in_the_cache_ends_well(driver: Driver, run: Path) -> None:
    code, said = in_terminal(driver, *CACHED, *MAX_ERRORS, "--out", "second")
    assert code == 0, said
    assert "60/60" in said
    assert "tok/s" not in said
    assert " tokens at " not in said


def test_answers_are_scored_again(driver: Driver, run: Path) -> None:
    code, said = in_terminal(driver, "score", str(run), "--out", "third")
    assert code == 0, said
    assert "60/60" in said
    assert "tok/s" not in said


def test_it_is_shown_what_a_model_is_at(driver: Driver) -> None:
    code, said = in_terminal(driver, *RUN, *MAX_ERRORS, "--out", "sixth")
    assert code == 0, said
    assert "steady:x: waiting for answers 0:00:0" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said)


def test_a_second_model_has_bars_of_its_own(driver: Driver, run: Path) -> None:
    models = ("--model", "steady:y", *CACHED[1:])
    code, said = in_terminal(driver, "run", *models, *MAX_ERRORS, "--out", "fourth")
    assert code == 0, said
    assert "60/60" in said


def test_a_model_that_runs_has_a_speed(driver: Driver) -> None:
    code, said = in_terminal(driver, *RUN, *MAX_ERRORS, "--out", "fifth")
    assert code == 0, said
    assert "tok/s" in said
    assert " tokens at " in said
