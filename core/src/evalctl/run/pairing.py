"""Stored results beside the samples that they are of."""

from __future__ import annotations

from collections.abc import Iterator

from evalctl.errors import DatasetError
from evalctl.plan import Asked
from evalctl.results import SampleResult


def paired(
    asked: Iterator[Asked], results: Iterator[SampleResult]
) -> Iterator[tuple[Asked, SampleResult]]:
    """Yield each result with its sample, in the order of the results.

    Results mostly come nearly in the samples' order: what is held are the samples that were passed
    over.

    Raises:
        DatasetError: A result's sample is not in the dataset any more.
    """
    waiting: dict[str, Asked] = {}
    for result in results:
        while result.sample_id not in waiting:
            one = next(asked, None)
            if one is None:
                raise DatasetError(
                    f"dataset {result.dataset}: sample {result.sample_id} was there when the model "
                    "was asked and is gone; do not change files while they are evaluated"
                )
            waiting[one.sample.id] = one
        yield waiting.pop(result.sample_id), result
