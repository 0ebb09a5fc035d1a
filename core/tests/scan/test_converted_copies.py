"""Copies that the hub has converted to Parquet: files are numbered in a folder for each split."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from core.tests.scan.quizzes import REGISTRY, capitals, write

from evalctl.scan import scan
from evalctl.scan.families import is_of_hub
from evalctl.sources import HubPart

PART = HubPart(path="earth/capitals", config="africa", split="test")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("capitals/africa/test/0000.parquet", True),
        ("capitals/africa/test/0001.parquet", True),
        ("capitals/africa/train/0000.parquet", False),
        ("capitals/asia/test/0000.parquet", False),
        ("rivers/africa/test/0000.parquet", False),
        ("capitals/africa/test-00000-of-00001.parquet", True),
        ("capitals/africa/test/train-00000-of-00001.parquet", False),
    ],
)
def test_a_numbered_file_is_of_the_split_that_its_folder_is_called(
    name: str, expected: bool
) -> None:
    assert is_of_hub(PART, PurePosixPath(name)) is expected


def test_numbered_files_of_a_split_are_one_set(tmp_path: Path) -> None:
    for number in range(2):
        rows = capitals(3, first=3 * number)
        write(tmp_path / "default" / "test" / f"{number:04}.jsonl", rows)
    write(tmp_path / "default" / "train" / "0000.jsonl", capitals(3, first=50))
    sets = {
        one.split: (one.use, len(one.files), one.rows)
        for one in scan(tmp_path, REGISTRY).report.sets
    }
    assert sets == {"test": ("samples", 2, 6), "train": ("another split", 1, 3)}
