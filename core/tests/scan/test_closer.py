"""Rows that are nearly alike, and test rows that stand in training files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from core.tests.scan.quizzes import REGISTRY, write

from evalctl.errors import ConfigError
from evalctl.scan import FoundSet, look_closer, scan
from evalctl.scan.near import near_repeats

LONG = (
    "Before the harvest festival the village counted its barrels twice and found that three of "
    "every seven had leaked during the long drought, so which city lent the others to {place}?"
)
PLACES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gum", "Hazel", "Ivy", "Juniper")
OTHERS = (
    "How many rivers cross the old border between the two northern provinces of that kingdom?",
    "Who wrote the first letter that was carried by the new railway across the whole continent?",
)


def _rows(*questions: str) -> list[dict[str, object]]:
    return [{"id": n, "country": text, "capital": "City"} for n, text in enumerate(questions)]


def _looked(folder: Path, *, near: bool = False, against: Path | None = None) -> FoundSet:
    (one,) = look_closer(scan(folder, REGISTRY), near=near, against=against).sets
    return one


def test_rows_that_differ_in_a_word_are_nearly_the_same() -> None:
    texts = [LONG.format(place="Alder"), *OTHERS, LONG.format(place="Birch")]
    (finding,) = near_repeats(texts)
    assert finding.text == "1 row is nearly what an earlier row is"
    assert finding.cases[0].id == "sample 3"
    assert finding.cases[0].what.endswith("% of sample 0")


def test_rows_that_are_the_same_or_unlike_are_not_near() -> None:
    assert [*near_repeats([*OTHERS, OTHERS[0], f"  {OTHERS[1].upper()}", "", "a"])] == []
    assert [*near_repeats([])] == []


def test_rows_that_are_nearly_alike_change_no_status(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    write(folder / "capitals.jsonl", _rows(*(LONG.format(place=place) for place in PLACES)))
    one = _looked(folder, near=True)
    assert one.status == "ready"
    assert one.findings[-1].name == "near"
    assert one.findings[-1].n_cases == 9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three test rows."""
    write(tmp_path / "data" / "capitals.jsonl", _rows(*OTHERS, LONG.format(place="Elm")))
    return tmp_path / "data"


def test_a_test_row_is_found_in_training_rows(folder: Path, tmp_path: Path) -> None:
    text = f"An essay. {OTHERS[1].upper().replace(' ', '  ')} Nobody knows."
    write(tmp_path / "train" / "a" / "docs.jsonl", [{"n": 1}, {"deep": [{"text": text}]}])
    one = _looked(folder, against=tmp_path / "train")
    assert one.status == "warnings"
    assert one.reasons == ("1 of 3 questions share 13 words in a row with training files",)
    assert [(case.id, case.what) for case in one.findings[-1].cases] == [
        ("1", "stands in a/docs.jsonl:2")
    ]


def test_plain_and_compressed_texts_are_looked_through(folder: Path, tmp_path: Path) -> None:
    train = tmp_path / "train"
    train.mkdir()
    broken = OTHERS[0].replace(" ", "\n", 6)
    (train / "book.txt").write_text("It was a night.\n" * 150 + broken + "\nThe end.\n")
    line = json.dumps({"text": LONG.format(place="Elm")})
    (train / "web.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    one = _looked(folder, against=train)
    assert one.findings[-1].figures["shared"] == 2


def test_a_few_words_in_common_are_no_contamination(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "train" / "a.jsonl", [{"text": " ".join(OTHERS[0].split()[:12])}])
    assert _looked(folder, against=tmp_path / "train").status == "ready"


def test_a_set_phrase_that_many_texts_have_is_none(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "train" / "a.jsonl", [{"n": n, "text": OTHERS[0]} for n in range(11)])
    assert _looked(folder, against=tmp_path / "train").status == "ready"


def test_the_tested_file_is_no_training_file(folder: Path) -> None:
    assert _looked(folder, against=folder).status == "ready"


def test_what_is_no_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--against"):
        _looked(folder, against=tmp_path / "nothing")
