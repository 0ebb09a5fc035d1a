"""The same rows in every form in which data sets are kept: recognised, ready, the same samples."""

from __future__ import annotations

import csv
import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from core.tests.scan.quizzes import REGISTRY, capitals

from evalctl.scan import scan

ROWS = capitals(12)
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


def _table(path: Path, sign: str) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*ROWS[0]], delimiter=sign)
        writer.writeheader()
        writer.writerows(ROWS)


def _parquet(path: Path) -> None:
    from datasets import Dataset

    Dataset.from_list(ROWS).to_parquet(str(path))


def _saved(path: Path) -> None:
    from datasets import Dataset

    Dataset.from_list(ROWS).save_to_disk(str(path))


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data/test.jsonl", LINES)
        archive.writestr("data/README.md", "Capitals.")


FORMS: dict[str, Callable[[Path], object]] = {
    "a.jsonl": lambda path: path.write_text(LINES),
    "a.txt": lambda path: path.write_text(LINES),
    "a": lambda path: path.write_text(LINES),
    "array.json": lambda path: path.write_text(json.dumps(ROWS)),
    "indented.json": lambda path: path.write_text(json.dumps(ROWS, indent=2)),
    "object.json": lambda path: path.write_text(json.dumps({"version": 2, "data": ROWS})),
    "columns.json": lambda path: path.write_text(
        json.dumps({name: [row[name] for row in ROWS] for name in ROWS[0]})
    ),
    "by_id.json": lambda path: path.write_text(json.dumps({f"r{r['id']}": r for r in ROWS})),
    "a.csv": lambda path: _table(path, ","),
    "a.tsv": lambda path: _table(path, "\t"),
    "semicolons.csv": lambda path: _table(path, ";"),
    "bars.txt": lambda path: _table(path, "|"),
    "a.jsonl.gz": lambda path: path.write_bytes(gzip.compress(LINES.encode())),
    "a.jsonl.zst": lambda path: path.write_bytes(zstandard.compress(LINES.encode())),
    "a.zip": _zip,
    "a.parquet": _parquet,
    "saved": _saved,
}


@pytest.mark.parametrize("name", FORMS)
def test_a_data_set_is_found_in_this_form(name: str, tmp_path: Path) -> None:
    FORMS[name](tmp_path / name)
    report = scan(tmp_path, REGISTRY).report
    assert report.unknown == ()
    (one,) = report.sets
    assert (one.dataset, one.status, one.rows, one.samples) == ("capitals", "ready", 12, 12)


def test_splits_that_were_saved_together_are_told_apart(tmp_path: Path) -> None:
    from datasets import Dataset, DatasetDict

    data = Dataset.from_list(ROWS)
    saved = DatasetDict({"test": data, "train": data.select(range(5))})
    saved.save_to_disk(str(tmp_path / "saved"))
    sets = {one.split: (one.use, one.rows) for one in scan(tmp_path, REGISTRY).report.sets}
    assert sets == {"test": ("samples", 12), "train": ("another split", 5)}


def test_a_cache_of_the_hub_is_read_through_its_links(tmp_path: Path) -> None:
    repository = tmp_path / "datasets--earth--capitals"
    blob = repository / "blobs" / "c0ffee"
    blob.parent.mkdir(parents=True)
    _parquet(blob)
    link = repository / "snapshots" / "0123" / "data" / "test-00000-of-00001.parquet"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../../blobs/c0ffee")
    report = scan(tmp_path, REGISTRY).report
    (one,) = report.sets
    assert (one.dataset, one.status, one.rows, one.use) == ("capitals", "ready", 12, "samples")
    assert [skipped.why for skipped in report.skipped] == ["read where a link leads to it"]
