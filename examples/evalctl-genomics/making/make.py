"""Makes the sequences and the baselines' matrices: `python making/make.py`. It is not installed.

Both come from the same few numbers, which stand here alone.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from evalctl_genomics.motif import Box, Motif
from evalctl_genomics.promoters import correlation

FREQUENCIES = (
    (("T", 0.78), ("T", 0.82), ("G", 0.68), ("A", 0.58), ("C", 0.51), ("A", 0.55)),
    (("T", 0.82), ("A", 0.90), ("T", 0.52), ("A", 0.59), ("A", 0.49), ("T", 0.89)),
)
"""The consensus of the -35 and of the -10 box, and how often promoters have each of its bases.

Source: 263 promoters of Harley and Reynolds 1987, as they are quoted in the Journal of Bacteriology
180(3):594-599 (1998), table 3. The other three bases share the rest evenly.
"""
SPACINGS = (16, 17, 18)
"""Bases between the boxes; 92 % of these promoters have one of them."""
MAX_MISMATCHES = 4
"""Of twelve. Weaker boxes are real, but cannot be told from chance in 80 bases."""
LENGTH = 80
BROKEN_SPACINGS = (9, 10, 11, 12, 22, 23, 24, 25)
KINDS = {"promoter": 60, "random": 30, "broken_spacing": 10, "swapped_boxes": 10, "one_box": 10}
"""How many sequences of each kind there are; the first alone are promoters."""
SEED, SEED_OF_THRESHOLDS, N_FOR_THRESHOLDS = 70, 71, 1200


def sequences(seed: int, count: int) -> Iterator[tuple[str, str]]:
    """Yield kinds and sequences, `count` of them in the proportions of `KINDS`, shuffled."""
    chance = random.Random(seed)
    share = count // sum(KINDS.values())
    kinds = [kind for kind, number in KINDS.items() for _ in range(number * share)]
    chance.shuffle(kinds)
    for kind in kinds:
        yield kind, _sequence(kind, chance)


def _sequence(kind: str, chance: random.Random) -> str:
    first, second = _boxes(chance)
    parts = {
        "promoter": [first, _background(chance.choice(SPACINGS), chance), second],
        "random": [],
        "broken_spacing": [first, _background(chance.choice(BROKEN_SPACINGS), chance), second],
        "swapped_boxes": [second, _background(chance.choice(SPACINGS), chance), first],
        "one_box": [chance.choice([first, second])],
    }[kind]
    middle = "".join(parts)
    before = chance.randrange(LENGTH - len(middle) + 1)
    after = LENGTH - len(middle) - before
    return _background(before, chance) + middle + _background(after, chance)


def _boxes(chance: random.Random) -> list[str]:
    """Return both boxes, drawn again until they are near enough to the consensus."""
    while True:
        boxes = ["".join(_base(*place, chance) for place in box) for box in FREQUENCIES]
        wanted = "".join(base for box in FREQUENCIES for base, _ in box)
        if sum(a != b for a, b in zip("".join(boxes), wanted, strict=True)) <= MAX_MISMATCHES:
            return boxes


def _base(usual: str, frequency: float, chance: random.Random) -> str:
    others = [base for base in "ACGT" if base != usual]
    return usual if chance.random() < frequency else chance.choice(others)


def _background(length: int, chance: random.Random) -> str:
    return "".join(chance.choices("ACGT", k=length))


def _agreement(is_usual: bool, frequency: float) -> float:
    return float(is_usual)


def _log_odds(is_usual: bool, frequency: float) -> float:
    return round(math.log2((frequency if is_usual else (1 - frequency) / 3) / 0.25), 4)


def matrix(worth: Callable[[bool, float], float]) -> str:
    """Return a model's file, with the threshold that is best on sequences of another seed."""
    first, second = (
        [{base: worth(base == usual, share) for base in "ACGT"} for usual, share in box]
        for box in FREQUENCIES
    )
    threshold = _best_threshold((first, second))
    told = {"boxes": [first, second], "spacings": SPACINGS, "threshold": threshold}
    return json.dumps(told, indent=1) + "\n"


def _best_threshold(boxes: tuple[Box, Box]) -> float:
    motif = Motif(boxes, SPACINGS, 0.0)
    found = [
        (hit.worth, kind == "promoter")
        for kind, sequence in sequences(SEED_OF_THRESHOLDS, N_FOR_THRESHOLDS)
        if (hit := motif.best(sequence))
    ]

    def quality(threshold: float) -> float:
        right = sum(worth >= threshold for worth, is_promoter in found if is_promoter)
        false = sum(worth >= threshold for worth, is_promoter in found if not is_promoter)
        half = len(found) / 2
        cells = {"tp": right, "fn": half - right, "fp": false, "tn": half - false}
        return correlation(cells) or 0.0

    return max(sorted({round(worth, 1) for worth, _ in found}), key=quality)


def rows() -> str:
    """Return the dataset's file."""
    made = (
        {"id": f"p{number:03}", "sequence": dna, "is_promoter": kind == "promoter", "kind": kind}
        for number, (kind, dna) in enumerate(sequences(SEED, sum(KINDS.values())), 1)
    )
    return "".join(json.dumps(row) + "\n" for row in made)


def files() -> dict[str, str]:
    """Return what is made, by its path in the package."""
    return {
        "data/promoters.jsonl": rows(),
        "matrices/sigma70_consensus.json": matrix(_agreement),
        "matrices/sigma70_pwm.json": matrix(_log_odds),
    }


if __name__ == "__main__":
    package = Path(__file__).parent.parent / "src" / "evalctl_genomics"
    for path, text in files().items():
        (package / path).write_text(text, encoding="utf-8")
