"""Real rows in the columns and types of their copies on the hub, as Parquet files in its folders.

Which columns a copy has is written down here as its data set card shows them; the rows are read
from the data folder, through no adapter.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

Rows = list[dict[str, Any]]


class Layout(NamedTuple):
    """A dataset's copy on the hub."""

    dataset: str
    files: Callable[[Path], Mapping[str, Rows]]
    """From the data folder to the rows of each file, whose names begin with the repository's."""


def lines(path: Path) -> Rows:
    """Return the rows of JSON Lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _gsm8k(data: Path) -> Mapping[str, Rows]:
    return {"gsm8k/main/test-00000-of-00001": lines(data / "gsm8k/test.jsonl")}


def _humaneval(data: Path) -> Mapping[str, Rows]:
    rows = lines(data / "humaneval/HumanEval.jsonl")
    return {"openai_humaneval/openai_humaneval/test-00000-of-00001": rows}


def _mbpp(data: Path) -> Mapping[str, Rows]:
    rows = lines(data / "mbpp/mbpp.jsonl")
    splits = {"prompt": (1, 11), "test": (11, 511), "validation": (511, 601), "train": (601, 975)}
    return {
        f"mbpp/full/{split}-00000-of-00001": [r for r in rows if first <= r["task_id"] < end]
        for split, (first, end) in splits.items()
    }


def _bigcodebench(data: Path) -> Mapping[str, Rows]:
    rows = lines(data / "bigcodebench/BigCodeBench.jsonl")
    return {"bigcodebench/data/v0.1.4-00000-of-00001": rows}


def _arc(data: Path) -> Mapping[str, Rows]:
    rows = [
        {
            "id": row["id"],
            "question": row["question"]["stem"],
            "choices": {
                "text": [one["text"] for one in row["question"]["choices"]],
                "label": [one["label"] for one in row["question"]["choices"]],
            },
            "answerKey": row["answerKey"],
        }
        for row in lines(data / "arc_challenge/ARC-Challenge-Test.jsonl")
    ]
    return {"ai2_arc/ARC-Challenge/test-00000-of-00001": rows}


def _hellaswag(data: Path) -> Mapping[str, Rows]:
    names = [
        "ind",
        "activity_label",
        "ctx_a",
        "ctx_b",
        "ctx",
        "endings",
        "source_id",
        "split",
        "split_type",
    ]
    rows = [
        {**{name: row.get(name, "") for name in names}, "label": str(row["label"])}
        for row in lines(data / "hellaswag/hellaswag.jsonl")
    ]
    return {"hellaswag/data/validation-00000-of-00001": rows}


def _mmlu(data: Path) -> Mapping[str, Rows]:
    rows: Rows = []
    for path in sorted((data / "mmlu/test").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [
                {
                    "question": question,
                    "subject": path.stem.removesuffix("_test"),
                    "choices": choices,
                    "answer": "ABCD".index(answer),
                }
                for question, *choices, answer in csv.reader(file)
            ]
    return {"mmlu/all/test-00000-of-00001": rows}


def _truthfulqa(data: Path) -> Mapping[str, Rows]:
    def listed(answers: Mapping[str, int]) -> dict[str, Any]:
        return {"choices": [*answers], "labels": [*answers.values()]}

    rows = [
        {
            "question": row["question"],
            "mc1_targets": listed(row["mc1_targets"]),
            "mc2_targets": listed(row["mc2_targets"]),
        }
        for row in json.loads((data / "truthfulqa/data/v1/mc_task.json").read_text())
    ]
    return {"truthful_qa/multiple_choice/validation-00000-of-00001": rows}


def _math(data: Path) -> Mapping[str, Rows]:
    files: dict[str, Rows] = {}
    for row in lines(data / "math/test.json"):
        config = row["type"].lower().replace(" & ", "_and_").replace(" ", "_")
        kept = {name: row[name] for name in ("problem", "level", "type", "solution")}
        files.setdefault(f"hendrycks_math/{config}/test-00000-of-00001", []).append(kept)
    return files


def _math_500(data: Path) -> Mapping[str, Rows]:
    return {"MATH-500/data/test-00000-of-00001": lines(data / "math_500/test.jsonl")}


def _aime(data: Path) -> Mapping[str, Rows]:
    first = [
        {**{n: row[n] for n in ("id", "problem", "solution", "answer", "url")}, "year": "2024"}
        for row in lines(data / "aime/aime24/test.jsonl")
    ]
    second = [
        {name: row[name] for name in ("problem", "answer", "id")}
        for row in lines(data / "aime/aime25/test.jsonl")
    ]
    return {
        "aime_2024/data/train-00000-of-00001": first,
        "aime25/data/test-00000-of-00001": second,
    }


def _pubmedqa(data: Path) -> Mapping[str, Rows]:
    rows = [
        {
            "pubid": int(key),
            "question": row["QUESTION"],
            "context": {
                "contexts": row["CONTEXTS"],
                "labels": row["LABELS"],
                "meshes": row["MESHES"],
            },
            "long_answer": row["LONG_ANSWER"],
            "final_decision": row["final_decision"],
        }
        for key, row in json.loads((data / "pubmedqa/ori_pqal.json").read_text()).items()
    ]
    return {"PubMedQA/pqa_labeled/train-00000-of-00001": rows}


def _scitldr(data: Path) -> Mapping[str, Rows]:
    rows = lines(data / "scitldr/SciTLDR-A/test.jsonl")
    return {"scitldr/Abstract/test-00000-of-00001": rows}


def _bbq(data: Path) -> Mapping[str, Rows]:
    rows = [row for path in sorted((data / "bbq/data").glob("*.jsonl")) for row in lines(path)]
    return {"bbq/All/test-00000-of-00001": [_with_texts(row) for row in rows]}


def _with_texts(row: dict[str, Any]) -> dict[str, Any]:
    """Columns that hold numbers in some files and texts in others are texts on the hub."""
    return {**row, "question_index": str(row["question_index"])}


LAYOUTS = (
    Layout("gsm8k", _gsm8k),
    Layout("humaneval", _humaneval),
    Layout("mbpp", _mbpp),
    Layout("bigcodebench", _bigcodebench),
    Layout("arc_challenge", _arc),
    Layout("hellaswag", _hellaswag),
    Layout("mmlu", _mmlu),
    Layout("truthfulqa", _truthfulqa),
    Layout("math", _math),
    Layout("math_500", _math_500),
    Layout("aime", _aime),
    Layout("pubmedqa", _pubmedqa),
    Layout("scitldr", _scitldr),
    Layout("bbq", _bbq),
)


def write(layout: Layout, data: Path, folder: Path) -> Iterator[Path]:
    """Write a dataset's Parquet files; yield each."""
    from datasets import Dataset

    for name, rows in layout.files(data).items():
        path = folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        Dataset.from_list(rows).to_parquet(str(path))
        yield path
