"""Engines that die, hang or refuse: what was finished is kept, and nothing is left running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Site

ENGINE = """
from __future__ import annotations

import multiprocessing
import os
import signal
import time

from evalctl import (
    Completion, EngineInfo, EngineOptions, EngineSpec, Generation, ModelError, ModelFacts, hookimpl,
)


def work():
    time.sleep(600)


class Odd:
    def __init__(self, mood):
        self.mood = mood
        if mood == "forsaken":
            self.child = multiprocessing.get_context("spawn").Process(target=work, daemon=True)
            self.child.start()
        self.info = EngineInfo(name="odd")

    def generate(self, prompts):
        if self.mood == "never":
            os.kill(os.getpid(), signal.SIGKILL)
        for number, prompt in enumerate(prompts):
            is_poison = self.mood == "poison" and "poison" in prompt.text + str(prompt.messages)
            if (number == 3 and self.mood == "dies") or is_poison:
                time.sleep(0.5)  # what was yielded is on its way by then
                os.kill(os.getpid(), signal.SIGKILL)
            if number == 3 and self.mood == "forsaken":
                time.sleep(0.5)
                os.kill(self.child.pid, signal.SIGKILL)
                time.sleep(600)
            if number == 3 and self.mood == "raises":
                raise RuntimeError("out of luck")
            if number == 3 and self.mood == "hangs":
                time.sleep(600)
            if number == 3 and self.mood == "stops":
                return
            completion = Completion(text="#### 2", output_tokens=3)
            yield Generation(dataset=prompt.dataset, sample_id=prompt.sample_id,
                             completions=(completion,))

    choose = generate

    def close(self):
        pass


def check(model, options):
    return ModelFacts()


def open_engine(model, options):
    if model.path == "refuses":
        raise ModelError("model odd:refuses: its architecture is not one of ours")
    return Odd(model.path)


@hookimpl
def evalctl_engines():
    return [EngineSpec(name="odd", title="odd", capabilities=("generate",), kinds=("decoder",),
                       options=EngineOptions, factory="evalctl_odd:open_engine", check=check)]
"""


QUESTIONS = ("1 + 1",) * 5 + ("1 + poison",) + ("1 + 1",) * 2


@pytest.fixture
def place(site: Site) -> Site:
    """The odd engine, and eight rows of GSM8K's form."""
    site.add("odd", ENGINE)
    folder = site.folder / "data" / "gsm8k"
    folder.mkdir(parents=True)
    rows = [{"question": f"{what}?", "answer": "1 + 1 = 2\n#### 2"} for what in QUESTIONS]
    (folder / "test.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return site


def arguments(mood: str, *more: str) -> tuple[str, ...]:
    fixed = ("--dataset", "gsm8k", "--data", "data", "--shots", "0")
    return ("run", "--model", f"odd:{mood}", *fixed, *more)


def summary_of(place: Site) -> dict[str, Any]:
    (path,) = (place.folder / "runs").glob("*/summary.json")
    summary: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return summary


def ids_of(place: Site, kind: str) -> list[str]:
    (path,) = (place.folder / "runs").glob(f"*/{kind}/*/gsm8k.jsonl")
    lines = path.read_text(encoding="utf-8").splitlines()
    return sorted(json.loads(line)["sample_id"] for line in lines)


@pytest.mark.parametrize("mood", ["dies", "raises", "forsaken"])
def test_an_engine_that_ends_in_the_middle_is_started_again(place: Site, mood: str) -> None:
    done = place.run(*arguments(mood))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "the engine died; it is started again" in done.stderr
    summary = summary_of(place)
    (dataset,) = summary["models"][0]["datasets"]
    assert ids_of(place, "samples") == [str(number) for number in range(8)]
    assert dataset["failures"] == {"engine": 0, "scorer": 0}
    assert dataset["metrics"][0]["n_scored"] == 8
    assert summary["status"] == "complete"


def test_a_sample_that_an_engine_does_not_survive_is_set_aside(place: Site) -> None:
    done = place.run(*arguments("poison"))
    assert done.returncode == 1, done.stderr
    (dataset,) = summary_of(place)["models"][0]["datasets"]
    assert ids_of(place, "samples") == ["0", "1", "2", "3", "4", "6", "7"]
    assert ids_of(place, "failures") == ["5"]
    assert dataset["failures"] == {"engine": 1, "scorer": 0}
    assert "set aside: the engine died 2 times" in dataset["reasons"][0]
    assert "signal 9" in dataset["reasons"][0]
    assert dataset["metrics"][0]["value"] == 1.0


def test_an_engine_that_always_dies_is_given_up_and_the_run_can_go_on_later(place: Site) -> None:
    done = place.run(*arguments("never"))
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("it is started again") == 2
    assert f"evalctl run --resume {place.folder}/runs/" in done.stderr
    (model,) = summary_of(place)["models"]
    assert "signal 9" in model["error"]
    assert model["datasets"][0]["failures"] == {"engine": 8, "scorer": 0}
    assert model["datasets"][0]["n_done"] == 0


def test_an_engine_that_passes_samples_over_is_told_so(place: Site) -> None:
    assert place.run(*arguments("stops")).returncode == 1
    (dataset,) = summary_of(place)["models"][0]["datasets"]
    assert dataset["metrics"][0]["n_scored"] == 3
    assert dataset["failures"]["engine"] == 5


def test_a_model_that_its_engine_refuses_is_the_users_mistake(place: Site) -> None:
    done = place.run(*arguments("refuses"))
    assert done.returncode == 2
    assert "its architecture is not one of ours" in done.stderr
    assert list((place.folder / "runs").glob("*")) == []


def test_one_refused_model_of_two_does_not_stop_the_other(place: Site) -> None:
    done = place.run(*arguments("refuses", "--model", "odd:well"))
    assert done.returncode == 1
    refused, well = summary_of(place)["models"]
    assert "not one of ours" in refused["error"]
    assert well["error"] is None
    assert well["datasets"][0]["n_done"] == 8


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_keeps_what_was_scored_and_leaves_no_process(
    place: Site, number: signal.Signals
) -> None:
    code = "import sys; from evalctl.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(place.folder)}
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments("hangs")],
        cwd=place.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for_lines(place.folder / "runs", 3)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    summary = summary_of(place)
    assert summary["status"] == "interrupted"
    assert summary["failures"] == {"engine": 0, "scorer": 0}
    assert summary["models"][0]["datasets"][0]["n_done"] == 3
    assert processes_below(place.folder) == []


def wait_for_lines(folder: Path, count: int) -> None:
    for _ in range(600):
        found = [path.read_text().count("\n") for path in folder.rglob("gsm8k.jsonl")]
        if found and found[0] >= count:
            return
        time.sleep(0.1)
    raise AssertionError("no results came within a minute")


def processes_below(folder: Path) -> list[str]:
    """Commands of the processes that still work in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve() == folder.resolve():
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found
