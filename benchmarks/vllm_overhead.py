"""Generation through `evalctl run` against a bare `LLM.generate` on the same GSM8K prompts.

Both run vLLM in one process of its own, with the same options; only the generation phase is
compared, from the first prompt handed over to the last answer, loading left out.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT = 1.05

BARE = """
import json, os, sys, time
os.environ.update(json.loads(sys.argv[4]))
from vllm import LLM, SamplingParams
prompts = json.load(open(sys.argv[2]))
llm = LLM(sys.argv[1], disable_log_stats=True, **json.loads(sys.argv[5]))
params = SamplingParams(temperature=0.0, max_tokens=int(sys.argv[3]), stop=["Question:"])
began = time.perf_counter()
outputs = llm.generate(prompts, params, use_tqdm=False)
seconds = time.perf_counter() - began
tokens = sum(len(o.outputs[0].token_ids) for o in outputs)
print("RESULT " + json.dumps({"seconds": seconds, "tokens": tokens}))
"""


def main() -> int:
    """Print the seconds of each round and the ratio; return 1 where it is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="folder of a model that vLLM loads")
    parser.add_argument("--samples", default="all")
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    pairs = [one_round(asked) for _ in range(asked.rounds)]
    for ours, bare in pairs:
        print(f"evalctl {ours['seconds']:.2f} s, {ours['tokens']:,} tokens; ", end="")
        print(f"bare {bare['seconds']:.2f} s, {bare['tokens']:,} tokens")
    found = statistics.median(ours["seconds"] / bare["seconds"] for ours, bare in pairs)
    print(f"evalctl / bare: {found:.3f} (at most {LIMIT})")
    return 1 if found > LIMIT else 0


def one_round(asked: argparse.Namespace) -> tuple[dict[str, float], dict[str, float]]:
    """Return seconds and tokens of a run through evalctl, and of a bare one after it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, prompts = through_evalctl(asked, folder)
        (folder / "prompts.json").write_text(json.dumps(prompts))
        return ours, bare(asked, folder / "prompts.json")


def through_evalctl(asked: argparse.Namespace, folder: Path) -> tuple[dict[str, float], list[str]]:
    """Run GSM8K through the command line; return what generation took, and the prompts."""
    evalctl = str(Path(sys.executable).with_name("evalctl"))
    model, out = f"vllm:{asked.model}", str(folder / "runs")
    command = [
        evalctl,
        "run",
        "--no-cache",
        "--model",
        model,
        "--dataset",
        "gsm8k",
        "--shots",
        "0",
        "--json",
    ]
    command += ["--samples", asked.samples, "--max-tokens", str(asked.max_tokens), "--out", out]
    for option in ("dtype=float32", "enforce_eager=true", "engine_process=false"):
        command += ["--engine-option", option]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    usage = json.loads(done.stdout)["models"][0]["usage"]
    (path,) = (folder / "runs").glob("*/samples/*/gsm8k.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    prompts = [line["prompt"]["text"] for line in lines]
    return {"seconds": usage["generate_seconds"], "tokens": usage["output_tokens"]}, prompts


def bare(asked: argparse.Namespace, prompts: Path) -> dict[str, float]:
    """Run `LLM.generate` on the same prompts, with the same options."""
    environment = {
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "TORCHDYNAMO_DISABLE": "1",
        "VLLM_LOGGING_LEVEL": "ERROR",
        "HF_HUB_OFFLINE": "1",
        "VLLM_CPU_KVCACHE_SPACE": "1",
    }
    options = {"dtype": "float32", "enforce_eager": True, "max_num_seqs": 256}
    arguments = [asked.model, str(prompts), str(asked.max_tokens), json.dumps(environment)]
    command = [sys.executable, "-c", BARE, *arguments, json.dumps(options)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    found: dict[str, float] = json.loads(line.removeprefix("RESULT "))
    return found


if __name__ == "__main__":
    sys.exit(main())
