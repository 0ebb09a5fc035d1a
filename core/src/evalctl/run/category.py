"""A category's score out of its datasets' results."""

from __future__ import annotations

from collections.abc import Sequence

from evalctl.plan import PlannedCategory
from evalctl.results import CategoryScore, DatasetResult, MetricValue
from evalctl.scales import Scale
from evalctl.stats import Estimate, combine


def category_score(
    category: PlannedCategory, results: tuple[DatasetResult, ...]
) -> CategoryScore | None:
    """Return the mean of the primary datasets' headline metrics, with its own interval.

    A headline that is no share counts as its share of the way through its range.

    The datasets are independent, so their variances add: the standard error of a mean of m values
    is the root of the summed squared errors over m. None where no primary dataset was asked.
    """
    found = {name: _result_for(name, category, results) for name in category.primary}
    parts = [result for result in results if result in found.values()]
    if not parts:
        return None
    made_of = tuple(f"{part.dataset}:{part.headline}" for part in parts)
    missing = tuple(name for name, result in found.items() if result is None)
    combined = mean_headline(parts)
    return CategoryScore(
        category=category.name,
        value=combined.value,
        stderr=combined.stderr,
        interval=combined.interval,
        made_of=made_of,
        missing=missing,
    )


def mean_headline(results: Sequence[DatasetResult]) -> Estimate:
    """Return the mean of datasets' headlines; without a value where one has none."""
    heads = [result.metrics[0] for result in results]
    if not heads or any(head.value is None for head in heads):
        return Estimate(None, None, None, "")
    return combine([_share(head) for head in heads])


def _share(head: MetricValue) -> Estimate:
    """Return a headline as a category has it: a rating as its share of the way."""
    start, width = Scale.of_category(head.lower, head.upper)
    value, stderr, bounds = head.value, head.stderr, head.interval
    return Estimate(
        None if value is None else (value - start) / width,
        None if stderr is None else stderr / width,
        None if bounds is None else ((bounds[0] - start) / width, (bounds[1] - start) / width),
        head.interval_method,
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
