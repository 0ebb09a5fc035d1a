"""Log-likelihoods by the transformers engine: contexts read once, beside every sequence whole.

The reference model on real rows (EVALCTL_DATA); both ways take turns. Before is
`--engine-option share_contexts=false`, after the default. On a CPU, seconds are of the processor,
so that other work there counts little.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.plan import load_dataset
from evalctl.plan.shots import load_shots
from evalctl.plugins import load
from evalctl.protocols import Engine, ModelRef
from evalctl.proving.gold import planned_for_check
from evalctl.records import Generation, Prompt


class Case(NamedTuple):
    """Prompts of one dataset."""

    dataset: str
    shots: int
    count: int


CASES = (
    Case("truthfulqa", 0, 32),
    Case("mmlu", 0, 128),
    Case("mmlu", 5, 48),
    Case("hellaswag", 0, 48),
    Case("arc_challenge", 0, 96),
)


def main() -> int:
    """Print what both ways take; return 1 where they differ by more than 1e-3 nats."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=str(files("evalctl_reference") / "checkpoint"))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--share", type=float, default=1.0, help="of the prompts of each case")
    asked = parser.parse_args()
    options = TransformersOptions(
        device=asked.device, dtype=asked.dtype, batch_size=asked.batch_size
    )
    model = ModelRef(name="model", path=asked.model, is_local=True)
    before = open_engine(model, options.model_copy(update={"share_contexts": False}))
    after = open_engine(model, options)
    print(f"{after.info.device}, {asked.dtype}, batch size {asked.batch_size}")
    worst = 0.0
    for case in CASES:
        found = prompts_of(case._replace(count=max(1, int(case.count * asked.share))))
        worst = max(worst, compare(case, found, (before, after), asked.rounds))
    return 1 if worst > 1e-3 and asked.dtype == "float32" else 0


def compare(
    case: Case, prompts: Sequence[Prompt], engines: tuple[Engine, Engine], rounds: int
) -> float:
    """Print what a case takes in both ways; return their greatest difference in nats."""
    is_cpu = engines[0].info.device == "cpu"
    clock = time.process_time if is_cpu else time.perf_counter
    seconds: tuple[list[float], list[float]] = ([], [])
    given: list[dict[str, Generation]] = [{}, {}]
    for _ in range(rounds):
        for number, engine in enumerate(engines):
            began = clock()
            given[number] = {one.sample_id: one for one in engine.choose(prompts)}
            seconds[number].append(clock() - began)
    slow, quick = (statistics.median(one) for one in seconds)
    worst = difference(*given)
    print(
        f"{case.dataset}, {case.shots} shots: {len(prompts)} prompts, "
        f"before {slow:.2f} s, after {quick:.2f} s, ratio {slow / quick:.1f}, "
        f"greatest difference {worst:.1e} nats"
    )
    return worst


def difference(one: dict[str, Generation], other: dict[str, Generation]) -> float:
    """Return by how much any log-likelihood differs."""
    return max(
        abs(first.logprob - second.logprob)
        for key, generation in one.items()
        for first, second in zip(generation.continuations, other[key].continuations, strict=True)
    )


def prompts_of(case: Case) -> list[Prompt]:
    """Return the first prompts of a dataset, as a run asks them."""
    folders = (Path(os.environ["EVALCTL_DATA"]),)
    entry = load().registry.dataset(case.dataset)
    loaded = load_dataset(entry.spec, entry.category, folders)
    shots = load_shots(loaded, case.shots, folders)
    planned = replace(planned_for_check(loaded), shots=shots)
    return [asked.prompt for asked in islice(planned.prompts(seed=0), case.count)]


if __name__ == "__main__":
    sys.exit(main())
