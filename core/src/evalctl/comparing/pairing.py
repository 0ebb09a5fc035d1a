"""Two sides on one dataset, and on the datasets of a category together: figures without verdicts.

One dataset's samples are in memory at a time; what is kept of them are the units' differences.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalctl.comparing.values import SampleValues
from evalctl.scales import SHARE, Scale
from evalctl.stats import (
    Estimate,
    Pair,
    PairedDifference,
    PairedTest,
    combine,
    minimum_detectable,
    paired_difference,
    paired_test,
    sign_flip_test,
    unit_differences,
)


@dataclass(frozen=True)
class MetricPair:
    """A metric of a dataset on two sides."""

    category: str
    """The dataset's category."""
    dataset: str
    """Name of the dataset."""
    metric: str
    """Name of the metric."""
    is_headline: bool
    """Whether it stands for the dataset."""
    is_score: bool
    """Whether it does, and more of it is better."""
    scale: Scale
    """How its values are told."""
    span: tuple[float, float]
    """Where its range begins and how wide it is, as a category has it."""
    overlap: Overlap
    """Which samples the two sides have."""
    n_unscored: int
    """Shared samples that lack a value on at least one side."""
    figures: PairedDifference
    """What the shared and scored samples say."""
    test: PairedTest
    """Whether there is a difference."""
    units: array[float]
    """Each independent unit's difference over the number of pairs; their sum is the difference."""


@dataclass(frozen=True)
class CategoryPair:
    """A category on two sides."""

    category: str
    """Name of the category."""
    parts: tuple[MetricPair, ...]
    """Headline metrics of its primary datasets; at least one."""
    missing: tuple[str, ...]
    """Primary datasets that are not in it."""
    figures: Estimate
    """The mean of the parts' differences."""
    test: PairedTest
    """Whether there is a difference; the dataset's own where there is one part."""
    detectable: float | None
    """Minimum detectable effect."""


@dataclass(frozen=True)
class Overlap:
    """Which samples of a dataset two sides have."""

    n_shared: int
    """Both."""
    n_only_a: int
    """A alone."""
    n_only_b: int
    """B alone."""
    n_reworded: int
    """Shared ones that were asked with different prompts."""


Samples = Mapping[str, SampleValues]


def overlap(a: Samples, b: Samples) -> Overlap:
    """Return which samples two sides have."""
    shared = a.keys() & b.keys()
    return Overlap(
        n_shared=len(shared),
        n_only_a=len(a) - len(shared),
        n_only_b=len(b) - len(shared),
        n_reworded=sum(a[name].prompt != b[name].prompt for name in shared),
    )


@dataclass(frozen=True)
class Subject:
    """What is compared: a metric of a dataset."""

    category: str
    """The dataset's category."""
    dataset: str
    """Name of the dataset."""
    metric: str
    """Name of the metric."""
    index: int
    """Place of the metric's value in `SampleValues.values`."""
    is_headline: bool
    """Whether it stands for the dataset."""
    is_score: bool
    """Whether it does, and more of it is better."""
    scale: Scale = SHARE
    """How its values are told."""
    span: tuple[float, float] = (0.0, 1.0)
    """Where its range begins and how wide it is, as a category has it."""

    def paired(
        self, both: Overlap, figures: PairedDifference, test: PairedTest, units: Iterable[float]
    ) -> MetricPair:
        """Return its comparison.

        Args:
            both: Which samples the two sides have.
            figures: What the shared and scored ones say.
            test: Whether there is a difference.
            units: What each independent unit adds to it.
        """
        return MetricPair(
            category=self.category,
            dataset=self.dataset,
            metric=self.metric,
            is_headline=self.is_headline,
            scale=self.scale,
            span=self.span,
            is_score=self.is_score,
            overlap=both,
            n_unscored=both.n_shared - figures.n_pairs,
            figures=figures,
            test=test,
            units=array("d", units),
        )


def pair_metric(
    subject: Subject, a: Samples, b: Samples, *, confidence: float
) -> MetricPair | None:
    """Return a metric's comparison; None where no shared sample has a value on both sides."""
    both = overlap(a, b)
    pairs = list(_pairs(a, b, subject.index))
    if not pairs:
        return None
    figures = paired_difference(pairs, confidence=confidence)
    units = [value / len(pairs) for value in unit_differences(pairs)]
    return subject.paired(both, figures, paired_test(pairs), units)


def pair_category(
    category: str, parts: Sequence[MetricPair], missing: Sequence[str]
) -> CategoryPair:
    """Return a category's comparison: the mean of its datasets' differences, of equal weight.

    Datasets are independent, so their squared errors add, and the interval is put together from
    theirs. The test flips the signs of all units of all datasets, each with the weight that it
    has in the mean. With one dataset, everything is that dataset's own.

    Args:
        category: Name of the category.
        parts: Headline metrics of its primary datasets; at least one.
        missing: Primary datasets that are not among them.
    """
    figures = combine([_estimate(part) for part in parts])
    if len(parts) == 1:
        test, detectable = parts[0].test, parts[0].figures.detectable
        detectable = None if detectable is None else detectable / parts[0].span[1]
    else:
        weights = [(part, 1.0 / (len(parts) * part.span[1])) for part in parts]
        test = sign_flip_test([unit * weight for part, weight in weights for unit in part.units])
        n_units = sum(part.figures.n_units for part in parts)
        detectable = minimum_detectable(figures.stderr, n_units, is_floored=False)
    return CategoryPair(category, tuple(parts), tuple(missing), figures, test, detectable)


def mean_of(values: Sequence[float]) -> float:
    """Return the mean, correctly rounded."""
    return math.fsum(values) / len(values)


def _pairs(a: Samples, b: Samples, index: int) -> Iterator[Pair]:
    for name, ours in a.items():
        theirs = b.get(name)
        if theirs is None:
            continue
        value_a, value_b = ours.values[index], theirs.values[index]
        if value_a is not None and value_b is not None:
            yield Pair(value_a, value_b, ours.cluster)


def _estimate(part: MetricPair) -> Estimate:
    """Return a part's difference as a category has it: of ratings as a share of their range."""
    figures, (_, width) = part.figures, part.span
    stderr, bounds = figures.stderr, figures.interval
    return Estimate(
        figures.value / width,
        None if stderr is None else stderr / width,
        None if bounds is None else (bounds[0] / width, bounds[1] / width),
        figures.method,
    )
