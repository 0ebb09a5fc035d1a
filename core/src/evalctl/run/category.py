"""A category's score out of its datasets' results."""

from __future__ import annotations

from evalctl.plan import PlannedCategory
from evalctl.results import CategoryScore, DatasetResult
from evalctl.stats import Estimate, combine


def category_score(
    category: PlannedCategory, results: tuple[DatasetResult, ...]
) -> CategoryScore | None:
    """Return the mean of the primary datasets' headline metrics, with its own interval.

    The datasets are independent, so their variances add: the standard error of a mean of m values
    is the root of the summed squared errors over m. None where no primary dataset was asked.
    """
    parts = [result for result in results if result.dataset in category.primary]
    if not parts:
        return None
    heads = [part.metrics[0] for part in parts]
    made_of = tuple(f"{part.dataset}:{part.headline}" for part in parts)
    missing = tuple(name for name in category.primary if name not in {p.dataset for p in parts})
    if any(head.value is None for head in heads):
        combined = Estimate(None, None, None, "")
    else:
        combined = combine(
            [Estimate(h.value, h.stderr, h.interval, h.interval_method) for h in heads]
        )
    return CategoryScore(
        category=category.name,
        value=combined.value,
        stderr=combined.stderr,
        interval=combined.interval,
        made_of=made_of,
        missing=missing,
    )
