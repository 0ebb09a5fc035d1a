"""A dataset found on this machine, every row checked, and the samples that a run will take.

Rows are read twice, once to check and once to run, and never all held: a dataset of a million
rows needs no more memory than one of a thousand.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import deque
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from evalctl.errors import DatasetError, DatasetMissingError
from evalctl.images import contents
from evalctl.plan.order import first_in_order, in_order
from evalctl.plan.reading import read_samples, unwritable
from evalctl.positions import Positions
from evalctl.records import Sample
from evalctl.sources import FileSource, Located, OnBroken, OwnFile, Source, locate, refuse
from evalctl.sources.index import Use, indexed, refused
from evalctl.specs import DatasetSpec


@dataclass(frozen=True)
class LoadedDataset:
    """A dataset whose rows were all checked."""

    spec: DatasetSpec
    """Its declaration."""
    category: str
    """The category that owns it."""
    located: Located
    """Where its rows are read."""
    content_hash: str
    """SHA-256 of what was read."""
    n_available: int
    """How many samples it has."""
    chosen: frozenset[str] | None
    """Ids of the samples that are taken; None means all, or all that are recorded."""
    is_shuffled: bool = False
    """Whether samples come in the dataset's random order, and not in that of its rows."""
    recorded: Positions | None = None
    """Positions of the samples that a recording has, where only those are taken."""
    id_hashes: array[int] | None = field(default=None, repr=False, compare=False)
    """What `hash` gives for each sample's id; None where the rows were not read."""
    unseen: str = ""
    """How many samples have an image that cannot be read, and the first of them; or nothing."""
    told: OnBroken = field(default=refuse, repr=False, compare=False)
    """Told of broken rows while samples are read; only a check has them passed over."""

    @property
    def n_recorded(self) -> int | None:
        """How many samples the recording has, where only those are taken."""
        return None if self.recorded is None else len(self.recorded)

    @property
    def n_samples(self) -> int:
        """How many samples are taken."""
        if self.chosen is not None:
            return len(self.chosen)
        return self.n_available if self.recorded is None else len(self.recorded)

    def samples(self) -> Iterator[Sample]:
        """Yield the samples that are taken, in the order in which they are asked."""
        return (sample for _, sample in self.numbered())

    def numbered(self, done: Positions | None = None) -> Iterator[tuple[int, Sample]]:
        """Yield the samples that are taken, each after its position in the dataset.

        Where they are shuffled, that is the position in the random order, of which the first ones
        are taken; then rows are read several times (`plan/order.py`).

        Args:
            done: Positions that are passed over; at the beginning their rows are not even read.
        """
        done = done or Positions()
        if self.is_shuffled:
            every = in_order(
                self.spec.name,
                lambda: read_samples(self.spec, self.located, told=self.told),
                start=done.first_gap,
            )
            taken = takewhile(lambda pair: pair[0] < self.n_samples, every)
            yield from (pair for pair in taken if pair[0] not in done)
            return
        # Behind a selection positions are no longer those of rows.
        start = 0 if self.spec.select else done.first_gap
        samples = read_samples(self.spec, self.located, start, told=self.told)
        for index, sample in enumerate(samples, start):
            if index not in done and self._takes(index, sample):
                yield index, sample

    def _takes(self, index: int, sample: Sample) -> bool:
        if self.recorded is not None and index not in self.recorded:
            return False
        return self.chosen is None or sample.id in self.chosen


_FEW = 3
"""Files that a message names."""


class Part(NamedTuple):
    """Which samples of a dataset are wanted; by default all."""

    limit: int | None = None
    """How many; None takes all. A limited set is spread over the whole dataset, is always the same,
    and each smaller one is part of each larger one."""
    recorded: Set[int] | Positions | None = None
    """The only ones that come into question: hashes of their ids, or their positions."""
    with_ids: bool = False
    """Whether the ids of all samples are wanted, so that every row is read whatever is known."""


ALL = Part()


class Checked(NamedTuple):
    """What an earlier run found when it checked every row."""

    content_hash: str
    """Of the rows."""
    version: str
    """Of the adapter."""
    n_available: int
    """How many samples there are."""


def find_source(sources: Sequence[Source], data_folders: Sequence[Path]) -> Located | None:
    """Return the first source that is found here: files, then the cache, then the hub."""
    found = [located for source in sources if (located := locate(source, data_folders))]
    return next((located for located in found if located.is_local), found[0] if found else None)


def find_rows(
    spec: DatasetSpec, data_folders: Sequence[Path], *, for_shots: bool = False
) -> Located | None:
    """Return where rows are found here: declared files, indexed ones, the cache, then the hub.

    Args:
        spec: The dataset.
        data_folders: Where upstream's files are looked for, and what has an index.
        for_shots: Whether worked examples are wanted, and no samples.
    """
    declared = find_source(spec.shot_sources if for_shots else spec.sources, data_folders)
    if declared is not None and declared.is_of_files:
        return declared
    use: Use = "worked examples" if for_shots else "samples"
    known = next(indexed(spec.name, data_folders, use), None)
    return known.located if known is not None else declared


def _checked_before(
    spec: DatasetSpec, located: Located, data_folders: Sequence[Path]
) -> Checked | None:
    """Return what a scan found in the same files, by the same adapter."""
    for one in indexed(spec.name, data_folders):
        is_same = one.version == spec.version and one.located == located
        if is_same and one.n_samples is not None:
            return Checked(one.content_hash, one.version, one.n_samples)
    return None


