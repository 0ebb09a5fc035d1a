"""Whether a file of recorded outputs and a dataset belong together, told before anything is run."""

from __future__ import annotations

from collections.abc import Collection

from evalctl.errors import ConfigError, ModelError
from evalctl.plan.asked import RunSpec
from evalctl.plan.datasets import LoadedDataset
from evalctl.plan.planned import PlannedModel
from evalctl.plan.reading import read_samples

MOST_NAMED = 12
"""Datasets of a file that a message names."""


def refuse_unrecorded(model: PlannedModel, asked: RunSpec) -> None:
    """Refuse to take only what is recorded of a model that is no recording.

    Raises:
        ConfigError: It is none.
    """
    if asked.only_recorded and model.facts.datasets is None:
        raise ConfigError(
            f"--only-recorded goes with recorded outputs (--model replay:FILE); {model.name} is "
            "asked, and can answer every sample"
        )


def recorded_hashes(model: PlannedModel, name: str) -> frozenset[int]:
    """Return hashes of the ids that a recording has of a dataset."""
    recorded = (model.facts.datasets or {}).get(name)
    return frozenset() if recorded is None else recorded.hashes()


def check_recording(model: PlannedModel, loaded: LoadedDataset) -> list[str]:
    """Return what is to be told of a recording's outputs for a dataset; nothing where they fit.

    Args:
        model: The recording; nothing is told of another model.
        loaded: The dataset, with the ids of all samples.

    Raises:
        ModelError: There is no output for it, or none is of a sample of it.
    """
    if model.facts.datasets is None:
        return []
    name = loaded.spec.name
    about = f"{model.ref.path}, {name}: "
    recorded = model.facts.datasets.get(name)
    if recorded is None:
        has = listed(model.facts.datasets)
        raise ModelError(
            f"{about}the file has no row of it; it has rows of {has}. Name what it has with "
            f'--dataset, or record outputs with "dataset": "{name}".'
        )
    known = frozenset(loaded.id_hashes or ())
    n_strange = recorded.count_outside(known)
    if not n_strange:
        return _gaps(about, loaded, len(recorded))
    strange = f"{recorded.first_outside(known)!r:.80}"
    usual = f"{next(read_samples(loaded.spec, loaded.located)).id!r:.80}"
    if n_strange == len(recorded):
        raise ModelError(
            f"{about}none of its {n_strange:,} rows belongs to a sample: they have ids such as "
            f"{strange}, and ids of {name} look like {usual}. Write ids as the dataset has them."
        )
    return [
        f"{about}{n_strange:,} of its {len(recorded):,} rows belong to no sample and are passed "
        f"over, such as {strange}; ids of {name} look like {usual}",
        *_gaps(about, loaded, len(recorded) - n_strange),
    ]


def listed(names: Collection[str]) -> str:
    """Return names in words, the first ones of many."""
    first = ", ".join(sorted(names)[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{first} and {more} more" if more > 0 else first


def _gaps(about: str, loaded: LoadedDataset, count: int) -> list[str]:
    if count == loaded.n_available or loaded.recorded is not None:
        return []
    return [
        f"{about}holds outputs for {count:,} of {loaded.n_available:,} samples; those without one "
        "are not scored, and count as failures (--max-errors N); add them to the file, or leave "
        "them out with --only-recorded"
    ]
