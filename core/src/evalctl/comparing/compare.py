"""Sides to a `Comparison`: which pairs, which metrics, Holm's correction over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from evalctl.comparing.facts import DatasetFacts
from evalctl.comparing.measured import measured_against
from evalctl.comparing.outcome import category_record, dataset_record, side_record
from evalctl.comparing.pairing import (
    CategoryPair,
    MetricPair,
    Samples,
    Subject,
    overlap,
    pair_category,
    pair_metric,
)
from evalctl.comparing.pooled import pair_pooled
from evalctl.comparing.settings import differing_dataset, differing_prompts, differing_settings
from evalctl.comparing.sides import Key, RunSide, missing_models, without_result
from evalctl.comparing.values import read_values
from evalctl.comparisons import Comparison, PairComparison
from evalctl.errors import OutputError, UnknownNameError, UsageError
from evalctl.scales import Scale
from evalctl.stats import holm

CONFIDENCE = 0.95
"""Of the intervals."""


@dataclass
class SidePair:
    """Two sides while their datasets are read one after the other."""

    a: RunSide
    b: RunSide
    metrics: list[MetricPair] = field(default_factory=list)
    categories: list[CategoryPair] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def compare(
    sides: Sequence[RunSide],
    *,
    baseline: RunSide | None = None,
    metrics: Sequence[str] = (),
) -> Comparison:
    """Return all pairs of sides compared, or each side with the baseline.

    Args:
        sides: Without the baseline.
        baseline: B of every pair; None takes all pairs.
        metrics: More metrics than the datasets' headline ones.

    Raises:
        UsageError: There are not two sides.
        UnknownNameError: No dataset of any side has such a metric.
        OutputError: No pair has a sample in common, or a run folder is damaged.
    """
    everyone = (*sides, baseline) if baseline else tuple(sides)
    if len(everyone) < 2:
        raise UsageError(_too_few(everyone))
    _check_metrics(everyone, metrics)
    labels = {side.key: _label(index) for index, side in enumerate(everyone)}
    chosen = [(side, baseline) for side in sides] if baseline else combinations(sides, 2)
    pairs = [SidePair(a, b) for a, b in chosen]
    fill(pairs, metrics=metrics, confidence=CONFIDENCE)
    if not any(pair.metrics for pair in pairs):
        raise OutputError(_nothing_shared(pairs))
    corrected = _corrected(pairs)
    return Comparison(
        sides=tuple(side_record(side, labels[side.key]) for side in everyone),
        pairs=tuple(
            _pair_record(pair, (labels[pair.a.key], labels[pair.b.key]), corrected)
            for pair in pairs
        ),
        baseline=labels[baseline.key] if baseline else None,
        n_tests=len(corrected),
        confidence=CONFIDENCE,
        notices=tuple(dict.fromkeys(_notices(everyone, labels))),
    )


def fill(pairs: Sequence[SidePair], *, metrics: Sequence[str], confidence: float) -> None:
    """Read the pairs' datasets, one at a time, and put their figures and warnings in.

    Raises:
        OutputError: A run folder is damaged.
    """
    for pair in pairs:
        pair.warnings.extend(differing_settings(pair.a, pair.b))
    everyone = {side.key: side for pair in pairs for side in (pair.a, pair.b)}
    names = dict.fromkeys(d.dataset for side in everyone.values() for d in side.planned.datasets)
    for name in names:
        wanted = _metrics_of(name, everyone.values(), metrics)
        samples = {
            key: read_values(side, name, wanted)
            for key, side in everyone.items()
            if side.planned.dataset(name)
        }
        for pair in pairs:
            _add_dataset(pair, name, wanted, samples, confidence)
    for pair in pairs:
        pair.categories.extend(_categories(pair))


def _add_dataset(
    pair: SidePair,
    name: str,
    wanted: Sequence[str],
    samples: Mapping[Key, Samples],
    confidence: float,
) -> None:
    a, b = pair.a.planned.dataset(name), pair.b.planned.dataset(name)
    if a is None or b is None:
        return
    ours, theirs = samples[pair.a.key], samples[pair.b.key]
    both = overlap(ours, theirs)
    if not both.n_shared:
        pair.gaps.append(f"{name}: no sample in common")
        return
    pair.warnings.extend(differing_dataset(a, b, wanted))
    if both.n_reworded:
        pair.warnings.append(differing_prompts(name, both.n_reworded, both.n_shared))
    for index, metric in enumerate(wanted):
        lacking = [side for side in (pair.a, pair.b) if metric not in side.metrics(name)]
        if lacking:
            if len(lacking) == 1:
                pair.gaps.append(_without_metric(name, metric, lacking[0]))
            continue
        subject = _subject(a, metric, index)
        if a.is_pooled(metric):
            found = pair_pooled(subject, (pair.a, pair.b), (ours, theirs), confidence=confidence)
        else:
            found = pair_metric(subject, ours, theirs, confidence=confidence)
        if found is not None:
            pair.metrics.append(found)
        elif a.is_pooled(metric):
            pair.gaps.append(
                f"{name}: {metric} is made of sums over all samples; no installed plugin has its "
                "function, or the shared samples do not define it. --metric NAME takes another one"
            )
        else:
            pair.gaps.append(f"{name}: no shared sample has a value of {metric} on both sides")


def _subject(dataset: DatasetFacts, metric: str, index: int) -> Subject:
    bounds = dataset.range_of(metric) or (0.0, 1.0)
    is_headline = metric == dataset.headline
    return Subject(
        category=dataset.category,
        dataset=dataset.dataset,
        metric=metric,
        index=index,
        is_headline=is_headline,
        is_score=is_headline and not dataset.has_ideal(metric),
        scale=Scale.of(*bounds),
        span=Scale.of_category(*bounds),
    )


def _without_metric(dataset: str, metric: str, side: RunSide) -> str:
    run = side.facts.run_id
    return f"{dataset}: {run} has no {metric}; `evalctl score {run}` uses the scorers of today"


def _categories(pair: SidePair) -> Iterator[CategoryPair]:
    planned = (*pair.a.planned.datasets, *pair.b.planned.datasets)
    for category in dict.fromkeys(name for dataset in planned for name in dataset.scored_in):
        primary = dict.fromkeys(d.dataset for d in planned if category in d.scored_in)
        parts = [m for m in pair.metrics if m.dataset in primary and m.is_headline]
        if parts:
            missing = [name for name in primary if name not in {part.dataset for part in parts}]
            yield pair_category(category, parts, missing)


def _metrics_of(dataset: str, sides: Iterable[RunSide], more: Sequence[str]) -> tuple[str, ...]:
    planned = [found for side in sides if (found := side.planned.dataset(dataset))]
    return tuple(dict.fromkeys([*(one.headline for one in planned), *more]))


def _corrected(pairs: Sequence[SidePair]) -> dict[int, float]:
    """Return corrected p values by `id` of what was tested.

    A category of one dataset is that dataset's test again, and is not counted a second time.
    """
    tested = [one for pair in pairs for one in _tested(pair)]
    return dict(zip(map(id, tested), holm([one.test.p_value for one in tested]), strict=True))


def _tested(pair: SidePair) -> list[MetricPair | CategoryPair]:
    return [*pair.metrics, *(one for one in pair.categories if len(one.parts) > 1)]


def _pair_record(
    pair: SidePair, labels: tuple[str, str], corrected: Mapping[int, float]
) -> PairComparison:
    return PairComparison(
        a=labels[0],
        b=labels[1],
        categories=tuple(
            category_record(
                one,
                labels,
                corrected[id(one if len(one.parts) > 1 else one.parts[0])],
                len(corrected),
            )
            for one in pair.categories
        ),
        datasets=tuple(
            dataset_record(one, labels, corrected[id(one)], len(corrected)) for one in pair.metrics
        ),
        warnings=(*pair.warnings, *pair.gaps),
        measured=measured_against(pair.a, pair.b),
    )


def _check_metrics(sides: Sequence[RunSide], metrics: Sequence[str]) -> None:
    known = {m for side in sides for d in side.planned.datasets for m in side.metrics(d.dataset)}
    for metric in metrics:
        if metric not in known:
            raise UnknownNameError("metric", metric, known)


def _notices(sides: Sequence[RunSide], labels: Mapping[Key, str]) -> Iterator[str]:
    for side in sides:
        label = labels[side.key]
        if side.facts.accepted:
            yield f"{label} was resumed after changes: {'; '.join(side.facts.accepted)}"
        if side.summary.status != "complete":
            yield f"{label} is incomplete: its run is {side.summary.status}"
        for model in missing_models(side):
            yield f"{side.facts.run_id} has no result of {model}, which was planned"
        if side.result.error:
            yield f"{label} was not run to its end: {side.result.error}"
        for dataset in side.result.datasets:
            if dataset.n_done < dataset.n_samples:
                done = f"{dataset.n_done} of {dataset.n_samples} samples"
                yield f"{label}: {dataset.dataset} has {done}"


def _too_few(sides: Sequence[RunSide]) -> str:
    lacking = missing_models(sides[0]) if sides and not sides[0].is_chosen else ()
    if lacking:
        return f"{without_result(sides[0].folder, lacking)}, or name another run to compare it with"
    name = sides[0].facts.run_id if sides else "nothing"
    return f"{name} has one model alone; name another run to compare it with"


def _nothing_shared(pairs: Sequence[SidePair]) -> str:
    a, b = pairs[0].a, pairs[0].b
    ours = ", ".join(d.dataset for d in a.planned.datasets) or "none"
    theirs = ", ".join(d.dataset for d in b.planned.datasets) or "none"
    gaps = "".join(f" {gap}." for gap in dict.fromkeys(gap for pair in pairs for gap in pair.gaps))
    return (
        f"no scored sample in common: {a.facts.run_id} has the datasets {ours}; "
        f"{b.facts.run_id} has {theirs}.{gaps}"
    )


def _label(index: int) -> str:
    """Return A to Z, then AA, AB and so on."""
    letter = chr(ord("A") + index % 26)
    return letter if index < 26 else _label(index // 26 - 1) + letter
