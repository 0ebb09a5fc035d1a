"""Rows of a located dataset as samples, each through the dataset's adapter.

A broken row ends the reading, unless whoever reads takes it and goes on: only a check does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from evalctl.records import Sample
from evalctl.sources import Located, OnBroken, Row, refuse
from evalctl.specs import DatasetSpec

_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What an adapter may raise at a row that it did not expect; others are its own bugs."""


def read_samples(
    spec: DatasetSpec, located: Located, start: int = 0, *, told: OnBroken = refuse
) -> Iterator[Sample]:
    """Yield the samples of a dataset, each row through its adapter, from row `start` on.

    Args:
        spec: The dataset.
        located: Where its rows are.
        start: How many rows are passed over.
        told: Told of broken rows, by where they are.

    Raises:
        DatasetError: A row is broken, unless `told` takes it; the message names where.
    """
    samples = adapted(spec, located.rows(start, told), told)
    yield from selected(spec, samples, located.origin, told)


def adapted(spec: DatasetSpec, rows: Iterable[Row], told: OnBroken = refuse) -> Iterator[Sample]:
    """Yield rows as samples.

    Raises:
        DatasetError: The adapter refuses a row, unless `told` takes it.
    """
    for row in rows:
        try:
            if not isinstance(sample := spec.to_sample(row), Sample):
                raise TypeError(f"to_sample returned {type(sample).__name__}, not a Sample")
        except _BROKEN as error:
            why = _reason(error)
            if spec.is_unsafe and told is refuse:  # a check hides it where it shows it
                why = (
                    f"why is hidden ({len(why):,} characters); "
                    f"`evalctl check {spec.name} --show-unsafe` shows it"
                )
            told(row.location, f"broken row for {spec.name!r}: {why}")
        else:
            yield sample


def selected(
    spec: DatasetSpec, samples: Iterator[Sample], origin: str, told: OnBroken = refuse
) -> Iterator[Sample]:
    """Yield the samples that a dataset keeps; all where it does not say.

    Args:
        spec: The dataset.
        samples: All of its samples.
        origin: Where they come from, for messages.
        told: Told where the dataset's own selection fails; nothing behind that is kept.

    Raises:
        DatasetError: It does, unless `told` takes it.
    """
    if spec.select is None:
        yield from samples
        return
    try:
        yield from spec.select(samples)
    except _BROKEN as error:
        told(origin, f"broken rows for {spec.name!r}: {_reason(error)}")


def unwritable(sample: Sample) -> str:
    """Return why no file can hold a sample's text, such as half of a surrogate pair; or nothing."""
    try:
        sample.model_dump_json()
    except ValueError as error:
        return f"its text cannot be written as UTF-8: {error}"
    return ""


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"column {error} is missing"
    if isinstance(error, ValidationError):
        return "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3]
        )
    if isinstance(error, ValueError) and str(error):
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
