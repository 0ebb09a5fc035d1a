"""Which files of a folder a scan reads, and which it leaves alone."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from evalctl.scan.kinds import by_beginning, by_name
from evalctl.scan.walk import Found, LeftOut, walk


def _walked(folder: Path) -> dict[str, str]:
    return {str(one.name): "read" if isinstance(one, Found) else one.why for one in walk(folder)}


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text("{}\n")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "one.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (folder / "up").symlink_to(tmp_path)
    (folder / "gone.jsonl").symlink_to(tmp_path / "nothing")
    assert _walked(folder) == {
        "gone.jsonl": "a link that leads nowhere",
        "one.jsonl": "a link that leads out of the folder; it is not followed",
        "up": "a link that leads out of the folder; it is not followed",
    }


def test_a_link_within_the_folder_is_read_in_place_of_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "0a1b").write_text("{}\n")
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "test.jsonl").symlink_to("../blobs/0a1b")
    assert _walked(tmp_path) == {
        "blobs/0a1b": "read where a link leads to it",
        "snapshots/test.jsonl": "read",
    }


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    assert _walked(tmp_path) == {
        "circle": "a link to a folder; it is read where it stands",
        "itself": "a link that leads nowhere",
    }


def test_pipes_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "test.jsonl")
    assert _walked(tmp_path) == {"test.jsonl": "no regular file"}


def test_folders_of_tools_are_not_entered(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config.json").write_text("{}")
    assert [*walk(tmp_path)] == []


def test_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "c.jsonl"):
        (tmp_path / name).write_text("{}\n")
    assert [one.name.name for one in walk(tmp_path)] == ["a.jsonl", "b.jsonl", "c.jsonl"]
    assert not any(isinstance(one, LeftOut) for one in walk(tmp_path))


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("README.md", "documentation"),
        ("LICENSE", "documentation"),
        ("data/test.jsonl.incomplete", "a download that is not whole"),
        ("train.pkl", "a pickle, which is never loaded"),
        ("gsm8k.py", "a program"),
        ("dataset_info.json", "says something about data, and is none"),
        ("test.jsonl.lock", "left over from a download"),
        ("run.log", "a log"),
        ("config.yaml", "settings; YAML is not read"),
        ("test.jsonl", ""),
        ("test", ""),
    ],
)
def test_what_a_name_says(name: str, what: str) -> None:
    assert by_name(PurePosixPath(name)) == what


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\x80\x04\x95rest", "a pickle, which is never loaded"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (b"#!/bin/sh\n", "a program"),
        (b"2024-01-02 03:04:05 INFO begun\n2024-01-02 03:04:06 INFO done\n", "a log"),
        (b'{"results": {}, "configs": {}, "versions": {}}', "a summary of a run"),
        (b'{"question": "2024-01-02 03:04"}\n', ""),
    ],
)
def test_what_the_first_bytes_say(head: bytes, what: str) -> None:
    assert by_beginning(head).startswith(what)
    assert bool(by_beginning(head)) is bool(what)
