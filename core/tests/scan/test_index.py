"""Scans that are kept: what has not changed is not read again, and runs begin from it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from core.tests.scan.quizzes import CAPITALS, OWNER, REGISTRY, YEARS, capital, capitals, write

from evalctl.availability import dataset_availability
from evalctl.errors import DatasetMissingError
from evalctl.plan import load_dataset
from evalctl.plan.shots import shots_of
from evalctl.records import Sample
from evalctl.registry import Entry, Registry
from evalctl.scan import scan_again
from evalctl.sources import HubPart, HubSource, Row
from evalctl.sources.index import index_path, read_index, refused
from evalctl.specs import DatasetSpec


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that indices are kept in."""
    monkeypatch.setenv("EVALCTL_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a dataset under another name, and one that nobody knows."""
    folder = tmp_path / "data"
    write(folder / "mine" / "cities.txt", capitals(12))
    write(folder / "other.jsonl", [{"z": 1}])
    return folder


class Counting:
    """The adapter of `capitals`, which counts the rows that it reads."""

    def __init__(self) -> None:
        self.n_rows = 0

    def __call__(self, row: Row) -> Sample:
        self.n_rows += 1
        return capital(row)


def _registry(reader: Callable[[Row], Sample]) -> Registry:
    spec = CAPITALS.model_copy(update={"to_sample": reader})
    return Registry(dataset_entries=(Entry(spec, OWNER, "quizzes"),))


def _spec(reader: Callable[[Row], Sample]) -> DatasetSpec:
    return _registry(reader).dataset("capitals").spec


def test_nothing_is_read_again_where_nothing_has_changed(folder: Path) -> None:
    reader = Counting()
    first = scan_again(folder, _registry(reader))
    n_rows = reader.n_rows
    assert scan_again(folder, _registry(reader)) == first
    assert reader.n_rows == n_rows > 0


def test_a_changed_file_is_read_again(folder: Path) -> None:
    scan_again(folder, REGISTRY)
    write(folder / "mine" / "cities.txt", capitals(13))
    assert scan_again(folder, REGISTRY).sets[0].rows == 13


def test_a_file_that_was_only_touched_is_known_by_its_hash(folder: Path) -> None:
    reader = Counting()
    scan_again(folder, _registry(reader))
    n_rows = reader.n_rows
    os.utime(folder / "mine" / "cities.txt", ns=(1, 1))
    scan_again(folder, _registry(reader))
    assert reader.n_rows == n_rows


def test_what_is_new_is_read_and_the_rest_is_not_validated_again(folder: Path) -> None:
    first = scan_again(folder, REGISTRY)
    write(folder / "years" / "2001.jsonl", [{"sum": "1 + 1", "total": "2"}])
    write(folder / "years" / "2002.jsonl", [{"sum": "1 + 2", "total": "3"}])
    again = scan_again(folder, REGISTRY)
    assert [one.dataset for one in again.sets] == ["capitals", "years"]
    assert again.sets[0] == first.sets[0]
    assert again.unknown == first.unknown


def test_files_that_are_gone_are_no_longer_told(folder: Path) -> None:
    scan_again(folder, REGISTRY)
    (folder / "other.jsonl").unlink()
    assert scan_again(folder, REGISTRY).unknown == ()


def test_other_plugins_have_it_scanned_afresh(folder: Path) -> None:
    scan_again(folder, REGISTRY)
    assert scan_again(folder, Registry()).sets == ()
    assert [one.dataset for one in scan_again(folder, REGISTRY).sets] == ["capitals"]


def test_a_damaged_index_is_as_good_as_none(folder: Path) -> None:
    first = scan_again(folder, REGISTRY)
    for suffix in (".scan.json", ".sets.json"):
        path = index_path(folder, suffix)
        assert path is not None
        path.write_text('{"format": 1, "sets"')
    assert read_index(folder) is None
    assert scan_again(folder, REGISTRY) == first
    assert read_index(folder) is not None


def test_a_scan_that_cannot_be_kept_is_a_scan_all_the_same(folder: Path, kept: Path) -> None:
    kept.write_text("a file in place of the folder")
    assert scan_again(folder, REGISTRY).sets[0].rows == 12


def test_a_run_finds_files_by_the_index_and_does_not_check_them_again(folder: Path) -> None:
    reader = Counting()
    with pytest.raises(DatasetMissingError):
        load_dataset(_spec(reader), "quizzes", (folder,))
    scan_again(folder, _registry(reader))
    n_rows = reader.n_rows
    loaded = load_dataset(_spec(reader), "quizzes", (folder,))
    assert reader.n_rows == n_rows
    assert loaded.n_available == 12
    assert loaded.content_hash == loaded.located.content_hash()
    assert [sample.id for sample in loaded.samples()] == [str(n) for n in range(12)]


def test_a_run_is_told_of_what_has_changed_since(folder: Path) -> None:
    scan_again(folder, REGISTRY)
    write(folder / "mine" / "cities.txt", capitals(13))
    assert read_index(folder) is not None
    spec = CAPITALS.model_copy(update={"sources": CAPITALS.sources[:1]})
    told = rf"cities.txt has changed since it was indexed; `evalctl datasets index {folder}`"
    with pytest.raises(DatasetMissingError, match=told):
        load_dataset(spec, "quizzes", (folder,))


def test_what_a_run_would_refuse_is_told_to_it_with_the_row(folder: Path) -> None:
    path = write(folder / "mine" / "cities.txt", [*capitals(3), {"country": "x", "capital": "y"}])
    scan_again(folder, REGISTRY)
    told = (
        rf"{path} cannot be used: 1 row of 4 cannot be taken \(mine/cities.txt:4: 'y' is no name "
        rf"of a city\). Mend that, then run `evalctl datasets index {folder}`."
    )
    with pytest.raises(DatasetMissingError, match=told):
        load_dataset(CAPITALS, "quizzes", (folder,))
    assert not dataset_availability(CAPITALS, (folder,)).can_run
    assert str(path) in dataset_availability(CAPITALS, (folder,)).reason


def test_texts_that_may_hurt_are_not_in_what_a_run_is_told(folder: Path) -> None:
    unsafe = CAPITALS.model_copy(update={"is_unsafe": True})
    write(folder / "mine" / "cities.txt", [*capitals(3), {"country": "x", "capital": "y"}])
    scan_again(folder, Registry(dataset_entries=(Entry(unsafe, OWNER, "quizzes"),)))
    (problem,) = refused("capitals", (folder,))
    assert "1 row of 4 cannot be taken (mine/cities.txt:4)" in problem


def test_worked_examples_that_cannot_be_used_are_told(folder: Path) -> None:
    source = HubSource(parts=(HubPart(path="earth/capitals", split="train"),))
    spec = CAPITALS.model_copy(update={"shot_sources": (source,)})
    path = write(folder / "train.jsonl", [*capitals(3), {"country": "x", "capital": "y"}])
    scan_again(folder, Registry(dataset_entries=(Entry(spec, OWNER, "quizzes"),)))
    with pytest.raises(DatasetMissingError, match=f"{path} cannot be used: 1 row of 4"):
        shots_of(spec, 1, (folder,), lambda: ())


def test_a_part_that_nothing_tells_is_told_to_a_run(folder: Path) -> None:
    path = write(folder / "sums.jsonl", [{"sum": "1 + 1", "total": "2"}])
    scan_again(folder, REGISTRY)
    told = f"{path} cannot be used: the name sums.jsonl does not tell which part of years it is"
    with pytest.raises(DatasetMissingError, match=told):
        load_dataset(YEARS, "quizzes", (folder,))


def test_declared_files_come_before_indexed_ones(folder: Path) -> None:
    write(folder / "capitals" / "test.jsonl", capitals(5))
    scan_again(folder, REGISTRY)
    loaded = load_dataset(CAPITALS, "quizzes", (folder,))
    assert loaded.n_available == 5
    assert loaded.located.origin == str(folder / "capitals" / "test.jsonl")
