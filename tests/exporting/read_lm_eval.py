"""Reads exports with lm-evaluation-harness's own code; prints what that found of each, as JSON.

A program of its own, because what it imports is heavy and changes its process.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from lm_eval.result_schema import EvalResults, SampleResult
from lm_eval.utils import (
    get_file_datetime,
    get_file_task_name,
    get_results_filenames,
    get_sample_results_filenames,
    hash_string,
    make_table,
    sanitize_model_name,
)
from pydantic import TypeAdapter


def read(folder: Path) -> dict[str, object]:
    """Return results, tables and samples of a folder with one model."""
    names = [str(path) for path in folder.rglob("*")]
    (results_name,) = get_results_filenames(names)
    results = json.loads(Path(results_name).read_text(encoding="utf-8"))
    # lm-eval annotates `configs` as flat, but writes lists and objects into them itself.
    TypeAdapter(EvalResults).validate_python(results | {"configs": {}})
    samples = {}
    for name in get_sample_results_filenames(names):
        task = get_file_task_name(Path(name).name)
        with Path(name).open(encoding="utf-8") as file:
            samples[task] = [json.loads(line) for line in file]
        for sample in samples[task]:
            TypeAdapter(SampleResult).validate_python(sample)
        assert Path(results_name).name == f"results_{get_file_datetime(name)}.json"
    assert results["model_name_sanitized"] == sanitize_model_name(results["model_name"])
    return {
        "results": results,
        "table": make_table(results),
        "groups": make_table(results, "groups"),
        "samples": samples,
        "hashes": {task: hash_of(lines) for task, lines in samples.items()},
        "rows": {name: rows_of(name) for name in get_sample_results_filenames(names)},
    }


def hash_of(samples: list[dict[str, str]]) -> str:
    """Return lm-eval's hash over a task's samples, as its tracker makes it, and check its parts."""
    for sample in samples:
        row = json.dumps(sample["doc"], indent=2, ensure_ascii=False)
        assert sample["doc_hash"] == hash_string(row)
        assert sample["target_hash"] == hash_string(sample["target"])
    parts = (s["doc_hash"] + s["prompt_hash"] + s["target_hash"] for s in samples)
    return hash_string("".join(parts))


def rows_of(name: str) -> int:
    """Return how many rows `datasets` finds, the way in which lm-eval's users load samples."""
    from datasets import load_dataset

    with tempfile.TemporaryDirectory() as cache:
        return load_dataset("json", data_files=name, split="train", cache_dir=cache).num_rows


if __name__ == "__main__":
    print(json.dumps([read(Path(folder)) for folder in sys.argv[1:]]))
