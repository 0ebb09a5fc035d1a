"""An article that is longer than a model reads: cut, told, and told again in exports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from plugins.biomedical.tests.tiny_models import write_model

pytest.importorskip("torch")
pytest.importorskip("transformers")


def evalctl(folder: Path, data: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "evalctl", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "EVALCTL_DATA": str(data), "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_cut_article_is_told_in_the_report_in_exports_and_by_replay(
    benchmark_data: Path, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "llama", "llama")
    asked = ("run", "--dataset", "scientific_papers", "--samples", "2", "--no-cache")
    short = ("--engine-option", "max_model_len=256", "--max-tokens", "8")
    said = evalctl(tmp_path, benchmark_data, *asked, "--model", f"transformers:{model}", *short)
    (run,) = (tmp_path / "runs").iterdir()
    evalctl(tmp_path, benchmark_data, "export", str(run), "--format", "jsonl", "--to", "a.jsonl")
    evalctl(tmp_path, benchmark_data, "export", str(run), "--format", "replay", "--to", "b.jsonl")
    again = evalctl(
        tmp_path, benchmark_data, *asked, "--model", "replay:b.jsonl", "--only-recorded"
    )

    told = "scientific_papers: 2 of 2 prompts are longer than the model reads, and were cut"
    assert f"{told}, by " in said
    assert told in again
    for row in rows(tmp_path / "a.jsonl"):
        text = str(row["prompt_text"])
        assert row["is_prompt_cut"] is True
        assert text.startswith("Article:\n")
        assert text.endswith("\n\nAbstract:")
        assert len(text) < 3 * int(str(row["prompt_tokens"])) < 3 * 249
    assert [row["is_prompt_cut"] for row in rows(tmp_path / "b.jsonl")] == [True, True]
