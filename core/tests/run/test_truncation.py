"""A file of results that was cut off anywhere in its last record, or spoilt at its end."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from core.tests.run.steady import make_plan

from evalctl.errors import OutputError, StorageError
from evalctl.results import RunResult
from evalctl.run import execute, go_on
from evalctl.run.observer import SilentObserver
from evalctl.store import RunFolder

COUNT = 4


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: each of many runs syncs its files."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


@pytest.fixture
def undisturbed(tmp_path: Path) -> RunFolder:
    """A finished run."""
    folder = RunFolder(tmp_path / "undisturbed")
    execute(make_plan(tmp_path, COUNT), folder, SilentObserver())
    return folder


def damaged(run: RunFolder, path: Path, content: bytes) -> RunFolder:
    """Return a copy of a run, as a crash leaves it: without a summary, with such results."""
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(run.path, path)
    copy = RunFolder(path)
    copy.samples_path("steady:x", "lengths").write_bytes(content)
    (path / "summary.json").unlink()
    return copy


def go_on_with(run: RunFolder) -> RunResult:
    plan = make_plan(run.path.parent, COUNT)
    return go_on(plan, run, SilentObserver(), manifest=run.manifest(), is_same=True)


def content_of(run: RunFolder) -> bytes:
    return run.samples_path("steady:x", "lengths").read_bytes()


def comparable(run: RunFolder, result: RunResult) -> tuple[list[object], object]:
    """Return lines by id and the summary, without times and the run's name."""
    lines = [json.loads(line) for line in content_of(run).splitlines()]
    usage = {"load_seconds", "generate_seconds", "tokens_per_second"}
    summary = result.model_dump(
        exclude={"run_id": True, "digest": True, "models": {"__all__": {"usage": usage}}}
    )
    return sorted(lines, key=lambda line: str(line["sample_id"])), summary


def test_a_file_cut_off_at_any_byte_of_its_last_record_is_resumed_to_the_same_end(
    undisturbed: RunFolder, tmp_path: Path
) -> None:
    whole = content_of(undisturbed)
    wanted = comparable(undisturbed, undisturbed.summary())
    last = whole.rfind(b"\n", 0, len(whole) - 1) + 1
    for size in range(last, len(whole)):
        run = damaged(undisturbed, tmp_path / "cut", whole[:size])
        assert comparable(run, go_on_with(run)) == wanted, f"cut off after {size - last} bytes"


@pytest.mark.parametrize("tail", [b"\0" * 4096, b"\xff\xfe\n", b'{"dataset": "lengths"}', b"\n"])
def test_what_a_power_failure_leaves_at_the_end_is_cut_off_and_kept_apart(
    undisturbed: RunFolder, tmp_path: Path, tail: bytes
) -> None:
    whole = content_of(undisturbed)
    run = damaged(undisturbed, tmp_path / "spoilt", whole + tail)
    assert comparable(run, go_on_with(run)) == comparable(undisturbed, undisturbed.summary())
    torn = run.samples_path("steady:x", "lengths").with_name("lengths.jsonl.torn")
    assert torn.read_bytes().strip(b"\n") == tail.strip(b"\n")


def test_damage_in_the_middle_is_named_and_nothing_is_written(
    undisturbed: RunFolder, tmp_path: Path
) -> None:
    lines = content_of(undisturbed).splitlines(keepends=True)
    content = b"".join([lines[0], b"{}\n", *lines[2:]])
    run = damaged(undisturbed, tmp_path / "spoilt", content)
    with pytest.raises(OutputError, match=r"lengths\.jsonl:2 is damaged"):
        go_on_with(run)
    assert content_of(run) == content


def test_a_sample_that_stands_twice_is_named(undisturbed: RunFolder, tmp_path: Path) -> None:
    whole = content_of(undisturbed)
    run = damaged(undisturbed, tmp_path / "twice", whole + whole.splitlines(keepends=True)[0])
    with pytest.raises(OutputError, match="sample é0 stands twice"):
        go_on_with(run)


@pytest.mark.parametrize("spoil", ["{}", "", '{"schema_version": 2}'])
def test_a_damaged_checkpoint_is_passed_over(
    undisturbed: RunFolder, tmp_path: Path, spoil: str
) -> None:
    run = damaged(undisturbed, tmp_path / "spoilt", content_of(undisturbed))
    (checkpoint,) = run.path.glob("checkpoints/*/lengths.json")
    checkpoint.write_text(spoil)
    assert comparable(run, go_on_with(run)) == comparable(undisturbed, undisturbed.summary())


def test_a_checkpoint_of_another_content_is_not_believed(
    undisturbed: RunFolder, tmp_path: Path
) -> None:
    whole = content_of(undisturbed)
    lines = whole.splitlines(keepends=True)
    run = damaged(undisturbed, tmp_path / "edited", b"".join(lines[1:]))
    assert comparable(run, go_on_with(run)) == comparable(undisturbed, undisturbed.summary())


def test_a_checkpoint_that_somebody_changed_is_not_believed(
    undisturbed: RunFolder, tmp_path: Path
) -> None:
    run = damaged(undisturbed, tmp_path / "edited", content_of(undisturbed))
    (checkpoint,) = run.path.glob("checkpoints/*/lengths.json")
    text = checkpoint.read_text()
    checkpoint.write_text(text.replace('"n_answered":4', '"n_answered":3'))
    assert checkpoint.read_text() != text
    assert comparable(run, go_on_with(run)) == comparable(undisturbed, undisturbed.summary())


def test_a_last_line_of_another_version_is_named_and_not_taken_for_a_torn_one(
    undisturbed: RunFolder, tmp_path: Path
) -> None:
    content = content_of(undisturbed).replace(b'"index":', b'"position":')
    run = damaged(undisturbed, tmp_path / "old", content)
    with pytest.raises(OutputError, match=r"lengths\.jsonl.*:1 is damaged or was written by anoth"):
        go_on_with(run)
    assert content_of(run) == content


@pytest.mark.parametrize("index", [-1, COUNT, 10**15])
def test_a_position_that_the_dataset_does_not_have_is_named(
    undisturbed: RunFolder, tmp_path: Path, index: int
) -> None:
    content = content_of(undisturbed).replace(b'"index":3', f'"index":{index}'.encode())
    run = damaged(undisturbed, tmp_path / "elsewhere", content)
    with pytest.raises(OutputError, match=rf"sample é3 has the position {index}"):
        go_on_with(run)


def test_a_file_that_cannot_be_mended_leaves_the_summary_as_it_is(
    undisturbed: RunFolder, tmp_path: Path
) -> None:
    run = damaged(undisturbed, tmp_path / "spoilt", content_of(undisturbed) + b"torn")
    run.samples_path("steady:x", "lengths").with_name("lengths.jsonl.torn").mkdir()
    run.write_summary(undisturbed.summary())
    with pytest.raises(StorageError, match="cannot mend"):
        go_on_with(run)
    assert run.summary() == undisturbed.summary()
