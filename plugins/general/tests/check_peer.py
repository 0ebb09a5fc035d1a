"""Sets evalctl beside lm-evaluation-harness on the same model and rows, sample by sample.

A script for all rows, `python check_peer.py --model FOLDER --data DIR`; `test_peer.py` does the
same with a few. Both read float32 weights on the CPU.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.plan import load_dataset
from evalctl.plan.shots import load_shots
from evalctl.plugins import load
from evalctl.protocols import ModelRef
from evalctl.proving.gold import planned_for_check
from evalctl.records import Continuation
from evalctl.results import SampleResult
from evalctl.scoring import ScoringPool

HERE = Path(__file__).parent
WITH_SHOTS = ("abstract_algebra", "anatomy", "global_facts", "marketing", "sociology")
"""Subjects of MMLU that are also asked with five worked examples."""
DATASETS = ("arc_challenge", "hellaswag", "truthfulqa", "mmlu")

Own = Mapping[str, list[SampleResult]]
"""By dataset, what came out of its samples."""
Peer = Mapping[str, list[dict[str, Any]]]
"""By lm-evaluation-harness's task, what `run_peer.py` gives for its samples."""


class Pair(NamedTuple):
    """A sample in both tools."""

    name: str
    own: SampleResult
    peer: dict[str, Any]


@dataclass
class Agreement:
    """How far both tools agree on some samples."""

    n_samples: int = 0
    n_unanswered: int = 0
    """Samples that evalctl refused, such as those longer than the context."""
    n_same_choice: int = 0
    worst_logprob: float = 0.0
    """Greatest difference of log-likelihoods, in nats."""
    worst_value: float = 0.0
    """Greatest difference of values that are no accuracies."""
    differing: list[str] = field(default_factory=list)
    """What differs, by sample."""

    def add(self, pair: Pair) -> None:
        """Count a sample."""
        self.n_samples += 1
        if pair.own.generation.error is not None:
            self.n_unanswered += 1
            return
        ours = [one.logprob for one in chosen_from(pair)]
        theirs = pair.peer["logprobs"]
        self.worst_logprob = max(
            self.worst_logprob, *(abs(a - b) for a, b in zip(ours, theirs, strict=True))
        )
        self.n_same_choice += best(ours) == best(theirs)
        for metric, key in METRICS[pair.name.partition("@")[0]].items():
            difference = abs((pair.own.metrics[metric] or 0.0) - pair.peer[key])
            if metric == "truthfulqa_mc2":
                self.worst_value = max(self.worst_value, difference)
            elif difference:
                margin = sorted(theirs)[-1] - sorted(theirs)[-2]
                self.differing.append(f"{pair.name}: {metric}, margin {margin:.1e} nats")

    @property
    def n_answered(self) -> int:
        """Samples that both tools answered."""
        return self.n_samples - self.n_unanswered


METRICS = {
    "arc_challenge": {"multiple_choice_accuracy": "acc", "acc_norm": "acc_norm"},
    "hellaswag": {"multiple_choice_accuracy": "acc", "acc_norm": "acc_norm"},
    "mmlu": {"multiple_choice_accuracy": "acc"},
    "truthfulqa_mc1": {"truthfulqa_mc1": "acc"},
    "truthfulqa_mc2": {"truthfulqa_mc2": "acc"},
}
"""By name, our metrics with lm-evaluation-harness's."""


def chosen_from(pair: Pair) -> Sequence[Continuation]:
    """Return our continuations in lm-evaluation-harness's order; of MC1, those that it has."""
    given = pair.own.generation.continuations
    places = pair.own.metadata["mc1"] if pair.name == "truthfulqa_mc1" else range(len(given))
    assert isinstance(places, Sequence), "a list of numbers"
    return [given[int(str(place))] for place in places]


def best(values: Sequence[float]) -> int:
    """Return the place of the greatest value, the first one of equals."""
    return max(range(len(values)), key=values.__getitem__)


