"""Each kind of model that the category has is run on its datasets' real rows and images."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from core.tests.engines.tiny_seeing import write_donut, write_layoutlm, write_qwen

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("PIL")

WRITERS: dict[str, Callable[[Path], Path]] = {
    "qwen": write_qwen,
    "donut": write_donut,
    "layoutlm": write_layoutlm,
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tiny")
    return {kind: write(folder / kind) for kind, write in WRITERS.items()}


def run(tmp_path: Path, model: Path | str, *arguments: str) -> tuple[int, str, dict[str, Any]]:
    """Run as on the command line; return exit code, what was said, and the summary."""
    out = tmp_path / "runs"
    named = model if isinstance(model, str) else f"transformers:{model}"
    asked = ["run", "--model", named, "--out", str(out), "--max-tokens", "6", *arguments]
    done = subprocess.run(
        [sys.executable, "-m", "evalctl", *asked], capture_output=True, text=True, check=False
    )
    summaries = sorted(out.glob("*/summary.json"))
    summary = json.loads(summaries[-1].read_text()) if summaries else {}
    return done.returncode, " ".join((done.stdout + done.stderr).split()), summary


@pytest.fixture(scope="module")
def seen_data(benchmark_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real rows, of ScienceQA only those whose images are there."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("docvqa", "chartqa"):
        (folder / name).symlink_to(benchmark_data / name)
    source, copy = benchmark_data / "scienceqa", folder / "scienceqa"
    copy.mkdir()
    (copy / "images").symlink_to(source / "images")
    problems = json.loads((source / "problems.json").read_text())
    kept = {
        key: row
        for key, row in problems.items()
        if not row["image"] or (source / "images" / "test" / key / row["image"]).is_file()
    }
    (copy / "problems.json").write_text(json.dumps(kept))
    return folder


def named(*datasets: str) -> list[str]:
    return [part for name in datasets for part in ("--dataset", name)]


@pytest.mark.parametrize(
    ("kind", "datasets"),
    [
        ("qwen", ("docvqa", "chartqa", "scienceqa", "scienceqa_text")),
        ("donut", ("docvqa", "chartqa")),
        ("layoutlm", ("docvqa_words",)),
    ],
)
def test_each_architecture_answers_real_rows(
    kind: str,
    datasets: tuple[str, ...],
    tiny: dict[str, Path],
    seen_data: Path,
    tmp_path: Path,
) -> None:
    data = ("--data", str(seen_data), "--samples", "12")
    code, said, summary = run(tmp_path, tiny[kind], *named(*datasets), *data)

    assert code == 0, said
    found = summary["models"][0]["datasets"]
    assert [one["dataset"] for one in found] == list(datasets)
    assert {one["n_done"] for one in found} == {12}
    assert [one["failures"] for one in found] == [{"engine": 0, "scorer": 0}] * len(datasets)
    headlines = [one["metrics"][0] for one in found]
    assert {headline["n_scored"] for headline in headlines} == {12}


def test_a_model_that_reads_words_is_asked_them_in_the_category(
    tiny: dict[str, Path], benchmark_data: Path, tmp_path: Path
) -> None:
    data = ("--data", str(benchmark_data), "--category", "multimodal", "--samples", "2")
    code, said, summary = run(tmp_path, tiny["layoutlm"], *data)

    assert code == 0, said
    assert "is asked docvqa_words in place of docvqa" in said
    names = [one["dataset"] for one in summary["models"][0]["datasets"]]
    assert names == ["docvqa_words"]


def test_a_text_model_is_refused_before_it_is_loaded(benchmark_data: Path, tmp_path: Path) -> None:
    data = ("--data", str(benchmark_data), "--dataset", "docvqa")
    code, said, _ = run(tmp_path, "reference", *data)

    assert code == 2
    assert "dataset docvqa has images, and a LlamaForCausalLM reads texts alone" in said


def test_vllm_is_refused_with_what_would_work(
    tiny: dict[str, Path], benchmark_data: Path, tmp_path: Path
) -> None:
    pytest.importorskip("vllm")
    data = ("--data", str(benchmark_data), "--dataset", "chartqa")
    code, said, _ = run(tmp_path, f"vllm:{tiny['qwen']}", *data)

    assert code == 2
    assert "engine vllm is given texts alone; these take images: transformers" in said
    assert "is asked with openai:NAME@URL" in said


def test_broken_images_fail_alone(
    tiny: dict[str, Path], benchmark_data: Path, tmp_path: Path
) -> None:
    source, copy = benchmark_data / "docvqa", tmp_path / "data" / "docvqa"
    (copy / "documents").mkdir(parents=True)
    (copy / "val_v1.0.json").write_bytes((source / "val_v1.0.json").read_bytes())
    for page in (source / "documents").iterdir():
        (copy / "documents" / page.name).write_bytes(page.read_bytes())
    broken = copy / "documents" / "ffbg0227_2.png"
    broken.write_bytes(broken.read_bytes()[:5000])

    data = ("--data", str(tmp_path / "data"), "--dataset", "docvqa")
    code, said, summary = run(tmp_path, tiny["qwen"], *data)

    rows = json.loads((copy / "val_v1.0.json").read_text())["data"]
    spoilt = sum(row["image"] == "documents/ffbg0227_2.png" for row in rows)
    assert code == 1, said
    dataset = summary["models"][0]["datasets"][0]
    assert dataset["failures"] == {"engine": spoilt, "scorer": 0}
    assert dataset["metrics"][0]["n_scored"] == len(rows) - spoilt
    assert "ffbg0227_2.png: it is broken" in dataset["reasons"][0]
