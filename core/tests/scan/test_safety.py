"""Folders made to do harm: nothing in them is run, followed, unpacked or held whole."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from core.tests.scan.quizzes import REGISTRY, capitals, write

from evalctl.scan import scan


class _Marks:
    """Writes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


def test_nothing_is_unpickled_or_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    folder = tmp_path / "data"
    folder.mkdir()
    harm = pickle.dumps(_Marks(mark))
    for name in ("a.pkl", "test.jsonl", "state.json", "cache.arrow", "data.zip", "model.pt"):
        (folder / name).write_bytes(harm)
    code = f"import os; os.mkdir({str(mark)!r})\n"
    for name in ("data.py", "conftest.py", "__init__.py", "capitals.py"):
        (folder / name).write_text(code)
    (folder / "dataset.yaml").write_text(f"!!python/object/apply:os.mkdir [{str(mark)!r}]\n")
    report = scan(folder, REGISTRY).report
    assert report.sets == ()
    assert {one.file: one.rows for one in report.unknown} == {
        "cache.arrow": None,
        "data.zip": None,
        "test.jsonl": None,
    }
    assert len(report.skipped) == 8
    assert not mark.exists()


def test_a_bomb_is_told_and_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evalctl.sources.opening.FREE_BYTES", 1 << 20)
    rows = "".join(json.dumps(row) + "\n" for row in capitals(50)).encode()
    (tmp_path / "capitals.jsonl.gz").write_bytes(gzip.compress(rows + b"\n" * (40 << 20)))
    tracemalloc.start()
    (one,) = scan(tmp_path, REGISTRY).report.sets
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert one.status == "unusable"
    assert "expands more than 200-fold" in one.findings[0].cases[0].what
    assert peak < 12 << 20


def test_members_of_archives_write_nothing_outside(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    rows = "".join(json.dumps(row) + "\n" for row in capitals(5))
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("../../evil.jsonl", rows)
        archive.writestr("in/capitals.jsonl", rows)
    before = {*tmp_path.rglob("*")}
    (one,) = scan(folder, REGISTRY).report.sets
    assert one.files == ("a.zip!/in/capitals.jsonl",)
    assert {*tmp_path.rglob("*")} == before


def test_a_file_of_one_line_is_read_in_the_memory_of_a_row(tmp_path: Path) -> None:
    path = tmp_path / "capitals.json"
    text = "x" * 8000
    with path.open("w") as file:
        file.write("[")
        for number in range(11_000):
            row = {"id": number, "country": f"{number} {text}", "capital": "City"}
            file.write(("," if number else "") + json.dumps(row))
        file.write("]")
    assert path.stat().st_size > 80 << 20
    tracemalloc.start()
    (one,) = scan(tmp_path, REGISTRY).report.sets
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (one.status, one.rows) == ("ready", 11_000)
    assert peak < path.stat().st_size / 5


def test_what_a_row_says_cannot_steer_the_terminal(tmp_path: Path) -> None:
    write(tmp_path / "capitals.jsonl", [{"country": "\x1b[2J", "capital": "\x1b[31mno"}])
    (one,) = scan(tmp_path, REGISTRY).report.sets
    assert any(finding.name == "text_control" for finding in one.findings)


def test_nesting_without_end_is_a_broken_row(tmp_path: Path) -> None:
    path = write(tmp_path / "capitals.jsonl", capitals(5))
    path.write_text(path.read_text() + '{"country": ' + "[" * 200_000 + "\n")
    (one,) = scan(tmp_path, REGISTRY).report.sets
    assert (one.status, one.findings[0].n_cases) == ("unusable", 1)
