"""vLLM's core inside the engine's process against a process of its own, on a CPU, in turns.

Both engines are open at once, each in its host as in a run, and one is idle while the other works:
a round asks each the same prompts, one at once and then many. Starts are timed one after the other,
with nothing else open.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from evalctl.engines.host import HostedEngine, Listener
from evalctl.engines.vllm_options import VllmOptions
from evalctl.plugins import load
from evalctl.protocols import ModelRef
from evalctl.records import Prompt, Sampling

SIDES = {"inside": False, "process": True}
TEXT = "Tom has {n} apples and buys {m} more. " * 6 + "How many apples does he have?"


def main() -> int:
    """Print seconds to start, and milliseconds for a token, of both, with their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=str(files("evalctl_reference") / "checkpoint"))
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--starts", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 64])
    asked = parser.parse_args()
    tell("start, s", [starts(asked.model) for _ in range(asked.starts)])
    engines = {side: opened(asked.model, side)[0] for side in SIDES}
    try:
        for at_once in asked.at_once:
            rounds = []
            for number in range(asked.rounds + 1):  # the first one warms up
                order = list(engines) if number % 2 else list(engines)[::-1]
                found = {side: spent(engines[side], at_once, asked.tokens) for side in order}
                rounds += [found] if number else []
            tell(f"{at_once} at once, ms for a token", rounds)
    finally:
        for engine in engines.values():
            engine.close()
    return 0


def starts(model: str) -> dict[str, float]:
    """Return the seconds that each takes until it is open."""
    found = {}
    for side in SIDES:
        engine, found[side] = opened(model, side)
        engine.close()
    return found


def opened(model: str, side: str) -> tuple[HostedEngine, float]:
    """Return an open engine, and how many seconds that took."""
    spec = next(one for one in load().registry.engines if one.name == "vllm")
    log = Path(tempfile.gettempdir()) / f"engine-process-{side}.log"
    began = time.perf_counter()
    engine = HostedEngine.open(
        spec,
        ModelRef(name="m", path=model, is_local=True),
        VllmOptions(engine_process=SIDES[side], max_model_len=512),
        log_path=log,
        listener=Listener(lambda text: None),
    )
    return engine, time.perf_counter() - began


def spent(engine: HostedEngine, at_once: int, tokens: int) -> float:
    """Return the milliseconds that a token takes while so many prompts are under way."""
    count = 2 * at_once if at_once > 1 else 6
    began = time.perf_counter()
    given = list(engine.measure(prompts(count, tokens), at_once))
    seconds = time.perf_counter() - began
    return 1e3 * seconds / sum(one.output_tokens for each in given for one in each.completions)


def prompts(count: int, tokens: int) -> Iterator[Prompt]:
    """Yield prompts whose answers are of many lengths, the same ones in each round."""
    for number in range(count):
        yield Prompt(
            dataset="apples",
            sample_id=str(number),
            text=TEXT.format(n=number, m=number + 3),
            seed=number,
            sampling=Sampling(max_tokens=tokens, temperature=1.0),
        )


def tell(what: str, rounds: list[dict[str, float]]) -> None:
    """Print the medians of rounds and of their ratios."""
    ratio = statistics.median(one["process"] / one["inside"] for one in rounds)
    medians = {side: statistics.median(one[side] for one in rounds) for side in SIDES}
    told = ", ".join(f"{side} {value:.2f}" for side, value in medians.items())
    print(f"{what}: {told}; process / inside {ratio:.2f}")
    print(
        "  " + ", ".join(f"{one['inside']:.2f}/{one['process']:.2f}" for one in rounds), flush=True
    )


if __name__ == "__main__":
    sys.exit(main())
