"""Runs with a judge that end while it is asked."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
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
    samples_file,
    the_run,
    wait_for,
)

JUDGE = """
def ask(sample, completion):
    return (Message(role="user", content=f"{sample.id}: {completion.text}"),)


def read(text):
    return Score(value=int(text.split()[0]) / 4, answer="read")


APPROVAL = MetricSpec(name="approval", title="approval", reduce=mean_value)
JUDGED = ScorerSpec(name="approver", version="1", metrics=(APPROVAL,),
                    judge=JudgeSpec(version="1", prompt=ask, parse=read))
"""
JUDGED = (
    PLUGIN.replace("ModelFacts, Sample,", "ModelFacts, JudgeSpec, Message, Sample,")
    .replace("EXAMPLE =", f"{JUDGE}EXAMPLE =")
    .replace("scorers=(SCORER,)", "scorers=(SCORER, JUDGED)")
    .replace('headline="likeness"', 'headline="approval", groups=("parity",)')
    .replace("cluster=f", 'metadata={"parity": int(number) % 2}, cluster=f')
    .replace("time.sleep(0.02)", "time.sleep(0.05)")
)
MORTAL_JUDGE = JUDGED.replace(
    "    def answer(self, block):",
    "    def answer(self, block):\n"
    "        if self.is_mortal and any('s30' in prompt.sample_id for prompt in block):\n"
    "            import os\n"
    "            os._exit(3)",
).replace(
    'self.is_unsteady = model.path == "unsteady"',
    'self.is_unsteady = False\n        self.is_mortal = model.path == "judge"',
)
"""Dies at half of its verdicts."""
OTHER_JUDGE = JUDGED.replace('content_hash="steady"', "content_hash=model.path + '!'")


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    with driver_at(Site(tmp_path)) as driver:
        (driver.folder / "evalctl_steady.py").write_text(JUDGED)
        yield driver


@pytest.fixture
def run(driver: Driver) -> Path:
    """A run that Ctrl-C ended when some verdicts were there, and all answers."""
    pid = driver.start(*RUN, *MAX_ERRORS, "--judge", "steady:judge")
    wait_for("verdicts", lambda: any(map(n_lines, driver.folder.glob("runs/*/judged/*/*.jsonl"))))
    os.kill(pid, signal.SIGINT)
    assert driver.wait() == 130
    return the_run(driver)


def n_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def judged_of(run: Path) -> Path:
    (path,) = run.glob("judged/*/*.jsonl")
    return path


def n_judged(run: Path) -> int:
    """Return how many samples have the judge's metric, as the summary tells."""
    (model,) = json.loads((run / "summary.json").read_text())["models"]
    (count,) = (
        metric["n_scored"]
        for metric in model["datasets"][0]["metrics"]
        if metric["name"] == "approval"
    )
    assert isinstance(count, int)
    return count


def test_an_interrupted_judge_goes_on_with_what_it_has_not_judged(
    driver: Driver, run: Path
) -> None:
    assert f"evalctl run --resume {run}" in driver.said()
    before = judged_of(run).read_bytes()
    assert n_judged(run) == n_lines(judged_of(run)) < N_SAMPLES
    assert driver.run("run", "--resume", str(run)) == 0, driver.said()
    assert judged_of(run).read_bytes().startswith(before)
    assert n_judged(run) == n_lines(judged_of(run)) == N_SAMPLES


def test_a_judge_whose_process_dies_leaves_what_it_judged(driver: Driver) -> None:
    (driver.folder / "evalctl_steady.py").write_text(MORTAL_JUDGE)
    assert driver.run(*RUN, *MAX_ERRORS, "--judge", "steady:judge") == 1
    run = the_run(driver)
    assert "error: judge steady:judge" in driver.said()
    before = judged_of(run).read_bytes()
    # A sample that was half judged when it died may count, and is in the file of parts.
    n_whole = n_lines(judged_of(run))
    assert 0 < n_whole <= n_judged(run) <= n_whole + 1 < N_SAMPLES
    (driver.folder / "evalctl_steady.py").write_text(JUDGED)
    assert driver.run("run", "--resume", str(run)) == 0, driver.said()
    assert judged_of(run).read_bytes().startswith(before)
    assert n_judged(run) == n_lines(judged_of(run)) == N_SAMPLES


def test_verdicts_are_told_by_group_as_if_nothing_had_happened(driver: Driver, run: Path) -> None:
    def groups() -> list[tuple[str, int]]:
        (model,) = json.loads((run / "summary.json").read_text())["models"]
        return [(one["group"], one["n_total"]) for one in model["datasets"][0]["groups"]["parity"]]

    assert sum(count for _, count in groups()) == n_judged(run) < N_SAMPLES
    assert driver.run("run", "--resume", str(run)) == 0, driver.said()
    assert groups() == [("0", N_SAMPLES // 2), ("1", N_SAMPLES // 2)]


def test_verdicts_count_once_however_often_a_run_is_resumed(driver: Driver, run: Path) -> None:
    for _ in range(3):
        assert driver.run("run", "--resume", str(run)) == 0, driver.said()
    assert n_judged(run) == n_lines(judged_of(run)) == N_SAMPLES


def test_verdicts_are_told_of_when_a_later_resume_is_interrupted(driver: Driver, run: Path) -> None:
    assert driver.run("run", "--resume", str(run)) == 0, driver.said()
    samples = samples_file(run)
    lines = samples.read_bytes().splitlines(keepends=True)
    samples.write_bytes(b"".join(lines[:20]))
    pid = driver.start("run", "--resume", str(run))
    wait_for("samples", lambda: n_lines(samples) > 20)
    os.kill(pid, signal.SIGINT)
    assert driver.wait() == 130
    assert n_judged(run) == N_SAMPLES


def test_verdicts_of_samples_that_are_gone_count_no_more(driver: Driver, run: Path) -> None:
    assert driver.run("run", "--resume", str(run)) == 0
    rows = driver.folder / "data" / "rows.jsonl"
    rows.write_bytes(b"\n".join(rows.read_bytes().splitlines()[10:]) + b"\n")
    assert driver.run("run", "--resume", str(run), "--accept-changes") == 0, driver.said()
    assert n_judged(run) == n_lines(judged_of(run)) == N_SAMPLES - 10
    assert n_lines(judged_of(run).with_name("steady_rows.jsonl.gone")) == 10


def test_another_judge_under_the_same_name_is_noticed(driver: Driver, run: Path) -> None:
    (driver.folder / "evalctl_steady.py").write_text(OTHER_JUDGE)
    done = driver.beside("run", "--resume", str(run))
    assert done.returncode == 2
    assert "judge_model: the contents have changed (content_hash steady → judge!)" in done.stderr
