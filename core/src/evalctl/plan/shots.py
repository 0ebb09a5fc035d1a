"""Worked examples, out of a dataset's training split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from evalctl.errors import DatasetError, DatasetMissingError
from evalctl.plan.datasets import LoadedDataset, find_rows
from evalctl.plan.reading import adapted
from evalctl.records import Sample
from evalctl.sources.index import refused
from evalctl.specs import DatasetSpec


def load_shots(
    loaded: LoadedDataset, count: int, data_folders: Sequence[Path]
) -> tuple[Sample, ...]:
    """Return the first `count` samples of the dataset's training split, or so many of each group.

    Raises:
        DatasetError: There is no training split here, or it is too short.
    """
    return shots_of(loaded.spec, count, data_folders, loaded.samples)


def shots_of(
    spec: DatasetSpec,
    count: int,
    data_folders: Sequence[Path],
    questions: Callable[[], Iterable[Sample]],
) -> tuple[Sample, ...]:
    """Return the same of a dataset whose questions are read only where each has its own examples.

    Raises:
        DatasetError: There is no training split here, or it is too short.
    """
    if count == 0:
        return ()
    located = find_rows(spec, data_folders, for_shots=True)
    try:
        rows = located.rows() if located else iter(())
        shots = list(_first(_examples(spec, adapted(spec, rows)), spec, count))
    except DatasetMissingError:
        located, shots = None, []
    if located is None:
        problems = "".join(
            f" {one}." for one in refused(spec.name, data_folders, "worked examples")
        )
        raise DatasetMissingError(
            f"dataset {spec.name!r}: {count} worked examples need its training split, which is "
            f"not on this machine.{problems or ' Give its folder with --data DIR.'} --shots 0 asks "
            "without examples."
        )
    if (short := _shortage(spec, shots, count, questions)) is not None:
        raise DatasetError(
            f"dataset {spec.name!r}: {count} worked examples asked for, but {located.origin} "
            f"holds {short}"
        )
    return tuple(shots)


def shots_for(spec: DatasetSpec, shots: Sequence[Sample], sample: Sample) -> Sequence[Sample]:
    """Return the worked examples that stand before a question."""
    if not spec.shots_by:
        return shots
    wanted = sample.metadata.get(spec.shots_by)
    return [shot for shot in shots if shot.metadata.get(spec.shots_by) == wanted]


def n_shown(spec: DatasetSpec, shots: Sequence[Sample]) -> int:
    """Return how many of worked examples stand before each question."""
    if not spec.shots_by:
        return len(shots)
    by_group = Counter(str(shot.metadata.get(spec.shots_by)) for shot in shots)
    return max(by_group.values(), default=0)


def _shortage(
    spec: DatasetSpec,
    shots: Sequence[Sample],
    count: int,
    questions: Callable[[], Iterable[Sample]],
) -> str | None:
    """Return what there is of worked examples where a question would get fewer; else None."""
    key = spec.shots_by
    if not key:
        return str(len(shots)) if len(shots) < count else None
    held = Counter(str(shot.metadata.get(key)) for shot in shots)
    asked = dict.fromkeys(str(sample.metadata.get(key)) for sample in questions())
    few = next((group for group in asked if held[group] < count), None)
    return None if few is None else f"{held[few]} with the {key} {few!r}"


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