def load_dataset(
    spec: DatasetSpec,
    category: str,
    data_folders: Sequence[Path],
    part: Part = ALL,
    checked: Checked | None = None,
) -> LoadedDataset:
    """Return a dataset after every row was read and checked.

    Args:
        spec: Its declaration.
        category: The category that owns it.
        data_folders: Where upstream's files are looked for.
        part: Which samples are taken.
        checked: What is known of its rows; the very same rows are not checked again where all of
            them are taken.

    Raises:
        DatasetMissingError: It is not on this machine and cannot be fetched.
        DatasetError: A row is broken; the message names the file and line.
    """
    located = find_rows(spec, data_folders)
    if located is None:
        raise not_found(spec, data_folders)
    content_hash = None
    if spec.has_images:
        checked = None  # whether the images are the same as well is seen when all rows are read
    elif checked:
        content_hash = _content_hash(spec, located, data_folders)
    elif checked := _checked_before(spec, located, data_folders):
        content_hash = checked.content_hash
    if checked and part == ALL and checked[:2] == (content_hash, spec.version):
        return LoadedDataset(
            spec, category, located, checked.content_hash, checked.n_available, None
        )
    rows = _Rows(spec, located, part)
    try:
        chosen = rows.take()
    except DatasetMissingError as error:
        raise not_found(spec, data_folders, error) from error
    if not rows.seen:
        raise DatasetError(f"dataset {spec.name!r}: {located.origin} holds no row")
    return LoadedDataset(
        spec,
        category,
        located,
        rows.images.of(content_hash or located.content_hash()),
        n_available=len(rows.seen),
        chosen=chosen,
        recorded=rows.recorded,
        id_hashes=array("q", rows.seen),
        unseen=rows.images.unseen,
    )


class _Images:
    """What all samples' images show, as far as they can be read."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._count = self._missing = 0
        self._first = ""

    def see(self, sample: Sample) -> None:
        """Take a sample's images in."""
        self._count += bool(sample.images)
        self._digest.update(json.dumps(contents(sample.images)).encode())
        if missing := [image.path for image in sample.images if not image.digest]:
            self._missing += 1
            self._first = self._first or missing[0]

    def of(self, content_hash: str) -> str:
        """Return the hash of rows and images together; that of the rows where there are none."""
        if not self._count:
            return content_hash
        return hashlib.sha256(f"{content_hash} {self._digest.hexdigest()}".encode()).hexdigest()

    @property
    def unseen(self) -> str:
        """Return how many samples have an image that cannot be read; nothing where none has."""
        if not self._missing:
            return ""
        return (
            f"the images of {self._missing:,} of {self._count:,} samples are not there, or are "
            f"too large; the first is {self._first}"
        )


class _Rows:
    """A dataset's rows on the one way on which all of them are checked."""

    def __init__(self, spec: DatasetSpec, located: Located, part: Part) -> None:
        self.seen: set[int] = set()
        """Hashes of all ids."""
        self.recorded = None if part.recorded is None else Positions()
        """Positions of the samples that come into question."""
        self.images = _Images()
        self._spec = spec
        self._located = located
        self._part = part

    def take(self) -> frozenset[str] | None:
        """Read all rows; return the ids that a limit leaves, None where it leaves out nothing."""
        if self._part.limit is None:
            deque(self._samples(), maxlen=0)
            return None
        ids = first_in_order(self._spec.name, self._samples(), self._part.limit)
        count = len(self.seen if self.recorded is None else self.recorded)
        return None if len(ids) == count else frozenset(ids)

    def _samples(self) -> Iterator[Sample]:
        """Yield the samples that come into question, after a check of every one."""
        name = self._spec.name
        for index, sample in enumerate(read_samples(self._spec, self._located)):
            if (fingerprint := hash(sample.id)) in self.seen:
                raise DatasetError(f"dataset {name!r}: the id {sample.id!r} stands twice")
            self.seen.add(fingerprint)
            self.images.see(sample)
            if reason := unwritable(sample):
                raise DatasetError(f"dataset {name!r}, sample {sample.id!r}: {reason}")
            if self._is_wanted(index, fingerprint):
                yield sample

    def _is_wanted(self, index: int, fingerprint: int) -> bool:
        if self.recorded is None or (among := self._part.recorded) is None:
            return True
        if (index if isinstance(among, Positions) else fingerprint) not in among:
            return False
        return self.recorded.add(index)


def _content_hash(spec: DatasetSpec, located: Located, data_folders: Sequence[Path]) -> str:
    try:
        return located.content_hash()
    except DatasetMissingError as error:
        raise not_found(spec, data_folders, error) from error


def not_found(
    spec: DatasetSpec, data_folders: Sequence[Path], error: DatasetMissingError | None = None
) -> DatasetMissingError:
    """Return the error of a dataset that is not here, with what is wrong with its files, if any.

    Args:
        spec: The dataset.
        data_folders: Where it was looked for.
        error: Why it could not be fetched, where that was tried.
    """
    problems = [f"{one}." for one in refused(spec.name, data_folders)]
    where = " ".join(problems) or _where_to_get(spec)
    return DatasetMissingError(
        f"dataset {spec.name!r} was not found{f': {error}' if error else '.'} {where}"
    )


def _where_to_get(spec: DatasetSpec) -> str:
    """Return a sentence that says which files a dataset is looked for in."""
    own = [source.path for source in spec.sources if isinstance(source, OwnFile)]
    if own:
        return f"It was imported from {own[0]}, which is not there any more."
    paths = [
        part.paths[0]
        for source in spec.sources
        if isinstance(source, FileSource)
        for part in source.parts
    ]
    shown = paths if len(paths) <= _FEW else [*paths[: _FEW - 1], f"{len(paths) - _FEW + 1} more"]
    looked = f"Give the folder that holds {' and '.join(shown)} with --data DIR" if paths else ""
    named = "; `evalctl datasets index DIR` finds them under other names"
    return f"{looked} (or EVALCTL_DATA){named}." if looked else "It names no file."
