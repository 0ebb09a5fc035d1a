"""What a model reads so that probes can learn: texts of other rows than the samples asked about."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import fmean
from typing import NamedTuple

from evalctl.estimates.tokenizer import Counter
from evalctl.plan import PlannedDataset

MEASURED = 200
"""Texts of a dataset that are measured; the rest is scaled."""


class Training(NamedTuple):
    """Texts that are read besides a dataset's prompts."""

    rows: int = 0
    """How many."""
    tokens: float = 0.0
    """Of all of them."""


def training_of(datasets: Sequence[PlannedDataset], counter: Counter) -> dict[str, Training]:
    """Return what a model reads besides prompts, by dataset.

    Rows that several probes learn from are read once, and stand with the first one. Of folds, the
    samples that are asked about are among the rows, and their vectors serve both.
    """
    found: dict[str, Training] = {}
    known: set[tuple[str, ...]] = set()
    for dataset in datasets:
        if (probe := dataset.probe) is None:
            continue
        texts = tuple(row.text for row in probe.rows)
        if texts in known:
            continue
        known.add(texts)
        asked = dataset.loaded.n_samples if probe.spec.folds else 0
        rows = max(len(texts) - asked, 0)
        some = texts[:: ceil(len(texts) / MEASURED)]
        found[dataset.name] = Training(rows, rows * fmean(map(counter.count, some)))
    return found
