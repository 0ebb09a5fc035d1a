"""Latency as evalctl measures it against `vllm bench serve`, on the same prompts and one server.

The server is vLLM's own, on this machine, with the reference model's checkpoint. Both ask it in
turns, with as many prompts under way at once, the same ones in the same order, greedily, and read
the stream; its prefix cache is off, so that nobody gains by asking later.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Protocol
from urllib.error import URLError

from evalctl.engines.api.openai import open_engine
from evalctl.engines.api.options import OpenaiOptions
from evalctl.measuring.levels import LevelRunner, prompts_at
from evalctl.plan import load_dataset
from evalctl.plugins import load
from evalctl.prompts import Asking, compose
from evalctl.protocols import ModelRef
from evalctl.records import Prompt, Sampling

TOLERANCE = 0.10
SHOTS = 6
START_SECONDS = 400
QUIET = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_NO_USAGE_STATS": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}
BENCH = """
import argparse, json, sys
from vllm.benchmarks.serve import add_cli_args, main
parser = argparse.ArgumentParser()
add_cli_args(parser)
for line in sys.stdin:
    main(parser.parse_args(json.loads(line)))
    print("ROUND IS OVER", flush=True)
"""
"""`vllm bench serve` again and again, so that turns are short: importing it takes ten seconds. Its
own command asks for the version of a distribution named `vllm`, which the CPU build is not."""
FIGURES = {
    "first_token_seconds_p50": ("p50_ttft_ms", 1e-3),
    "token_seconds_p50": ("p50_tpot_ms", 1e-3),
    "seconds_p50": ("p50_e2el_ms", 1e-3),
}
"""Ours, and what vLLM's own result calls the same, with its unit in seconds."""


def main() -> int:
    """Print each figure of both and the median ratio; return 1 where one is off by too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--prompts", type=int, default=16)
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 4])
    asked = parser.parse_args()
    checkpoint = Path(str(files("evalctl_reference") / "checkpoint"))
    worst = 0.0
    with tempfile.TemporaryDirectory() as name, serving(checkpoint, Path(name)) as url:
        prompts = make_prompts(asked.prompts, asked.max_tokens)
        with Theirs(url, Path(name), prompts) as theirs, Ours(url, prompts) as ours:
            for at_once in asked.at_once:
                found: dict[Side, list[dict[str, float]]] = {ours: [], theirs: []}
                for number in range(asked.rounds + 1):  # the first one warms up
                    for side in (ours, theirs) if number % 2 else (theirs, ours):
                        figures = side.round(at_once)
                        if number:
                            found[side].append(figures)
                worst = max(worst, tell(at_once, found[ours], found[theirs]))
    print(f"largest difference: {100 * worst:.1f} % (at most {100 * TOLERANCE:.0f} %)")
    return 1 if worst > TOLERANCE else 0


def tell(at_once: int, ours: list[dict[str, float]], theirs: list[dict[str, float]]) -> float:
    """Print the medians of rounds and of their ratios; return the largest distance from 1."""
    tokens = [{side["tokens"] for side in both} for both in (ours, theirs)]
    assert tokens[0] == tokens[1], f"the answers differ in length: {tokens}"
    distances = []
    for name in FIGURES:
        pairs = [(a[name], b[name]) for a, b in zip(ours, theirs, strict=True)]
        ratio = statistics.median(a / b for a, b in pairs)
        a, b = (1e3 * statistics.median(side) for side in zip(*pairs, strict=True))
        print(f"{at_once} at once, {name}: evalctl {a:.2f} ms, vllm {b:.2f} ms, ratio {ratio:.3f}")
        print(
            "  rounds: " + ", ".join(f"{1e3 * x:.2f}/{1e3 * y:.2f}" for x, y in pairs), flush=True
        )
        distances.append(abs(ratio - 1.0))
    return max(distances)


def middle_half(ratios: list[float]) -> str:
    """Return between which values the middle half of sorted ratios lies."""
    quarter = len(ratios) // 4
    return f"{ratios[quarter]:.3f} to {ratios[-1 - quarter]:.3f}"


def make_prompts(count: int, max_tokens: int) -> list[Prompt]:
    """Return word problems behind worked ones, as texts to be continued.

    They are so long (some 400 tokens) that what a client takes for a request is a small part.
    """
    entry = load().registry.dataset("math_sample")
    samples = list(load_dataset(entry.spec, entry.category, []).samples())
    shots, rest = tuple(samples[:SHOTS]), samples[SHOTS:]
    asked = [compose(entry.spec.prompt, sample, shots, Asking()).text for sample in rest]
    sampling = Sampling(max_tokens=max_tokens)
    return [
        Prompt(dataset="words", sample_id=str(n), text=text, sampling=sampling)
        for n, text in enumerate(asked[:count])
    ]


class Side(Protocol):
    """Who measures."""

    def round(self, at_once: int) -> dict[str, float]:
        """Return figures in seconds, by our names, and the mean tokens of an answer."""


class Ours(AbstractContextManager["Ours"]):
    """One level of evalctl's protocol, again and again."""

    def __init__(self, url: str, prompts: list[Prompt]) -> None:
        """Open the engine."""
        model = ModelRef(name="openai:m", path=f"m@{url}/v1", kind="api")
        self._engine = open_engine(model, OpenaiOptions(omit="seed"))
        self._prompts = prompts

    def round(self, at_once: int) -> dict[str, float]:
        """Measure once."""
        count = len(self._prompts)
        if prompts_at(count, at_once) != count:
            raise SystemExit(
                f"--prompts {count}: take a multiple of {at_once}, four times at least"
            )
        run = LevelRunner(self._engine, self._prompts, 1, lambda one: None, count).run(at_once)
        return {**run.figures(), "tokens": run.mean_tokens()[1]}

    def __exit__(self, *_: object) -> None:
        """Close the engine."""
        self._engine.close()