def pairs_of(own: Own, peer: Peer) -> Iterator[Pair]:
    """Yield each sample of the peer's with ours."""
    for task, theirs in peer.items():
        name, _, shots = task.removeprefix("own_").partition("@")
        subject = name.removeprefix("mmlu_") if name.startswith("mmlu_") else None
        dataset = "mmlu" if subject else name.partition("_mc")[0]
        lines = own[f"{dataset}@{shots}" if shots else dataset]
        ours = [line for line in lines if subject in (None, line.metadata.get("subject"))]
        ours.sort(key=lambda line: line.index)
        for line, sample in zip(ours, theirs, strict=True):
            kind = "mmlu" if subject else name
            yield Pair(f"{kind}@{shots}" if shots else kind, line, sample)


def agreements(own: Own, peer: Peer) -> dict[str, Agreement]:
    """Return by name how far both agree."""
    found: dict[str, Agreement] = {}
    for pair in pairs_of(own, peer):
        found.setdefault(pair.name, Agreement()).add(pair)
    return found


def run_own(model: Path, upstream: Path, asked: Mapping[str, int]) -> Own:
    """Ask and score all rows of a folder.

    Args:
        model: Its folder.
        upstream: The rows.
        asked: By dataset, worked examples; `DATASET@SHOTS` is the name of what comes out with some.
    """
    ref = ModelRef(name="model", path=str(model), is_local=True)
    engine = open_engine(ref, TransformersOptions(dtype="float32", device="cpu"))
    registry = load().registry
    found: dict[str, list[SampleResult]] = {}
    for dataset, shots in asked.items():
        entry = registry.dataset(dataset.partition("@")[0])
        loaded = load_dataset(entry.spec, entry.category, (upstream,))
        planned = replace(planned_for_check(loaded), shots=load_shots(loaded, shots, (upstream,)))
        questions = {one.sample.id: one for one in planned.prompts(seed=0)}
        pool = ScoringPool()
        generations = engine.choose(one.prompt for one in questions.values())
        found[dataset] = [
            result
            for generation in generations
            for result in pool.score(questions[generation.sample_id], generation)
        ]
        pool.close()
    engine.close()
    return found


def run_peer(model: Path, definitions: Path, out: Path, *passes: str) -> Peer:
    """Run lm-evaluation-harness.

    Args:
        model: Its folder.
        definitions: Where `peer_files.py` wrote its tasks.
        out: A file for what came out.
        passes: `SHOTS:TASK,TASK …`, one after the other in the same process.
    """
    command = [sys.executable, str(HERE / "run_peer.py"), "--model", str(model)]
    command += ["--definitions", str(definitions), "--out", str(out), *passes]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: Peer = json.loads(out.read_text(encoding="utf-8"))
    return found


def describe(name: str, found: Agreement) -> str:
    """Return one line."""
    share = found.n_same_choice / max(found.n_answered, 1)
    return (
        f"{name}: {found.n_samples} samples, {found.n_unanswered} longer than the context, "
        f"same choice {100 * share:.2f} %, log-likelihoods within {found.worst_logprob:.1e} nats, "
        f"other values within {found.worst_value:.1e}, {len(found.differing)} metrics differ"
    )


def main() -> int:
    """Print how far both agree on all rows; return 1 where that is not enough."""
    from peer_files import write_peer, write_upstream

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--peer", type=Path, nargs="*", help="what an earlier pass gave")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "peer").mkdir()
        write_upstream(asked.data, folder / "up", dict.fromkeys(DATASETS))
        tasks = write_peer(folder / "up", folder / "peer")
        with_shots = ",".join(f"own_mmlu_{one}" for one in WITH_SHOTS)
        passes = (f"0:{','.join(tasks)}", f"5:{with_shots}")
        peer = (
            {
                task: found
                for path in asked.peer
                for task, found in json.loads(path.read_text()).items()
            }
            if asked.peer
            else run_peer(asked.model, folder / "peer", folder / "peer.json", *passes)
        )
        shots = {"mmlu@5": 5} if any("@" in task for task in peer) else {}
        own = run_own(asked.model, folder / "up", dict.fromkeys(DATASETS, 0) | shots)
    worst = 1.0
    for which, found in agreements(own, peer).items():
        print(describe(which, found))
        print("".join(f"  {line}\n" for line in found.differing), end="")
        worst = min(worst, found.n_same_choice / max(found.n_answered, 1))
    return 0 if worst >= 0.999 else 1


if __name__ == "__main__":
    sys.exit(main())
