"""Figures to the records of `comparisons.py`, each with its verdict."""

from __future__ import annotations

from evalctl.comparing.pairing import CategoryPair, MetricPair, mean_of
from evalctl.comparing.sides import RunSide
from evalctl.comparing.words import Finding, verdict, verdict_words
from evalctl.comparisons import CategoryDifference, DatasetDifference, Side


def side_record(side: RunSide, label: str) -> Side:
    """Return a side as it is told."""
    return Side(
        label=label,
        run_id=side.facts.run_id,
        model=side.model,
        status=side.summary.status,
        started=side.facts.started,
    )


def dataset_record(
    pair: MetricPair, labels: tuple[str, str], p_holm: float, n_tests: int
) -> DatasetDifference:
    """Return a metric's comparison with its verdict."""
    figures, both = pair.figures, pair.overlap
    finding = Finding(
        subject=pair.dataset if pair.is_headline else f"{pair.dataset}:{pair.metric}",
        difference=figures.value,
        interval=figures.interval,
        p_value=pair.test.p_value,
        p_holm=p_holm,
        detectable=figures.detectable,
        n_shared=figures.n_pairs,
        scale=pair.scale,
    )
    return DatasetDifference(
        category=pair.category,
        dataset=pair.dataset,
        metric=pair.metric,
        is_headline=pair.is_headline,
        is_share=pair.scale.is_hundredths,
        value_a=figures.value_a,
        value_b=figures.value_b,
        difference=figures.value,
        stderr=figures.stderr,
        interval=figures.interval,
        interval_method=figures.method,
        n_shared=figures.n_pairs,
        n_units=figures.n_units,
        n_only_a=both.n_only_a,
        n_only_b=both.n_only_b,
        n_unscored=pair.n_unscored,
        discordant=figures.discordant,
        test=pair.test.name,
        p_value=pair.test.p_value,
        p_holm=p_holm,
        detectable=figures.detectable,
        verdict=verdict(finding),
        words=verdict_words(finding, *labels, is_score=pair.is_score, n_tests=n_tests),
    )


def category_record(
    pair: CategoryPair, labels: tuple[str, str], p_holm: float, n_tests: int
) -> CategoryDifference:
    """Return a category's comparison with its verdict."""
    figures = pair.figures
    assert figures.value is not None, "each part has a value"
    finding = Finding(
        subject=pair.category,
        difference=figures.value,
        interval=figures.interval,
        p_value=pair.test.p_value,
        p_holm=p_holm,
        detectable=pair.detectable,
        n_shared=sum(part.figures.n_pairs for part in pair.parts),
    )
    return CategoryDifference(
        category=pair.category,
        made_of=tuple(f"{part.dataset}:{part.metric}" for part in pair.parts),
        missing=pair.missing,
        value_a=mean_of([(p.figures.value_a - p.span[0]) / p.span[1] for p in pair.parts]),
        value_b=mean_of([(p.figures.value_b - p.span[0]) / p.span[1] for p in pair.parts]),
        difference=figures.value,
        stderr=figures.stderr,
        interval=figures.interval,
        interval_method=figures.method,
        n_shared=finding.n_shared,
        n_units=sum(part.figures.n_units for part in pair.parts),
        test=pair.test.name,
        p_value=pair.test.p_value,
        p_holm=p_holm,
        detectable=pair.detectable,
        verdict=verdict(finding),
        words=verdict_words(finding, *labels, is_score=True, n_tests=n_tests),
    )
