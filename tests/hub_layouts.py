"""Real rows in the columns and types of their copies on the hub, as Parquet files in its folders.

Which columns a copy has is written down here as its data set card shows them; the rows are read
from the data folder, through no adapter. Columns that upstream's own files lack are filled with one
value. CodeContests is not here: the rows at hand are prompts without tests, which its copy has.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

Rows = list[dict[str, Any]]


class Layout(NamedTuple):
    """A dataset's copy on the hub."""

    dataset: str
    files: Callable[[Path], Mapping[str, Rows]]
    """From the data folder to the rows of each file, whose names begin with the repository's."""
    types: Mapping[str, str] = {}
    """Of columns that are neither 64 bits wide nor texts nor lists of such: `image`, or as Arrow
    calls it."""


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


def _minerva(data: Path) -> Mapping[str, Rows]:
    rows = [
        {"question": row["problem"], "answer": _last_box(row["solution"])}
        for row in lines(data / "minerva_math/test.jsonl")
    ]
    return {"minervamath/data/test-00000-of-00001": rows}


def _last_box(solution: str) -> str:
    behind = solution.rpartition("\\boxed{")[2]
    ends = (at for at, sign in enumerate(behind) if sign == "}")
    held = next(behind[:at] for at in ends if behind[:at].count("{") == behind[:at].count("}"))
    return held.strip()


def _apps(data: Path) -> Mapping[str, Rows]:
    rows = {  # the selection has some twice
        row["id"]: {
            "problem_id": row["id"],
            "question": row["description"],
            "solutions": "",
            "input_output": json.dumps(_tests(row)),
            "difficulty": row["difficulty"],
            "url": "",
            "starter_code": row["starter_code"],
        }
        for row in lines(data / "apps/selected150.jsonl")
    }
    once = [*rows.values()]
    return {"apps/all/test/0000": once[:64], "apps/all/test/0001": once[64:]}


def _tests(row: dict[str, Any]) -> dict[str, Any]:
    """Tests in the copy's form: the selection's are lines of arguments, or what a program reads."""
    name = re.search(r"def (\w+)", row["starter_code"])
    given = [test["input"] for test in row["test_list"]]
    expected = [test["output"] for test in row["test_list"]]
    if name is None:
        return {"inputs": given, "outputs": ["\n".join(lines) for lines in expected]}
    return {"fn_name": name[1], "inputs": [g.split("\n") for g in given], "outputs": expected}


def _scicite(data: Path) -> Mapping[str, Rows]:
    rows = [
        {
            "string": row["text"],
            "sectionName": "",
            "label": ["method", "background", "result"].index(row["label"]),
            "citingPaperId": "",
            "citedPaperId": "",
            "excerpt_index": 0,
            "isKeyCitation": False,
            "label2": 3,
            "citeEnd": 0,
            "citeStart": 0,
            "source": 6,
            "label_confidence": 1.0,
            "label2_confidence": 1.0,
            "id": "",
        }
        for row in lines(data / "scicite/test.txt")
    ]
    return {"scicite/default/test/0000": rows}


def _scientific_papers(data: Path) -> Mapping[str, Rows]:
    return {
        f"scientific_papers/{name}/test/0000": [
            {
                "article": "\n".join(row["article_text"]),
                "abstract": re.sub("</?S>", "", "\n".join(row["abstract_text"])),
                "section_names": "\n".join(row["section_names"]),
            }
            for row in lines(data / f"scientific_papers/{name}-dataset/test.txt")
        ]
        for name in ("arxiv", "pubmed")
    }


def _image(path: Path) -> dict[str, Any]:
    return {"bytes": path.read_bytes(), "path": path.name}


def _chartqa(data: Path) -> Mapping[str, Rows]:
    rows = [
        {
            "image": _image(path.parent / "png" / row["imgname"]),
            "query": row["query"],
            "label": [row["label"]],
            "human_or_machine": int("augmented" in path.name),
        }
        for path in sorted((data / "chartqa").glob("[cs]*/test_*.json"))
        for row in json.loads(path.read_text(encoding="utf-8"))
    ]
    return {"ChartQA/data/test-00000-of-00001": rows}


def _docvqa(data: Path) -> Mapping[str, Rows]:
    rows = [
        {
            "questionId": str(row["questionId"]),
            "question": row["question"],
            "question_types": ["others"],
            "image": _image(data / "docvqa" / row["image"]),
            "docId": row["docId"],
            "ucsf_document_id": row["ucsf_document_id"],
            "ucsf_document_page_no": row["ucsf_document_page_no"],
            "answers": row["answers"],
            "data_split": row["data_split"],
        }
        for row in json.loads((data / "docvqa/val_v1.0.json").read_text())["data"]
    ]
    return {"DocVQA/DocVQA/validation-00000-of-00001": rows}


def _scienceqa(data: Path) -> Mapping[str, Rows]:
    """Of questions with an image those alone whose image is at hand."""
    problems = json.loads((data / "scienceqa/problems.json").read_text(encoding="utf-8"))
    images = {path.parent.name: path for path in (data / "scienceqa/images/test").glob("*/*.png")}
    rows = [
        {
            "image": _image(images[key]) if row["image"] else None,
            **{name: row[name] for name in row if name not in ("image", "split")},
        }
        for key, row in problems.items()
        if key in images or not row["image"]
    ]
    return {"ScienceQA/data/test-00000-of-00001": rows}


_SCICITE_TYPES = {
    "excerpt_index": "int32",
    "label_confidence": "float32",
    "label2_confidence": "float32",
}
_SCIENCEQA_TYPES = {"image": "image", "answer": "int8"}

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
    Layout("minerva_math", _minerva),
    Layout("apps", _apps),
    Layout("scicite", _scicite, _SCICITE_TYPES),
    Layout("scientific_papers", _scientific_papers),
    Layout("chartqa", _chartqa, {"image": "image"}),
    Layout("docvqa", _docvqa, {"image": "image"}),
    Layout("scienceqa", _scienceqa, _SCIENCEQA_TYPES),
)


def write(layout: Layout, data: Path, folder: Path) -> Iterator[Path]:
    """Write a dataset's Parquet files; yield each."""
    from datasets import Dataset, Features, Image, Value

    kinds = {n: Image() if kind == "image" else Value(kind) for n, kind in layout.types.items()}
    for name, rows in layout.files(data).items():
        path = folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        made = Dataset.from_list(rows)
        made.cast(Features({**made.features, **kinds})).to_parquet(str(path))
        yield path
