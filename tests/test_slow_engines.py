"""Engines that say nothing for long: what is finished does not wait for them."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

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
    the_run,
    wait_for,
)

CACHED = tuple(word for word in RUN if word != "--no-cache")
SLEEPS = "            time.sleep(600)\n"
PAUSES = PLUGIN.replace(
    "        time.sleep(0.02)\n",
    f"        if any(prompt.sample_id == 's30' for prompt in block):\n{SLEEPS}",
)
SLOW_TO_LOAD = PLUGIN.replace("    return Steady(model)\n", "    time.sleep(600)\n")


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    with driver_at(Site(tmp_path)) as driver:
        yield driver


def n_lines(run: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in run.glob("samples/*/*.jsonl"))


def begin(driver: Driver, code: str, out: str) -> tuple[int, Path]:
    """Start a run with such a plugin; return its process and its folder."""
    (driver.folder / "evalctl_steady.py").write_text(code)
    pid = driver.start(*CACHED, *MAX_ERRORS, "--out", out)
    wait_for("a run", lambda: list((driver.folder / out).glob("*/manifest.json")))
    return pid, the_run(driver, out)


def n_kept(driver: Driver) -> int:
    """Return how many generations are in the cache."""
    (path,) = (driver.folder / "generations").glob("*.sqlite")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as cache:
        (count,) = cache.execute("SELECT count(*) FROM entries").fetchone()
    assert isinstance(count, int)
    return count


def hits_of(run: Path) -> int:
    hits = json.loads((run / "manifest.json").read_text())["cache"]["hits"]
    assert isinstance(hits, int)
    return hits


def test_what_is_scored_is_on_disk_while_the_engine_is_at_the_next(driver: Driver) -> None:
    pid, run = begin(driver, PAUSES, "first")
    wait_for("the samples before the pause", lambda: n_lines(run) == 30)
    kill(pid)
    driver.wait()
    (driver.folder / "evalctl_steady.py").write_text(PLUGIN)
    assert driver.run("run", "--resume", str(run)) == 0, driver.said()
    assert len(results_of(run)) == N_SAMPLES


TALKS = PLUGIN.replace(
    "        time.sleep(0.02)\n",
    """        from evalctl.engines.phases import report_phase
        report_phase("writing 5 answers")
        time.sleep(0.6)
""",
)
IMPATIENT = """
from evalctl.cli import main, progress
progress.SILENCE_SECONDS, progress.FRESH_SECONDS = 0.2, 0.4
main()
"""


def test_a_log_says_what_is_waited_for_and_how_long_it_will_take(driver: Driver) -> None:
    (driver.folder / "evalctl_steady.py").write_text(TALKS)
    done = driver.python(IMPATIENT, *RUN, *MAX_ERRORS, "--out", "first")
    assert done.returncode == 0, done.stderr
    assert re.search(r"s\] steady:x: 0/60 writing 5 answers\n", done.stderr)
    assert re.search(r"s\] steady:x: \d+/60 writing 5 answers, about \d+ s left", done.stderr)
    assert re.search(r"writing 5 answers, for \d s, about \d+ s left", done.stderr)


def test_a_log_says_that_a_model_is_still_loading(driver: Driver) -> None:
    late = PLUGIN.replace(
        "    return Steady(model)\n", "    time.sleep(1)\n    return Steady(model)\n"
    )
    (driver.folder / "evalctl_steady.py").write_text(late)
    done = driver.python(IMPATIENT, *RUN, *MAX_ERRORS, "--out", "first")
    assert done.returncode == 0, done.stderr
    assert re.search(r"steady:x: starting its process, for \d s\n", done.stderr)


def test_what_came_is_in_the_cache_though_nothing_comes_after_it(driver: Driver) -> None:
    pid, run = begin(driver, PAUSES, "first")
    wait_for("the samples before the pause", lambda: n_lines(run) == 30)
    wait_for("them in the cache", lambda: n_kept(driver) == 30)
    kill(pid)
    driver.wait()
    (driver.folder / "evalctl_steady.py").write_text(PLUGIN)
    assert driver.run(*CACHED, *MAX_ERRORS, "--out", "second") == 0, driver.said()
    assert hits_of(the_run(driver, "second")) == 30


def test_what_the_cache_knows_is_on_disk_while_the_engine_is_loaded(driver: Driver) -> None:
    begin(driver, PLUGIN, "first")
    assert driver.wait() == 0, driver.said()
    rows = driver.folder / "data" / "rows.jsonl"
    rows.write_bytes(rows.read_bytes() + b'{"number": "1000"}\n')
    pid, run = begin(driver, SLOW_TO_LOAD, "second")
    wait_for("the samples that the cache knows", lambda: n_lines(run) == N_SAMPLES)
    kill(pid)
    driver.wait()
    assert samples_file(run).read_bytes().endswith(b"\n")
