"""A check holds a few bytes of each row, whatever the row holds."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from core.tests.proving.quiz import look, quiz_file

from evalctl.proving.lengths import Lengths

FEW, MANY = 50, 250
LONG = "word " * 800


def peak_of(folder: Path, count: int, row: str) -> int:
    """Return the most bytes that a survey of so many rows holds."""
    folder.mkdir()
    with (folder / "rows.jsonl").open("w") as file:
        file.writelines(row.replace("#", str(number)) + "\n" for number in range(count))
    spec = quiz_file()
    tracemalloc.start()
    try:
        look(spec, folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "row",
    [
        '{"q": "# LONG", "a": "#"}',
        '{"q": "same LONG", "a": "#"}',
        '{"b": "# LONG"}',
    ],
    ids=["different questions", "one question", "broken rows"],
)
def test_memory_grows_by_a_fraction_of_the_rows(row: str, tmp_path: Path) -> None:
    row = row.replace("LONG", LONG)
    peak_of(tmp_path / "first", 2, row)  # what is imported and built once
    few = peak_of(tmp_path / "few", FEW, row)
    many = peak_of(tmp_path / "many", MANY, row)
    assert (many - few) / (MANY - FEW) < len(row) / 3


def test_a_histogram_of_lengths_has_bounded_cells() -> None:
    lengths = Lengths()
    for number in range(60_000):
        lengths.add(number * 37)
    assert len(lengths._cells) < 15_000
    told = lengths.told("input", "characters")
    assert (told.least, told.longest) == (0, 59_999 * 37)
    assert told.median == pytest.approx(30_000 * 37, rel=0.001)
    assert told.most_of_95 == pytest.approx(57_000 * 37, rel=0.001)
