"""A new folder is whole or not there, and what is there already stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalctl.errors import OutputError
from evalctl.scaffold import write_folder

TEXTS = {"a.txt": "ä\n", "deep/er/b.txt": ""}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_are_written_as_they_are(tmp_path: Path) -> None:
    write_folder(tmp_path / "new", TEXTS)
    assert (tmp_path / "new/a.txt").read_bytes() == "ä\n".encode()
    assert (tmp_path / "new/deep/er/b.txt").read_bytes() == b""
    assert names(tmp_path) == ["new"]


@pytest.mark.parametrize("name", ["a b", "it's", 'a "b"', "line\nbreak", "$(id)", "ü", "x\udcff"])
def test_the_folder_around_it_may_have_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    write_folder(tmp_path / name / "new", TEXTS)
    assert names(tmp_path / name / "new") == ["a.txt", "deep"]


def test_an_empty_folder_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    with pytest.raises(OutputError, match="new is there already; remove it, or name another"):
        write_folder(tmp_path / "new", TEXTS)
    assert names(tmp_path / "new") == []


def test_a_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("mine")
    with pytest.raises(OutputError, match="is there already"):
        write_folder(tmp_path / "new", TEXTS)
    assert (tmp_path / "new").read_text() == "mine"
    assert names(tmp_path) == ["new"]


def test_a_link_to_nowhere_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "new").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="is there already"):
        write_folder(tmp_path / "new", TEXTS)
    assert names(tmp_path) == ["new"]


@pytest.mark.parametrize("parent", ["missing", "file"])
def test_the_folder_around_it_must_be_there(tmp_path: Path, parent: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match=f"{parent} is not a folder; make it first"):
        write_folder(tmp_path / parent / "new", TEXTS)
    assert names(tmp_path) == ["file"]


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*new: "):
        write_folder(tmp_path / "new", {"a": "a file", "a/b": "in that file"})
    assert names(tmp_path) == []


def test_what_is_no_error_of_the_disk_leaves_nothing_either(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_folder(tmp_path / "new", {"a": "a", "b": "\udcff"})
    assert names(tmp_path) == []
