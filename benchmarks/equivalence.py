"""Equivalence on the 5,000 gold answers of MATH: answers per second on the cores at hand.

Each gold answer is judged against itself in another spelling, so that the quick verdict settles
as few as possible, and once as it stands, as a model that writes like the data would.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from evalctl.plan import load_dataset
from evalctl_math.datasets import math
from evalctl_math.equivalence import equivalent
from evalctl_math.verdict import decide


def main() -> int:
    """Print both rates and how many the quick verdict settles."""
    folder = Path(os.environ.get("EVALCTL_DATA", "../shared/data"))
    golds = [sample.target for sample in load_dataset(math, "math", [folder]).samples()]
    respelt = [f"{gold}+0" for gold in golds]
    workers = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(equivalent, respelt[:64], golds[:64]))  # imports are not what is measured
        rates = {}
        for name, answers in (("as written", golds), ("respelt", respelt)):
            began = time.perf_counter()
            right = sum(pool.map(equivalent, answers, golds, chunksize=50))
            seconds = time.perf_counter() - began
            rates[name] = len(golds) / seconds
            settled = sum(decide(a, g) is not None for a, g in zip(answers, golds, strict=True))
            print(
                f"{name}: {rates[name]:,.0f} items/s on {workers} cores, "
                f"{right:,} of {len(golds):,} equivalent, {settled:,} settled at once"
            )
    print(f"respelt / as written: {rates['as written'] / rates['respelt']:.1f} times as long")
    return 0


if __name__ == "__main__":
    sys.exit(main())
