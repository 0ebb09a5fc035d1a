"""`evalctl datasets`: what it prints and keeps, and that runs begin from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import Site
from tests.test_check import GOOD, PLUGIN


@pytest.fixture
def quizzes(tmp_path: Path) -> Site:
    """A site with small datasets, and a folder that holds one under another name."""
    site = Site(tmp_path / "site")
    site.add("quizzes", PLUGIN)
    folder = site.folder / "data" / "mine"
    folder.mkdir(parents=True)
    rows = "".join(json.dumps(row) + "\n" for row in GOOD)
    (folder / "questions.txt").write_text(rows)
    (folder / "README.md").write_text("Questions.")
    (folder / "other.jsonl").write_text('{"x": 1, "y": [2]}\n')
    return site


def test_a_scan_tells_what_is_there_and_what_is_not(quizzes: Site) -> None:
    done = quizzes.run("datasets", "scan", "data", "--afresh")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == [
        "dataset  files               rows  what for  status",
        "quiz     mine/questions.txt  5     samples   ready ",
        "",
        "unknown: mine/other.jsonl, 1 row",
        "    has x (int), y (list)",
        "    like no registered dataset",
        "",
        "1 set: 1 ready, 1 file unknown",
        "left out: 1 file: documentation (mine/README.md)",
        "",
    ]


def test_strict_fails_on_anything_that_is_not_ready(quizzes: Site) -> None:
    assert quizzes.run("datasets", "scan", "data", "--strict").returncode == 1
    (quizzes.folder / "data" / "mine" / "other.jsonl").unlink()
    assert quizzes.run("datasets", "scan", "data", "--strict").returncode == 0
    (quizzes.folder / "data" / "mine" / "questions.txt").write_text('{"q": "1?", "a": ""}\n')
    assert quizzes.run("datasets", "scan", "data", "--strict").returncode == 1


def test_what_stands_in_place_of_rows_is_not_ready(quizzes: Site) -> None:
    folder = quizzes.folder / "damaged"
    folder.mkdir()
    (folder / "a.zip").write_bytes(b"PK\x03\x04 and no more")
    (folder / "b.jsonl").write_text("version https://git-lfs.github.com/spec/v1\n")
    (folder / "c.csv").write_text("x,y\n1,2\n3\n4,5\n")
    (folder / "d.json").write_bytes(b"")
    done = quizzes.run("datasets", "scan", "damaged", "--strict")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "No registered dataset is in there.",
        "",
        "unknown: a.zip",
        "    a.zip: cannot be unpacked: not a readable zip archive: File is not a zip file",
        "unknown: b.jsonl",
        "    b.jsonl: a pointer of Git LFS; `git lfs pull` fetches the file",
        "unknown: c.csv, 3 rows",
        "    c.csv:3: not as many cells as the header names",
        "    has x (str), y (str)",
        "    like no registered dataset",
        "unknown: d.json",
        "    d.json: empty",
        "",
        "0 sets: 4 files unknown",
    ]


def test_files_that_are_left_out_are_named(quizzes: Site) -> None:
    folder = quizzes.folder / "pictures"
    folder.mkdir()
    for name in "abcde":
        (folder / f"{name}.png").write_bytes(b"\x89PNG")
    done = quizzes.run("datasets", "scan", "pictures")
    assert done.stdout.splitlines()[-1] == (
        "left out: 5 files: an image (a.png, b.png, c.png and 2 more)"
    )


def test_what_is_no_folder_is_refused(quizzes: Site) -> None:
    done = quizzes.run("datasets", "scan", "nothing")
    assert done.returncode == 2
    assert "nothing is not a folder" in done.stderr


def test_an_index_lets_a_dataset_be_found_under_another_name(quizzes: Site) -> None:
    before = quizzes.run("check", "quiz", "--data", "data")
    assert before.returncode == 2
    assert "`evalctl datasets index DIR`" in before.stderr
    indexed = quizzes.run("datasets", "index", "data")
    names = "quiz, quiz_without_gold, quiz_with_wrong_gold"  # all of which read the same rows
    assert indexed.stdout.splitlines()[0] == f"data: 1 data set; 3 can be run: {names}"
    after = quizzes.run("check", "quiz", "--data", "data")
    assert after.returncode == 0, after.stderr
    assert "rows: 5 read" in after.stdout
    (row,) = (one for one in quizzes.rows("datasets", "--data", "data") if one["name"] == "quiz")
    assert row["is_available"] is True
    assert str(row["reason"]).startswith("files, as an index has them: ")


def test_an_index_says_which_of_several_files_runs_take(quizzes: Site) -> None:
    rows = (quizzes.folder / "data" / "mine" / "questions.txt").read_text()
    (quizzes.folder / "data" / "mine" / "again.jsonl").write_text(rows)
    indexed = quizzes.run("datasets", "index", "data").stdout.splitlines()
    assert indexed[1] == "quiz: runs take mine/again.jsonl, and not mine/questions.txt"


def test_an_index_names_what_cannot_be_used_and_why(quizzes: Site) -> None:
    with (quizzes.folder / "data" / "mine" / "questions.txt").open("a") as file:
        file.write('{"q": "1?", "a": ""}\n')
    indexed = quizzes.run("datasets", "index", "data")
    assert indexed.stdout.splitlines() == [
        "data: 1 data set; none can be run",
        "not usable: mine/questions.txt, as quiz: 1 row of 6 cannot be taken "
        "(mine/questions.txt:6: column 'a' holds ''; a text is needed)",
        "unknown: mine/other.jsonl, 1 row",
        "    has x (int), y (list)",
        "    like no registered dataset",
    ]
    done = quizzes.run("run", "--dataset", "quiz", "--model", "reference", "--data", "data")
    assert done.returncode == 2
    assert "mine/questions.txt cannot be used: 1 row of 6 cannot be taken" in done.stderr


def test_several_processes_find_what_one_does(quizzes: Site) -> None:
    rows = (quizzes.folder / "data" / "mine" / "questions.txt").read_text()
    for number in range(3):
        (quizzes.folder / "data" / f"more{number}.jsonl").write_text(rows * number or rows)
    alone = quizzes.run("datasets", "scan", "data", "--afresh", "--json")
    together = quizzes.run("datasets", "scan", "data", "--afresh", "--json", "--workers", "2")
    assert together.returncode == 0, together.stderr
    assert json.loads(together.stdout) == json.loads(alone.stdout)
    assert len(json.loads(alone.stdout)["sets"]) == 4


def test_a_scan_in_json_is_the_same_the_second_time(quizzes: Site) -> None:
    first = quizzes.run("datasets", "scan", "data", "--json").stdout
    assert json.loads(first)["sets"][0]["dataset"] == "quiz"
    assert quizzes.run("datasets", "scan", "data", "--json").stdout == first
    assert quizzes.run("datasets", "scan", "data", "--json", "--afresh").stdout == first
