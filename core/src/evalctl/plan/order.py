"""The random order of a dataset's samples: the same in every run, and part of none of them.

Ids are ordered by a hash. A limited run takes the first of that order, and a run that may stop
early asks in it, since files are often sorted by subject or difficulty.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable, Iterator

from evalctl.records import Sample

WINDOW = 2000
"""Samples that are held at once while a dataset is read in random order."""

_Place = tuple[bytes, str]


def first_in_order(name: str, samples: Iterable[Sample], count: int) -> list[str]:
    """Return the ids of the first samples of a dataset's random order."""
    ids = (sample.id for sample in samples)
    return [id_ for _, id_ in heapq.nsmallest(count, (_place(name, id_) for id_ in ids))]


def in_order(
    name: str, read: Callable[[], Iterator[Sample]], *, start: int = 0
) -> Iterator[tuple[int, Sample]]:
    """Yield a dataset's samples in its random order, each after its position in that order.

    Holds `WINDOW` samples, and reads all rows once for each `WINDOW` samples that are taken.

    Args:
        name: Name of the dataset.
        read: Begins to read the samples from the first row.
        start: Position to begin at; to find it, as many ids are held.
    """
    last: _Place | None = None
    if start:
        passed = heapq.nsmallest(start, (_place(name, sample.id) for sample in read()))
        last = passed[-1] if len(passed) == start else None
        if last is None:
            return
    index = start
    while window := _next_window(name, read(), last):
        for place, sample in window:
            yield index, sample
            index, last = index + 1, place


def _next_window(
    name: str, samples: Iterator[Sample], last: _Place | None
) -> list[tuple[_Place, Sample]]:
    placed = ((_place(name, sample.id), sample) for sample in samples)
    later = (pair for pair in placed if last is None or pair[0] > last)
    return heapq.nsmallest(WINDOW, later, key=lambda pair: pair[0])


def _place(name: str, sample_id: str) -> _Place:
    key = f"{name}\0{sample_id}".encode()
    return hashlib.blake2b(key, digest_size=8).digest(), sample_id
