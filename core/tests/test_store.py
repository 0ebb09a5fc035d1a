from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from evalctl.errors import OutputError, StorageError
from evalctl.records import Generation, Prompt
from evalctl.results import RunResult, SampleResult
from evalctl.store import (
    LineWriter,
    Manifest,
    RunFolder,
    RunLock,
    list_runs,
    open_run,
    read_lines,
    slug,
)
from evalctl.store.seals import digest_of


def result(number: int) -> SampleResult:
    name = str(number)
    return SampleResult(
        dataset="d",
        sample_id=name,
        index=number,
        prompt=Prompt(dataset="d", sample_id=name, text="?"),
        target="1",
        generation=Generation(dataset="d", sample_id=name),
    )


def manifest(run_id: str) -> Manifest:
    return Manifest(
        run_id=run_id,
        started="2026-01-01T00:00:00+00:00",
        command=("evalctl", "run"),
        asked={},
        config=None,
        plan={},
        plugins={},
        libraries={},
        hardware={},
    )


def test_every_line_is_on_disk_before_the_writer_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a" / "lines.jsonl"
    writer = LineWriter(path)
    writer.append(result(1))
    assert [line.sample_id for line in read_lines(path, SampleResult)] == ["1"]
    writer.close()


def test_appending_to_an_old_file_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    for number in (1, 2):
        with LineWriter(path) as writer:
            writer.append(result(number))
    assert [line.sample_id for line in read_lines(path, SampleResult)] == ["1", "2"]


def test_a_damaged_line_is_told_without_a_place_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text("{rubbish\n")
    with pytest.raises(OutputError, match=r"written by another version: Invalid JSON: "):
        list(read_lines(path, SampleResult))


def test_a_torn_last_line_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    with LineWriter(path) as writer:
        writer.append(result(1))
    with path.open("ab") as file:
        file.write(b'{"dataset": "d", "sam')
    assert [line.sample_id for line in read_lines(path, SampleResult)] == ["1"]


def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text("garbage\n" + result(1).model_dump_json() + "\n", encoding="utf-8")
    with pytest.raises(OutputError, match=r"lines\.jsonl:1"):
        list(read_lines(path, SampleResult))


def test_lone_surrogates_of_a_model_are_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    odd = result(1).model_copy(update={"target": "a\x00b\ufffd"})
    with LineWriter(path) as writer:
        writer.append(odd)
    assert next(iter(read_lines(path, SampleResult))) == odd


def test_a_run_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "20260101-000000-x")
    folder.create(manifest(folder.run_id))
    assert open_run("20260101-000000-x", tmp_path).path == folder.path
    assert open_run(str(folder.path), Path("elsewhere")).path == folder.path
    assert [run.run_id for run in list_runs(tmp_path)] == [folder.run_id]


def test_an_unknown_run_names_the_newest_ones(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "20260101-000000-x")
    folder.create(manifest(folder.run_id))
    with pytest.raises(OutputError, match="20260101-000000-x"):
        open_run("nothing", tmp_path)


def test_the_summary_of_a_run_that_did_not_end_is_a_clear_error(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(manifest("run"))
    with pytest.raises(OutputError, match="did not end"):
        folder.summary()


def test_a_summary_is_replaced_in_one_piece(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(manifest("run"))
    small = RunResult(run_id="run", status="complete", models=())
    large = small.model_copy(update={"notices": ("x" * 100_000,)})
    stop = threading.Event()
    torn: list[str] = []

    def watch() -> None:
        while not stop.is_set():
            text = (folder.path / "summary.json").read_text(encoding="utf-8")
            try:
                json.loads(text)
            except ValueError:
                torn.append(text)

    folder.write_summary(small)
    watcher = threading.Thread(target=watch)
    watcher.start()
    for turn in range(100):
        folder.write_summary((small, large)[turn % 2])
    stop.set()
    watcher.join()
    assert torn == []


@pytest.mark.parametrize("name", ["vllm:/models/x", "../../etc/passwd", "a" * 300, "a b", ".", ""])
def test_names_become_safe_file_names(name: str) -> None:
    made = slug(name)
    assert made
    assert "/" not in made
    assert made not in {".", ".."}
    assert len(made) <= 80


def test_different_names_stay_different() -> None:
    assert slug("vllm:/a/b") != slug("vllm:/a-b")
    assert slug("reference") == "reference"


def test_a_manifest_that_lacks_a_field_of_later_versions_is_read(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(manifest("run"))
    content = json.loads((folder.path / "manifest.json").read_text())
    del content["derived_from"]
    content["digest"] = digest_of(content)
    (folder.path / "manifest.json").write_text(json.dumps(content))
    assert folder.manifest().derived_from is None


def test_a_manifest_that_was_edited_is_refused(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(manifest("run"))
    path = folder.path / "manifest.json"
    path.write_text(path.read_text().replace("2026-01-01", "2026-01-02"))
    with pytest.raises(OutputError, match="was edited after it was written"):
        folder.manifest()


def test_a_folder_that_is_there_already_is_left_alone(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(manifest("run"))
    with pytest.raises(OutputError, match="cannot make the run folder"):
        folder.create(manifest("run"))
    assert folder.manifest().run_id == "run"


def test_a_run_is_locked_where_the_disk_has_no_room_for_the_holders_name(tmp_path: Path) -> None:
    (tmp_path / ".lock").symlink_to("/dev/full")
    with RunLock(tmp_path):
        pass


def test_a_last_line_that_cannot_be_synced_is_told_of_at_the_end(tmp_path: Path) -> None:
    """A pipe takes lines and cannot be synced."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writer = LineWriter(path)
    writer.append(result(1))
    with pytest.raises(StorageError, match="cannot write"):
        writer.close()
    writer.close()
    os.close(reader)
