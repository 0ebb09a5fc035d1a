"""How often the best possible reader is right: `python making/ceiling.py`. It is not installed.

It knows how the sequences are drawn and says for each whether a promoter is the likelier origin, by
the ratio of its likelihood to that of a random sequence, over all places and spacings.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence

from make import (
    BROKEN_SPACINGS,
    FREQUENCIES,
    KINDS,
    LENGTH,
    MAX_MISMATCHES,
    SEED,
    SPACINGS,
    sequences,
)

WIDTH = 6


def box_ratios(box: Sequence[tuple[str, float]], sequence: str) -> list[tuple[float, int]]:
    """Return, for each place, the likelihood ratio of a box there, and its mismatches."""
    found = []
    for at in range(LENGTH - WIDTH + 1):
        pairs = list(zip(box, sequence[at : at + WIDTH], strict=True))
        shares = [share if base == usual else (1 - share) / 3 for (usual, share), base in pairs]
        mismatches = sum(base != usual for (usual, _), base in pairs)
        found.append((math.prod(share / 0.25 for share in shares), mismatches))
    return found


def mismatch_chances(box: Sequence[tuple[str, float]]) -> list[float]:
    """Return how likely each number of mismatches is in a box that is drawn."""
    chances = [1.0]
    for _, share in box:
        without, with_one = [*chances, 0.0], [0.0, *chances]
        chances = [a * share + b * (1 - share) for a, b in zip(without, with_one, strict=True)]
    return chances


def kept_given(own: int, other: Sequence[float]) -> float:
    """Return how likely a pair is near enough, given one box's mismatches."""
    return sum(other[: max(MAX_MISMATCHES - own + 1, 0)])


FIRST, SECOND = (mismatch_chances(box) for box in FREQUENCIES)
KEPT = sum(chance * kept_given(number, SECOND) for number, chance in enumerate(FIRST))


def pair_ratio(first: list[tuple[float, int]], second: list[tuple[float, int]], gap: int) -> float:
    """Return the likelihood ratio of two boxes at a distance, over all places."""
    places = list(zip(first, second[WIDTH + gap :], strict=False))
    near = [a * b for (a, m), (b, n) in places if m + n <= MAX_MISMATCHES]
    return sum(near) / len(places) / KEPT


def ratios(sequence: str) -> Iterator[tuple[str, float]]:
    """Yield the likelihood ratio of each kind of sequence to a random one."""
    first, second = (box_ratios(box, sequence) for box in FREQUENCIES)
    alone = [
        *(ratio * kept_given(mismatches, SECOND) / KEPT for ratio, mismatches in first),
        *(ratio * kept_given(mismatches, FIRST) / KEPT for ratio, mismatches in second),
    ]
    yield "random", 1.0
    yield "one_box", sum(alone) / len(alone)
    for kind, a, b, gaps in (
        ("promoter", first, second, SPACINGS),
        ("broken_spacing", first, second, BROKEN_SPACINGS),
        ("swapped_boxes", second, first, SPACINGS),
    ):
        yield kind, sum(pair_ratio(a, b, gap) for gap in gaps) / len(gaps)


def share_right(seed: int, count: int) -> float:
    """Return how often the best possible reader is right on sequences of a seed."""
    right = 0
    for kind, sequence in sequences(seed, count):
        weights = {name: KINDS[name] * ratio for name, ratio in ratios(sequence)}
        is_promoter = weights["promoter"] > sum(weights.values()) / 2
        right += is_promoter == (kind == "promoter")
    return right / count


if __name__ == "__main__":
    for name, seed, count in (("the dataset", SEED, 120), ("12,000 others", 72, 12_000)):
        sys.stdout.write(f"{name}: {share_right(seed, count):.3f}\n")
