"""Worked examples, out of a dataset's training split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from evalctl.errors import DatasetError, DatasetMissingError
from evalctl.plan.datasets import adapt, find_source
from evalctl.records import Sample
from evalctl.specs import DatasetSpec


def load_shots(spec: DatasetSpec, count: int, data_folders: Sequence[Path]) -> tuple[Sample, ...]:
    """Return the first `count` samples of the dataset's training split, or so many of each group.

    Raises:
        DatasetError: There is no training split here, or it is too short.
    """
    if count == 0:
        return ()
    located = find_source(spec.shot_sources, data_folders)
    try:
        rows = located.rows() if located else iter(())
        shots = list(_first(_examples(spec, (adapt(spec, row) for row in rows)), spec, count))
    except DatasetMissingError:
        located, shots = None, []
    if located is None:
        raise DatasetMissingError(
            f"dataset {spec.name!r}: {count} worked examples need its training split, which is "
            "not on this machine. Give its folder with --data DIR, or ask without examples: "
            "--shots 0."
        )
    if len(shots) < count:
        raise DatasetError(
            f"dataset {spec.name!r}: {count} worked examples asked for, but {located.origin} "
            f"holds {len(shots)}"
        )
    return tuple(shots)


def _first(samples: Iterator[Sample], spec: DatasetSpec, count: int) -> Iterator[Sample]:
    """Yield the first `count` samples, or so many of each group."""
    if not spec.shots_by:
        yield from islice(samples, count)
        return
    taken: Counter[str] = Counter()
    for sample in samples:
        group = str(sample.metadata.get(spec.shots_by, ""))
        taken[group] += 1
        if taken[group] <= count:
            yield sample


def _examples(spec: DatasetSpec, samples: Iterator[Sample]) -> Iterator[Sample]:
    """Yield worked examples: those that are named, in their order, else all as they come."""
    if not spec.shot_ids:
        yield from samples
        return
    named: dict[str, Sample] = {}
    for sample in samples:
        if sample.id in spec.shot_ids:
            named[sample.id] = sample
        if len(named) == len(spec.shot_ids):
            break
    yield from (named[id_] for id_ in spec.shot_ids if id_ in named)