class Theirs(AbstractContextManager["Theirs"]):
    """vLLM's own benchmark in a process that stays."""

    def __init__(self, url: str, folder: Path, prompts: list[Prompt]) -> None:
        """Start the process."""
        self._folder = folder
        path = folder / "prompts.jsonl"
        path.write_text("".join(json.dumps({"prompt": one.text}) + "\n" for one in prompts))
        self._count = len(prompts)
        self._given = {
            "backend": "openai",
            "base-url": url,
            "endpoint": "/v1/completions",
            "model": "m",
            "tokenizer": str(files("evalctl_reference") / "checkpoint"),
            "dataset-name": "custom",
            "dataset-path": str(path),
            "num-prompts": str(len(prompts)),
            "custom-output-len": str(prompts[0].sampling.max_tokens),
            "temperature": "0",
            "percentile-metrics": "ttft,tpot,e2el",
            "metric-percentiles": "50,90,99",
            "result-dir": str(folder),
            "result-filename": "theirs.json",
        }
        self._log = (folder / "bench.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-c", BENCH],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **QUIET},
            text=True,
        )

    def round(self, at_once: int) -> dict[str, float]:
        """Measure once."""
        given = {**self._given, "max-concurrency": str(at_once)}
        words = [word for name, value in given.items() for word in (f"--{name}", value)]
        words += ["--skip-chat-template", "--disable-shuffle", "--save-result", "--disable-tqdm"]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        if not any(line == "ROUND IS OVER\n" for line in self._process.stdout):
            raise SystemExit(f"vllm bench serve failed: {self._folder / 'bench.log'}")
        result = json.loads((self._folder / "theirs.json").read_text())
        assert result["completed"] == self._count, "vLLM's benchmark lost requests"
        found = {name: result[theirs] * unit for name, (theirs, unit) in FIGURES.items()}
        return {**found, "tokens": result["total_output_tokens"] / self._count}

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._log.close()


@contextmanager
def serving(checkpoint: Path, folder: Path) -> Iterator[str]:
    """Serve the checkpoint with vLLM's own server, under the name `m`."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port = made.getsockname()[1]
    given = {
        "model": str(checkpoint),
        "served-model-name": "m",
        "host": "127.0.0.1",
        "port": str(port),
        "dtype": "float32",
        "max-model-len": "1024",
        "max-num-seqs": "32",
    }
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
    command += ["--enforce-eager", "--no-enable-prefix-caching"]
    command += [word for name, value in given.items() for word in (f"--{name}", value)]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **QUIET}, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/health", process, folder / "server.log")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers; end with its last words where it does not."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.5)
    raise SystemExit(f"vLLM's server did not start: {log.read_text()[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
