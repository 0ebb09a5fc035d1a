"""`evalctl datasets import`: a file of one's own is run without any code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import Site
from tests.test_check import PLUGIN


@pytest.fixture
def place(tmp_path: Path) -> Site:
    """A site with the dataset `quiz`, and three rows in a table of another form."""
    site = Site(tmp_path / "site")
    site.add("quizzes", PLUGIN)
    (site.folder / "mine.csv").write_text("prompt;gold\none?;1\ntwo?;2\nthree?;3\n")
    return site


def _import(place: Site, *more: str) -> tuple[int, str]:
    done = place.run("datasets", "import", "mine.csv", "--as", "mine", *more)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


MAP = ("--map", "question=prompt,answer=gold")


def test_an_imported_file_is_listed_shown_run_and_forgotten(place: Site) -> None:
    code, told = _import(place, *MAP, "--category", "quizzes")
    assert (code, told.splitlines()[:2]) == (
        0,
        [
            "mine: 3 samples, asked and judged as quiz",
            "scored 3 of their answers: all are right",
        ],
    )
    (row,) = (one for one in place.rows("datasets", "-c", "quizzes") if one["name"] == "mine")
    assert (row["is_available"], row["role"]) == (True, "variant")
    shown = place.run("datasets", "show", "mine").stdout
    assert f"at hand    file: {place.folder / 'mine.csv'}" in shown.splitlines()
    assert "example    one?" in shown.splitlines()
    outputs = [
        {"dataset": "mine", "id": str(n), "completions": [answer]}
        for n, answer in enumerate(["1", "2", "wrong"])
    ]
    (place.folder / "o.jsonl").write_text("".join(json.dumps(one) + "\n" for one in outputs))
    done = place.run("run", "--dataset", "mine", "--model", "replay:o.jsonl", "--json")
    assert done.returncode == 0, done.stderr
    (dataset,) = json.loads(done.stdout)["models"][0]["datasets"]
    (metric,) = dataset["metrics"]
    assert (dataset["dataset"], metric["n_scored"]) == ("mine", 3)
    assert place.run("datasets", "forget", "mine").stdout == "mine is forgotten\n"
    assert place.run("datasets", "show", "mine").returncode == 2
    assert (place.folder / "mine.csv").exists()


@pytest.mark.parametrize("name", ["../x", "a b", ""])
def test_a_name_that_is_none_is_refused(place: Site, name: str) -> None:
    done = place.run("datasets", "import", "mine.csv", "--as", name, *MAP, "--like", "quiz")
    assert done.returncode == 2
    assert f"--as {name!r}: give a name of ASCII letters, digits and underscores" in done.stderr


def test_what_had_the_name_before_is_told_to_be_gone(place: Site) -> None:
    _import(place, *MAP, "--like", "quiz")
    code, told = _import(place, *MAP, "--like", "quiz")
    assert code == 0
    assert told.splitlines()[0].endswith("judged as quiz in the place of what had that name")
    (place.folder / "mine.csv").unlink()
    done = place.run("run", "--dataset", "mine", "--model", "reference")
    assert done.returncode == 2
    assert f"imported from {place.folder / 'mine.csv'}, which is not there" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((*MAP,), "--category NAME, or --like DATASET"),
        ((*MAP, "--like", "quiz", "--category", "quizzes"), "or --like DATASET, not both"),
        ((*MAP, "--like", "quizz"), "Did you mean quiz"),
        (("--map", "question", "--like", "quiz"), "write it as FIELD=COLUMN"),
        (("--map", "answer=gold", "--like", "quiz"), "map a question"),
        (("--map", "question=nothing,answer=gold", "--like", "quiz"), "column 'nothing'"),
        (("--map", "question=prompt", "--like", "quiz"), "judged by its answers; map answer="),
        ((*MAP, "--like", "quiz_with_wrong_gold"), "of 3 answers not all are scored as right"),
    ],
)
def test_mistakes_are_told_and_nothing_is_kept(
    arguments: tuple[str, ...], reason: str, place: Site
) -> None:
    code, told = _import(place, *arguments)
    assert code == 2
    assert reason in told
    assert not (place.folder / "config").exists()


def test_a_registered_name_is_not_taken(place: Site) -> None:
    done = place.run("datasets", "import", "mine.csv", "--as", "quiz", *MAP, "--like", "quiz")
    assert done.returncode == 2
    assert "a plugin has a dataset of that name" in done.stderr


def test_a_file_without_rows_is_refused(place: Site) -> None:
    (place.folder / "mine.csv").write_bytes(b"\x00\x01\x02")
    code, told = _import(place, *MAP, "--like", "quiz")
    assert code == 2
    assert "holds no rows that can be read" in told


def test_text_that_is_not_utf_8_is_told_by_line_with_what_mends_it(place: Site) -> None:
    rows = "prompt;gold\none?;1\nOù est le café préféré de l'été ?;2\n"
    (place.folder / "mine.csv").write_bytes(rows.encode("latin-1"))
    code, told = _import(place, *MAP, "--like", "quiz")
    assert code == 2
    assert f"{place.folder / 'mine.csv'}:3: not UTF-8: there is the byte 0xf9" in told
    assert "`iconv -f cp1252 -t utf-8 mine.csv` makes it UTF-8" in told
    assert not (place.folder / "config").exists()


def test_a_file_that_is_gone_later_is_named(place: Site) -> None:
    _import(place, *MAP, "--like", "quiz")
    (place.folder / "mine.csv").unlink()
    done = place.run("run", "--dataset", "mine", "--model", "replay:o.jsonl")
    assert done.returncode == 2
    listed = place.rows("datasets", "-c", "quizzes")
    (row,) = (one for one in listed if one["name"] == "mine")
    assert row["reason"] == f"its file is gone: {place.folder / 'mine.csv'}"
