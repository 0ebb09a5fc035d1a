"""A run that is exported and replayed gives the same summary again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.conftest import Site
from tests.exporting.conftest import HOSTILE, exported, make

from evalctl.exporting.replay import is_exact, written
from evalctl.records import Completion
from evalctl.store import RunFolder


def test_a_replayed_export_has_the_same_summary(site: Site) -> None:
    place = make(site)
    place.record(*([text, "#### 4"] for text in HOSTILE[:7]))
    first = place.run("--repeats", "2")
    exported(first, "replay", site.folder / "again.jsonl")
    second = place.run("--repeats", "2", outputs="again.jsonl")
    assert first.summary().status == second.summary().status == "failed"
    assert first.summary().failures.engine == 1
    before, after = (run.summary().models[0] for run in (first, second))
    for one, other in zip(before.datasets, after.datasets, strict=True):
        assert one.metrics == other.metrics
        assert one.failures == other.failures
    assert before.categories == after.categories


def test_an_export_of_an_export_is_the_same_file(hostile_run: RunFolder, tmp_path: Path) -> None:
    place = make(Site(tmp_path))
    again = exported(hostile_run, "replay", tmp_path / "again.jsonl")
    second = exported(place.run(outputs="again.jsonl"), "replay", tmp_path / "twice.jsonl")
    assert sorted(second.read_bytes().split(b"\n")) == sorted(again.read_bytes().split(b"\n"))


@pytest.mark.parametrize(
    "completion",
    [
        Completion(text="4"),
        Completion(text="", finish_reason="length"),
        Completion(text="4", reasoning="2 + 2"),
        Completion(text="", reasoning="2 +", finish_reason="length"),
        Completion(text="  4\n"),
    ],
)
def test_a_completion_is_read_as_it_was(completion: Completion) -> None:
    assert is_exact(completion)


def test_reasoning_that_cannot_be_told_from_the_answer_is_noticed() -> None:
    odd = Completion(text="4", reasoning="2 </think> 2")
    assert written(odd) == "<think>2 </think> 2</think>4"
    assert not is_exact(odd)


def test_a_run_of_several_models_wants_one_of_them(site: Site) -> None:
    place = make(site)
    place.record(*([text] for text in HOSTILE))
    shutil.copy(site.folder / "outputs.jsonl", site.folder / "other.jsonl")
    run = place.run("--model", "replay:other.jsonl")
    code, _, errors = place.export(str(run.path), "--format", "replay")
    assert code == 2
    assert "--model" in errors
    arguments = ("--format", "replay", "--model", "replay:other.jsonl")
    assert place.export(str(run.path), *arguments)[0] == 0
