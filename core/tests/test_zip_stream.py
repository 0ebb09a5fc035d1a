from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO
from zipfile import ZipFile

import pytest

from evalctl.errors import OutputError
from evalctl.exporting.zip_stream import ZipStream


def write(file: BinaryIO, members: dict[str, tuple[bytes, ...]]) -> None:
    with tempfile.TemporaryFile() as directory:
        archive = ZipStream(file, directory)
        for name, chunks in members.items():
            archive.add(name, chunks)
        archive.close()


def test_members_are_read_back_by_name(tmp_path: Path) -> None:
    members = {"a.json": (b"[1,", b"2]"), "ordner/é.json": (), "z/../../x": (b"x" * 100_000,)}
    path = tmp_path / "some.zip"
    with path.open("wb") as file:
        write(file, members)
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            name: b"".join(chunks) for name, chunks in members.items()
        }


def test_the_same_members_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        with (tmp_path / name).open("wb") as file:
            write(file, {"a": (b"text",)})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_more_members_than_the_old_form_counts(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with path.open("wb") as file:
        write(file, {f"{number}.json": (b"{}",) for number in range(65_537)})
    with ZipFile(path) as archive:
        assert len(archive.namelist()) == 65_537
        assert archive.read("65536.json") == b"{}"


def test_members_beyond_four_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "sparse.zip"
    with path.open("wb") as file:
        file.seek(5 * 2**30)  # a hole: it takes no room
        write(file, {"far.json": (b"{}",)})
    with ZipFile(path) as archive:
        assert archive.getinfo("far.json").header_offset == 5 * 2**30
        assert archive.read("far.json") == b"{}"


def test_a_name_that_no_zip_file_can_have_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "some.zip").open("wb") as file, pytest.raises(OutputError, match="too long"):
        write(file, {"n" * 70_000: (b"",)})
