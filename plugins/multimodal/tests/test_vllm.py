"""A tiny Qwen2-VL in vLLM, on real charts and pages, beside the same model in transformers.

vLLM reads images by torchvision. The build that pip finds is one for CUDA, and cannot stand beside
the CPU build of torch in one environment: importing it looks for two operators that its library for
CUDA brings. It is installed into a folder of its own here, and the operators are declared before it
is imported; nothing that reads images uses them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from core.tests.engines.tiny_seeing import write_qwen

pytest.importorskip("vllm")
pytest.importorskip("transformers")

TORCHVISION = "torchvision==0.28.0"
"""The one that belongs to torch 2.13.0."""
DECLARE = """
import sys


class BeforeTorchvision:
    library = None

    def find_spec(self, name, path=None, target=None):
        if name == "torchvision" and self.library is None:
            import torch

            self.library = torch.library.Library("torchvision", "DEF")
            boxes = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            self.library.define("nms" + boxes)
            self.library.define("qnms" + boxes)
        return None


sys.meta_path.insert(0, BeforeTorchvision())
"""
Said = dict[tuple[str, str], tuple[str, int]]
"""By dataset and sample, what was written and how many tokens were read."""


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that brings torchvision to whatever Python has it in its path."""
    folder = tmp_path_factory.mktemp("seeing")
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
    subprocess.run([sys.executable, *install, TORCHVISION], check=True)
    (folder / "sitecustomize.py").write_text(DECLARE)
    return folder


def said_by(model: str, data: Path, out: Path, *path: Path) -> Said:
    asked = ["--samples", "12", "--max-tokens", "6", "--no-cache", "--out", str(out)]
    asked += ["--engine-option", "dtype=float32"]  # vLLM makes 16 bits of 32 by itself
    named = ["--dataset", "chartqa", "--dataset", "docvqa", "--dataset", "scienceqa_text"]
    done = subprocess.run(
        [sys.executable, "-m", "evalctl", "run", "--model", model, "--data", data, *named, *asked],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line for file in out.glob("*/samples/*/*.jsonl") for line in file.open()]
    results = [json.loads(line) for line in lines]
    return {
        (one["dataset"], one["sample_id"]): (
            one["generation"]["completions"][0]["text"],
            one["generation"]["prompt_tokens"],
        )
        for one in results
    }


def test_vllm_writes_about_images_what_transformers_writes(
    seeing: Path, benchmark_data: Path, tmp_path: Path
) -> None:
    model = write_qwen(tmp_path / "qwen")

    vllm = said_by(f"vllm:{model}", benchmark_data, tmp_path / "vllm", seeing)
    transformers = said_by(f"transformers:{model}", benchmark_data, tmp_path / "transformers")

    assert len(vllm) == 3 * 12
    assert vllm == transformers
