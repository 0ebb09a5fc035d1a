"""Ten thousand executions, attacks between good programs: nothing may be lost, passed or grown.

The attacks are those of the tests, so this needs a clone, and is run from its root.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
MOST_GROWTH = 40 << 20
ATTACK_SECONDS = 1.0
"""At most for one attack: the tests give each its own time, here there are many."""

if TYPE_CHECKING:
    from core.tests.executors.attacks.supervisor import Trial


@dataclass
class Counts:
    """What became of the executions."""

    good: int = 0
    good_passed: int = 0
    attacks: int = 0
    passed: list[str] = field(default_factory=list)
    """Attacks that passed."""
    unscored: list[str] = field(default_factory=list)
    """What ended as our failure."""
    reasons: Counter[str] = field(default_factory=Counter)


def main() -> int:
    """Run the soak and print what it found; return 1 where something was not as it has to be."""
    sys.path.insert(0, str(ROOT))
    from core.tests.executors.attacks.openers import OPENERS
    from core.tests.executors.attacks.supervisor import Trial, holdings, keep_folders

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executor", choices=list(OPENERS), default="bwrap")
    parser.add_argument("--executions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    sys.addaudithook(keep_folders)
    trial = Trial(asked.executor)
    try:
        chance = random.Random(asked.seed)
        soak(trial, Counts(), chance, 100)  # all is open, and every way to judge was used
        before, began = holdings() | memory(), time.monotonic()
        counts = Counts()
        soak(trial, counts, chance, asked.executions)
        seconds = time.monotonic() - began
        after = holdings() | memory()
    finally:
        trial.close()
    tell(counts, asked.executions / seconds, before, after)
    return 0 if is_well(counts, before, after) else 1


def soak(trial: Trial, counts: Counts, chance: random.Random, executions: int) -> None:
    """Run good programs and attacks in turn."""
    from core.tests.executors.attacks import questions
    from core.tests.executors.attacks.supervisor import is_right, request
    from core.tests.executors.attacks.table import ATTACKS

    attacks, kinds = list(ATTACKS.values()), list(questions.RIGHT)
    for _ in range(executions // 2):
        attack = chance.choice(attacks)
        limits = {"wall_seconds": ATTACK_SECONDS} | dict(attack.limits)
        hostile = request(attack.kind, trial.rig.render(attack.source), limits, attack.name)
        result = trial.execute(hostile, trial.sandboxes[attack.network])
        counts.attacks += 1
        counts.reasons[result.reason.value] += 1
        counts.passed += [attack.name] if result.passed else []
        counts.unscored += [attack.name] if result.harness_error else []
        kind = chance.choice(kinds)
        good = request(kind, questions.RIGHT[kind], {}, f"good {kind}")
        result = trial.execute(good, trial.sandboxes[chance.choice(("none", "loopback"))])
        counts.good += 1
        counts.good_passed += is_right(result, kind)
        counts.unscored += [good.id] if result.harness_error else []
    trial.rig.touched()


def memory() -> dict[str, int]:
    """Return the resident bytes of this process, and of all sandboxes."""
    from core.tests.executors.attacks.measuring import used

    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {"our_bytes": pages * 4096, "sandbox_bytes": used().memory_bytes}


def is_well(counts: Counts, before: dict[str, int], after: dict[str, int]) -> bool:
    """Return whether nothing was lost, passed or grown."""
    grown = {name: after[name] - before[name] for name in before}
    return (
        counts.good_passed == counts.good
        and not counts.passed
        and not counts.unscored
        and all(grown[name] <= MOST_GROWTH for name in ("our_bytes", "sandbox_bytes"))
        and all(grown[name] <= 0 for name in ("descriptors", "processes", "folders"))
    )


def tell(counts: Counts, speed: float, before: dict[str, int], after: dict[str, int]) -> None:
    """Print the figures."""
    print(f"good programs passed: {counts.good_passed:,} of {counts.good:,}")
    print(
        f"attacks passed: {len(counts.passed):,} of {counts.attacks:,} {set(counts.passed) or ''}"
    )
    print(f"not scored: {len(counts.unscored):,} {dict(Counter(counts.unscored)) or ''}")
    print(f"ends of attacks: {json.dumps(dict(counts.reasons.most_common()))}")
    print(f"executions per second: {speed:.1f}")
    for name, value in before.items():
        end = after[name]
        is_bytes = name.endswith("_bytes")
        told = [f"{one / (1 << 20):.1f} MiB" if is_bytes else str(one) for one in (value, end)]
        print(f"{name.removesuffix('_bytes')}: {told[0]} at the start, {told[1]} at the end")


if __name__ == "__main__":
    sys.exit(main())
