"""The same rows for evalctl, as upstream has them, and for lm-evaluation-harness, as the hub does.

lm-evaluation-harness's own definitions are used: a local file includes each and only says where the
rows are.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

Objects = Sequence[Mapping[str, object]]

TASKS = {
    "arc_challenge": ("arc/arc_challenge.yaml", "test"),
    "hellaswag": ("hellaswag/hellaswag.yaml", "validation"),
    "truthfulqa_mc1": ("truthfulqa/truthfulqa_mc1.yaml", "validation"),
    "truthfulqa_mc2": ("truthfulqa/truthfulqa_mc2.yaml", "validation"),
}
"""By name, the definition that is included and the split that it evaluates."""


def write_upstream(data: Path, folder: Path, most: Mapping[str, int | None]) -> None:
    """Write the first rows of each dataset that is named, in upstream's form.

    Args:
        data: The whole benchmark rows.
        folder: Where they go.
        most: By dataset, how many rows; of mmlu, how many of each subject. None takes all.
    """
    for dataset, count in most.items():
        for path in sorted((data / dataset).rglob("*")):
            if path.suffix in {".jsonl", ".json", ".csv"}:
                place = folder / path.relative_to(data)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(_first(path, count), encoding="utf-8")


def _first(path: Path, count: int | None) -> str:
    text = path.read_text(encoding="utf-8")
    if count is None or path.parent.name == "dev":
        return text
    if path.suffix == ".json":
        return json.dumps(json.loads(text)[:count])
    if path.suffix == ".jsonl":
        return "".join(f"{line}\n" for line in text.rstrip("\n").split("\n")[:count])
    return _as_csv(islice(csv.reader(io.StringIO(text, newline="")), count))


def _as_csv(rows: Iterable[Sequence[str]]) -> str:
    return "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows
    )


def write_peer(upstream: Path, folder: Path) -> list[str]:
    """Write rows and definitions for lm-evaluation-harness; return the names of its tasks."""
    rows = {
        "arc_challenge": [_arc(row) for row in _lines(upstream, "ARC-Challenge-Test.jsonl")],
        "hellaswag": _lines(upstream, "hellaswag.jsonl"),
    }
    truthful = [path for path in upstream.rglob("mc_task.json") if path.parent.name == "v1"]
    questions = [_truthful(row) for path in truthful for row in json.loads(path.read_text())]
    rows |= {"truthfulqa_mc1": questions, "truthfulqa_mc2": questions}
    names = []
    for name, (definition, split) in TASKS.items():
        if rows[name]:
            files = {split: _write(folder / f"{name}.jsonl", rows[name])}
            names.append(_define(folder, name, definition, files))
    for test in sorted((upstream / "mmlu" / "test").glob("*.csv")):
        subject = test.stem.removesuffix("_test")
        dev = upstream / "mmlu" / "dev" / f"{subject}_dev.csv"
        files = {
            "test": _write(folder / f"{subject}_test.jsonl", _mmlu(test)),
            "dev": _write(folder / f"{subject}_dev.jsonl", _mmlu(dev)),
        }
        definition = f"mmlu/default/mmlu_{subject}.yaml"
        names.append(_define(folder, f"mmlu_{subject}", definition, files))
    return names


def _define(folder: Path, name: str, definition: str, files: Mapping[str, Path]) -> str:
    found = find_spec("lm_eval")
    assert found is not None, "the caller has looked"
    assert found.submodule_search_locations is not None, "it is a package"
    included = Path(found.submodule_search_locations[0]) / "tasks" / definition
    own = {
        "include": str(included),
        "task": f"own_{name}",
        "dataset_path": "json",
        "dataset_name": None,
        "dataset_kwargs": {
            "data_files": {split: str(path) for split, path in files.items()},
            "cache_dir": str(folder / "cache"),
        },
        "training_split": None,
        "validation_split": "validation" if "validation" in files else None,
        "test_split": "test" if "test" in files else None,
        "tag": None,
    }
    (folder / f"{name}.yaml").write_text(json.dumps(own))  # JSON is YAML
    return f"own_{name}"


def _lines(folder: Path, name: str) -> list[dict[str, object]]:
    return [
        json.loads(line)
        for path in folder.rglob(name)
        for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    ]


def _write(path: Path, rows: Objects) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def _arc(row: Mapping[str, object]) -> dict[str, object]:
    question = row["question"]
    assert isinstance(question, Mapping), "upstream's form"
    return {
        "id": row["id"],
        "question": question["stem"],
        "choices": {
            "text": [choice["text"] for choice in question["choices"]],
            "label": [choice["label"] for choice in question["choices"]],
        },
        "answerKey": row["answerKey"],
    }


def _truthful(row: Mapping[str, Mapping[str, int]]) -> dict[str, object]:
    return {"question": row["question"]} | {
        key: {"choices": list(row[key]), "labels": list(row[key].values())}
        for key in ("mc1_targets", "mc2_targets")
    }


def _mmlu(path: Path) -> list[dict[str, object]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {"question": row[0], "choices": row[1:5], "answer": "ABCD".index(row[5])}
            for row in csv.reader(file)
        ]
