"""What a probe is trained on: rows with their answers, checked before a model is loaded."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.errors import DatasetError, DatasetMissingError, EngineUnavailableError
from evalctl.plan.datasets import LoadedDataset, find_source
from evalctl.plan.reading import adapted, read_samples, selected
from evalctl.probing import PROTOCOL, fold_of
from evalctl.prompts import Asking, compose
from evalctl.records import Sample
from evalctl.sources import Located, Source
from evalctl.specs import DatasetSpec, ProbeSpec

TRAIN, DEV = 0, 1
"""Parts of a training split's rows."""
_LIBRARY = "scikit-learn"


class TrainingRow(NamedTuple):
    """A row whose answer is known."""

    text: str
    """As the model reads it."""
    answer: int
    """The position of its class."""
    part: int
    """`TRAIN` or `DEV`, or its fold."""


@dataclass(frozen=True)
class PlannedProbe:
    """A dataset's probe with all that it is trained on. Holds the rows, as their vectors are."""

    spec: ProbeSpec
    """Its protocol."""
    classes: tuple[str, ...]
    """In the dataset's order."""
    rows: tuple[TrainingRow, ...]
    """All of them; of folds, the dataset's own."""
    origin: str
    """Where they were read."""
    n_left_out: int
    """Rows of the training split whose text the dataset asks about."""
    protocol: str
    """The method, and a hash of all that decides what comes out besides the model."""

    def describe(self) -> dict[str, JsonValue]:
        """Return it as plain data, for the manifest."""
        parts = Counter(row.part for row in self.rows)
        sizes = [parts[part] for part in range(self.spec.folds or 2)]
        return {
            "method": self.spec.method,
            "folds": self.spec.folds,
            "rows_by_part": [*sizes],
            "n_left_out": self.n_left_out,
            "origin": self.origin,
            "protocol": self.protocol,
            "library": f"{_LIBRARY} {_version()}",
        }


def load_probe(loaded: LoadedDataset, data_folders: Sequence[Path]) -> PlannedProbe | None:
    """Return what a dataset's probe is trained on; None where it has none.

    Raises:
        EngineUnavailableError: scikit-learn is not installed.
        DatasetMissingError: The training split is not on this machine.
        DatasetError: A row is broken, or there is too little to learn from.
    """
    spec, probe = loaded.spec, loaded.spec.probe
    if spec.needs == "embed" and not _version():
        raise EngineUnavailableError(
            f"dataset {spec.name!r} holds vectors against words, which needs {_LIBRARY}; "
            "pip install 'evalctl[probes]'"
        )
    if probe is None:
        return None
    names = {one.name: at for at, one in enumerate(spec.classes)}
    if probe.folds:
        rows = tuple(
            _row(spec, sample, names, fold_of(sample, probe.folds))
            for sample in read_samples(spec, loaded.located)
        )
        origin, hashes, n_left_out = loaded.located.origin, [loaded.content_hash], 0
    else:
        train = _located(spec, probe.train, data_folders, "training")
        parts = [(TRAIN, train)]
        if probe.dev:
            parts.append((DEV, _located(spec, probe.dev, data_folders, "development")))
        asked = {_text(spec, sample) for sample in read_samples(spec, loaded.located)}
        every = [
            _row(spec, sample, names, part)
            for part, located in parts
            for sample in _samples(spec, located)
        ]
        rows = tuple(row for row in every if row.text not in asked)
        n_left_out = len(every) - len(rows)
        origin = "; ".join(located.origin for _, located in parts)
        hashes = [located.content_hash() for _, located in parts]
    _check_enough(spec, probe, rows, origin)
    protocol = f"{probe.method}:{_digest(spec, probe, hashes)}"
    return PlannedProbe(probe, tuple(names), rows, origin, n_left_out, protocol)


def _located(
    spec: DatasetSpec, sources: Sequence[Source], folders: Sequence[Path], split: str
) -> Located:
    located = find_source(sources, folders)
    try:
        if located is not None and next(iter(located.rows()), None) is not None:
            return located
    except DatasetMissingError:
        located = None
    raise DatasetMissingError(
        f"dataset {spec.name!r} is a probe, and its {split} split is not on this machine. Give its "
        "folder with --data DIR (or EVALCTL_DATA)."
    )


def _samples(spec: DatasetSpec, located: Located) -> Iterator[Sample]:
    return selected(spec, adapted(spec, located.rows()), located.origin)


def _row(spec: DatasetSpec, sample: Sample, names: dict[str, int], part: int) -> TrainingRow:
    text = _text(spec, sample)
    if sample.target not in names or not text.strip():
        what = f"its class {sample.target!r:.60} is none of the dataset's" if text.strip() else ""
        raise DatasetError(
            f"dataset {spec.name!r}, row {sample.id!r} that a probe learns from: "
            f"{what or 'it has no text'}"
        )
    return TrainingRow(text, names[sample.target], part)


def _text(spec: DatasetSpec, sample: Sample) -> str:
    return compose(spec.prompt, sample, (), Asking()).text


def _check_enough(
    spec: DatasetSpec, probe: ProbeSpec, rows: Iterable[TrainingRow], origin: str
) -> None:
    """Refuse what no classifier can learn from: fewer than two classes, or an empty part."""
    by_part: dict[int, set[int]] = {}
    for row in rows:
        by_part.setdefault(row.part, set()).add(row.answer)
    wanted = range(probe.folds) if probe.folds else range(2 if probe.dev else 1)
    empty = [part for part in wanted if not by_part.get(part)]
    known = set().union(*(by_part.get(part, set()) for part in wanted if part != DEV))
    if empty or len(known) < 2:
        parts = f"{probe.folds} folds" if probe.folds else "training and development rows"
        raise DatasetError(
            f"dataset {spec.name!r}: {origin} holds too little for a probe, which needs two "
            f"classes and rows in all of its {parts}"
        )


def _digest(spec: DatasetSpec, probe: ProbeSpec, hashes: Sequence[str]) -> str:
    """Return a hash of all that decides what a probe makes of a vector, the model left out."""
    parts = {
        "protocol": PROTOCOL,
        "method": probe.method,
        "folds": probe.folds,
        "version": spec.version,
        "classes": [one.name for one in spec.classes],
        "prompt": spec.prompt.question,
        "rows": [*hashes],
        "library": _version(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _version() -> str:
    """Return scikit-learn's version; nothing where it is not installed."""
    try:
        return metadata.version(_LIBRARY)
    except metadata.PackageNotFoundError:
        return ""
