"""Runs lm-evaluation-harness on rows of ours; prints what came out of each sample, as JSON.

A program of its own, because what it imports is heavy and changes its process.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

UNUSED = {
    # Of the model, for several GPUs.
    "accelerate": ("Accelerator", "InitProcessGroupKwargs", "find_executable_batch_size"),
    "accelerate.utils": ("get_max_memory",),
    # Beside what scores TruthfulQA's choices, for its written answers.
    "sacrebleu": (),
    "rouge_score": ("rouge_scorer", "scoring"),
}
"""Packages that lm-evaluation-harness imports and what is done here does not use, with names."""


def stand_in(module: str, names: tuple[str, ...]) -> None:
    """Put an empty module in the place of one that is not installed."""
    made = types.ModuleType(module)
    made.__spec__ = ModuleSpec(module, None)
    for name in names:
        setattr(made, name, None)
    sys.modules[module] = made


def main() -> None:
    """Print by task a list of samples, in their order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--definitions", required=True, type=Path)
    parser.add_argument("passes", nargs="+", metavar="SHOTS:TASK,TASK")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--out", required=True, type=Path)
    asked = parser.parse_args()
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    from transformers import AutoModelForCausalLM, AutoTokenizer

    loaded = AutoModelForCausalLM.from_pretrained(asked.model, dtype="float32").eval()
    missing = {name for name in UNUSED if importlib.util.find_spec(name.partition(".")[0]) is None}
    for module in missing:
        stand_in(module, UNUSED[module])
    import lm_eval
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(asked.definitions), include_defaults=False)
    model = HFLM(
        pretrained=loaded,
        tokenizer=AutoTokenizer.from_pretrained(asked.model),
        batch_size=asked.batch_size,
    )
    plain: dict[str, list[dict[str, object]]] = {}
    for one in asked.passes:
        shots, _, tasks = one.partition(":")
        found = lm_eval.simple_evaluate(
            model=model,
            tasks=tasks.split(","),
            num_fewshot=int(shots) or None,
            task_manager=manager,
            bootstrap_iters=0,
            log_samples=True,
        )
        plain |= {
            task + (f"@{shots}" if int(shots) else ""): list(map(said, ordered(samples)))
            for task, samples in found["samples"].items()
        }
    asked.out.write_text(json.dumps(plain))


def ordered(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return samples in the order of their rows."""
    return sorted(samples, key=lambda sample: int(sample["doc_id"]))


def said(sample: dict[str, Any]) -> dict[str, object]:
    """Return what is compared of a sample."""
    return {
        "logprobs": [float(one[0]) for one in sample["filtered_resps"]],
        "acc": float(sample["acc"]),
        "acc_norm": sample.get("acc_norm"),
        "prompt": sample["arguments"][0][0],
        "continuations": [pair[1] for pair in sample["arguments"]],
    }


if __name__ == "__main__":
    main()
