"""Rows that are nearly what an earlier row is: MinHash over runs of three words.

Sixty-four hashes of each row's runs, of which the least each is kept, agree for two rows as often
as their sets of runs do (Jaccard). Rows that agree in all of some four are compared in full. These
are sixty lines of our own, as the known library needs scipy and a Python object for each row.

Source: Broder 1997, "On the resemblance and containment of documents"; Leskovec, Rajaraman and
Ullman, "Mining of Massive Datasets", section 3.4.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from evalctl.proving import Finding
from evalctl.proving.findings import Cases
from evalctl.proving.questions import same_text
from evalctl.scales import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ALIKE = 0.8
"""From this share of their runs on, two rows are nearly the same; it is estimated to about 0.05."""
MOST_ROWS = 200_000
"""More rows of one set are not compared: 256 bytes are kept of each."""
_HASHES, _BAND, _RUN = 64, 4, 3
_PRIME = (1 << 31) - 1
_WORDS = re.compile(r"\w+")


def near_repeats(texts: Iterable[str]) -> Iterator[Finding]:
    """Yield how many rows are nearly what an earlier one is, where any are.

    Args:
        texts: What each row asks, in order.
    """
    import numpy as np  # heavy: a listing needs none

    random = np.random.default_rng(9)
    factors = random.integers(1, _PRIME, _HASHES, dtype=np.uint64)
    shifts = random.integers(0, _PRIME, _HASHES, dtype=np.uint64)
    marks: list[NDArray[np.uint32]] = []
    same: list[int] = []
    for text in texts:
        if len(marks) >= MOST_ROWS:
            break
        runs = np.fromiter(_runs(text), dtype=np.uint64)
        mixed = (runs[:, None] * factors + shifts) % np.uint64(_PRIME)
        marks.append(mixed.min(axis=0).astype(np.uint32))
        same.append(hash(same_text(text)))
    if not marks:
        return
    cases = Cases()
    for at, (earlier, share) in sorted(_pairs(np.stack(marks), same).items()):
        cases.add(f"sample {at}", f"is about {share:.0%} of sample {earlier}")
    if cases.total:
        told = counted(cases.total, "row is", "rows are")
        yield cases.finding("near", "look", f"{told} nearly what an earlier row is")


def _runs(text: str) -> Iterator[int]:
    """Yield a number for each run of three words; of shorter texts one for all of it."""
    words = _WORDS.findall(text.lower())
    for at in range(max(1, len(words) - _RUN + 1)):
        yield zlib.crc32(" ".join(words[at : at + _RUN]).encode("utf-8", "replace"))


def _pairs(marks: NDArray[np.uint32], same: list[int]) -> dict[int, tuple[int, float]]:
    """Return the first earlier row that each row is nearly like, and how much of it is the same."""
    found: dict[int, tuple[int, float]] = {}
    for first in range(0, _HASHES, _BAND):
        buckets: dict[bytes, int] = {}
        for at, band in enumerate(marks[:, first : first + _BAND]):
            earlier = buckets.setdefault(band.tobytes(), at)
            if earlier != at and at not in found and same[earlier] != same[at]:
                share = float((marks[at] == marks[earlier]).mean())
                if share >= ALIKE:
                    found[at] = (earlier, share)
    return found
