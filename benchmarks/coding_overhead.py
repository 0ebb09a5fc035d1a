"""What running programs adds to the wall time of a run: the same run with scoring switched off.

`evalctl run --category coding` on the reference model, in turn with a run whose scorers give a
fixed score at once. Each loads the engine anew; loading is not counted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evalctl import Completion, Sample, Score
from evalctl.plan import Plan, PlannedDataset, RunSpec, make
from evalctl.plugins import load
from evalctl.run import execute, new_run_folder
from evalctl.run.observer import SilentObserver
from evalctl.specs import ScorerSpec


def no_score(sample: Sample, completion: Completion) -> Score:
    """Return the score of a scorer that does nothing."""
    return Score(value=0.0, answer="")


def switched_off(plan: Plan) -> Plan:
    """Return the plan with scorers that do nothing."""
    models = (replace(m, datasets=tuple(map(_unscored, m.datasets))) for m in plan.models)
    return replace(plan, models=tuple(models))


def _unscored(dataset: PlannedDataset) -> PlannedDataset:
    scorers = tuple(
        ScorerSpec(name=s.name, version="0", metrics=s.metrics, score=no_score)
        for s in dataset.scorers
    )
    spec = dataset.loaded.spec.model_copy(update={"scorers": scorers})
    return replace(dataset, loaded=replace(dataset.loaded, spec=spec))


def seconds(plan: Plan) -> float:
    """Carry a plan out and return how long it took, without loading the engine."""
    began = time.monotonic()
    result = execute(plan, new_run_folder(plan), SilentObserver())
    return time.monotonic() - began - result.models[0].usage.load_seconds


def main(arguments: Sequence[str] | None = None) -> None:
    """Time both in turn and print the ratio."""
    parser = argparse.ArgumentParser(description="Overhead of running programs.")
    parser.add_argument("--data", default=os.environ.get("EVALCTL_DATA", ""))
    parser.add_argument("--samples", type=int, default=50)
    parser.add_argument("--engine", default="vllm")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        spec = RunSpec(
            categories=("coding",),
            models=("reference",),
            engine=asked.engine,
            cache=False,
            samples=asked.samples,
            data_folders=(Path(asked.data),),
            out=Path(folder),
            max_errors=10_000,
        )
        plan = make(spec, load())
        times = [(seconds(plan), seconds(switched_off(plan))) for _ in range(asked.rounds)]
    scored, unscored = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"scored {scored:.1f} s, switched off {unscored:.1f} s: ratio {scored / unscored:.2f}")
    print("rounds:", ", ".join(f"{one:.1f}/{other:.1f}" for one, other in times))


if __name__ == "__main__":
    main()
