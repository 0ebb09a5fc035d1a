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
    found = {name: _result_for(name, category, results) for name in category.primary}
    parts = [result for result in results if result in found.values()]
    if not parts:
        return None
    heads = [part.metrics[0] for part in parts]
    made_of = tuple(f"{part.dataset}:{part.headline}" for part in parts)
    missing = tuple(name for name, result in found.items() if result is None)
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


def _result_for(
    name: str, category: PlannedCategory, results: tuple[DatasetResult, ...]
) -> DatasetResult | None:
    """Return the result of a primary dataset, or of what stands in for it; None without any.

    Where a stand-in was asked for its own sake, its role is another one.
    """
    for wanted in (name, category.otherwise.get(name)):
        for result in results:
            if result.dataset == wanted and result.role == "primary":
                return result
    return None
