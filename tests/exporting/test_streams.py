"""No export holds a run in memory."""

from __future__ import annotations

import shutil
import tracemalloc
from pathlib import Path

import pytest
from tests.exporting.conftest import exported

from evalctl.store import RunFolder

N_SAMPLES = 400
OUTPUT = "y" * 30_000
MAX_BYTES = 4_000_000
"""A third of what the outputs alone take."""


@pytest.fixture(scope="module")
def long_run(hostile_run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The hostile run with many long outputs instead of its own."""
    folder = tmp_path_factory.mktemp("long") / "run"
    shutil.copytree(hostile_run.path, folder)
    (path,) = (folder / "samples").rglob("*.jsonl")
    first = next(iter(hostile_run.results("replay:outputs.jsonl", "gsm8k")))
    completions = tuple(
        one.model_copy(update={"text": OUTPUT}) for one in first.generation.completions
    )
    generation = first.generation.model_copy(update={"completions": completions})
    with path.open("w") as file:
        for number in range(N_SAMPLES):
            names = {"sample_id": f"row-{number}", "index": number, "generation": generation}
            file.write(first.model_copy(update=names).model_dump_json() + "\n")
    return RunFolder(folder)


@pytest.mark.parametrize(
    "form", ["jsonl", "csv", "replay", "lm-eval", "inspect", "every-eval-ever"]
)
def test_memory_does_not_grow_with_the_samples(
    long_run: RunFolder, hostile_run: RunFolder, tmp_path: Path, form: str
) -> None:
    exported(hostile_run, form, tmp_path / "warm")
    tracemalloc.start()
    try:
        exported(long_run, form, tmp_path / "out")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MAX_BYTES


def test_parquet_has_row_groups_that_end_where_texts_are_long(
    long_run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyarrow.parquet import ParquetFile

    from evalctl.exporting import parquet

    monkeypatch.setattr(parquet, "GROUP_CHARACTERS", 1_000_000)
    file = ParquetFile(exported(long_run, "parquet", tmp_path / "out"))
    assert file.metadata.num_rows == N_SAMPLES
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert sizes == [34] * 11 + [26]
