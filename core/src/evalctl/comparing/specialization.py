"""How far a category is a model's speciality: as declared, and as measured.

Two measures. Against its own mean elsewhere, a model's score holds how hard the categories are as
well. Against general models on the same samples it does not: remarks rest on that one alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalctl.comparing.declared import GENERAL, Declared
from evalctl.comparing.facts import DatasetFacts
from evalctl.comparing.pairing import (
    CategoryPair,
    MetricPair,
    Samples,
    Subject,
    pair_category,
    pair_metric,
)
from evalctl.comparing.sides import RunSide
from evalctl.comparing.values import SampleValues, read_values
from evalctl.comparing.words import specialization_remark
from evalctl.results import CategoryScore
from evalctl.specializations import OverGeneral, OverOwn, Specialization, SpecializationTable
from evalctl.stats import Estimate, combine, difference, holm

CONFIDENCE = 0.95
"""Of the intervals."""


@dataclass
class _Model:
    """A model with all of its runs, the latest first."""

    name: str
    sides: list[RunSide]
    declared: Declared

    def score(self, category: str) -> CategoryScore | None:
        """Return its score in a category from the latest run that has one."""
        scores = (score for side in self.sides for score in side.result.categories)
        return next((s for s in scores if s.category == category and s.value is not None), None)

    def side_with(self, dataset: str) -> RunSide | None:
        """Return its latest run that has a dataset."""
        return next((side for side in self.sides if side.planned.dataset(dataset)), None)


@dataclass
class _Row:
    """One model in one category, before the correction for many tests."""

    model: _Model
    score: CategoryScore
    general: tuple[str, ...] = ()
    pair: CategoryPair | None = None


def measure(sides: Sequence[RunSide], find: Callable[[str], Declared]) -> SpecializationTable:
    """Return how far categories are models' specialities.

    Args:
        sides: Models of runs; a model that is in several counts with its latest one of a category.
        find: Returns what is declared of a model of that name.

    Raises:
        OutputError: A run folder is damaged.
    """
    models = _models(sides, find)
    rows = [
        _Row(model, score)
        for category in _categories(sides)
        for model in sorted(models, key=lambda m: -m.declared.weights.get(category, -1.0))
        if (score := model.score(category)) is not None
    ]
    for category in _categories(sides):
        _add_general([row for row in rows if row.score.category == category], models)
    tested = [row for row in rows if row.pair is not None]
    corrected = holm([row.pair.test.p_value for row in tested if row.pair])
    p_values = dict(zip(map(id, tested), corrected, strict=True))
    return SpecializationTable(
        rows=tuple(_record(row, p_values.get(id(row), 1.0)) for row in rows),
        n_tests=len(tested),
        notices=tuple(_notices(rows)),
    )


def _models(sides: Sequence[RunSide], find: Callable[[str], Declared]) -> list[_Model]:
    latest = sorted(sides, key=lambda side: side.facts.started, reverse=True)
    return [
        _Model(name, [side for side in latest if side.model == name], find(name))
        for name in dict.fromkeys(side.model for side in sides)
    ]


def _categories(sides: Sequence[RunSide]) -> list[str]:
    scores = (score.category for side in sides for score in side.result.categories)
    return list(dict.fromkeys(scores))


def _general(model: _Model, category: str, models: Sequence[_Model]) -> list[_Model]:
    """Return the models that stand for general ones beside a model.

    Those of the category `general` where there are any, else all that the category does not
    declare as its own, or declares with a low weight.
    """
    others = [
        other
        for other in models
        if other is not model and not other.declared.is_embedded and other.score(category)
    ]
    registered = [
        other
        for other in others
        if GENERAL in other.declared.weights and not other.declared.is_specialist(category)
    ]
    return registered or [other for other in others if other.declared.is_generalist(category)]


def _add_general(rows: Sequence[_Row], models: Sequence[_Model]) -> None:
    """Compare the models of one category with general ones, dataset by dataset."""
    parts: dict[int, list[MetricPair]] = {id(row): [] for row in rows}
    beside = {id(row): _general(row.model, row.score.category, models) for row in rows}
    for name in dict.fromkeys(name for row in rows for name in _datasets(row.score)):
        samples = _samples([row.model for row in rows], name)
        for row in rows:
            pair = _pair(row.model, beside[id(row)], name, samples)
            if pair is not None:
                parts[id(row)].append(pair)
    for row in rows:
        names = _datasets(row.score)
        if len(parts[id(row)]) == len(names) > 0:
            row.general = tuple(other.name for other in beside[id(row)])
            row.pair = pair_category(row.score.category, parts[id(row)], row.score.missing)


def _datasets(score: CategoryScore) -> list[str]:
    """Return the names of the datasets that a score is made of."""
    return [part.rpartition(":")[0] for part in score.made_of]


def _facts(model: _Model, dataset: str) -> DatasetFacts | None:
    side = model.side_with(dataset)
    return side.planned.dataset(dataset) if side else None


def _samples(models: Sequence[_Model], dataset: str) -> dict[str, Samples]:
    """Return the headline values of models on a dataset, by model."""
    found: dict[str, Samples] = {}
    for model in models:
        side, facts = model.side_with(dataset), _facts(model, dataset)
        if side is not None and facts is not None:
            found[model.name] = read_values(side, dataset, (facts.headline,))
    return found


def _pair(
    model: _Model, general: Sequence[_Model], dataset: str, samples: Mapping[str, Samples]
) -> MetricPair | None:
    """Compare a model with the mean of general ones on the samples that all of them have."""
    facts = _facts(model, dataset)
    others = [_facts(other, dataset) for other in general]
    if facts is None or not others:
        return None
    same = (facts.headline, facts.content_hash)
    if any(one is None or (one.headline, one.content_hash) != same for one in others):
        return None
    subject = Subject(facts.category, dataset, facts.headline, 0, is_headline=True, is_score=True)
    mean = _mean([samples[other.name] for other in general])
    return pair_metric(subject, samples[model.name], mean, confidence=CONFIDENCE)


def _mean(samples: Sequence[Samples]) -> Samples:
    """Return the mean values over models of the samples that all of them have scored."""
    first, *others = samples
    shared = set(first).intersection(*others)
    found: dict[str, SampleValues] = {}
    for name in first:
        values = [each[name].values[0] for each in samples] if name in shared else [None]
        scored = [value for value in values if value is not None]
        if len(scored) == len(samples):
            mean = math.fsum(scored) / len(scored)
            found[name] = first[name]._replace(values=(mean,))
    return found


def _record(row: _Row, p_holm: float) -> Specialization:
    weight = row.model.declared.weights.get(row.score.category)
    over_general = _over_general(row, p_holm)
    remark = specialization_remark(
        row.score.category,
        weight,
        over_general,
        is_specialist=row.model.declared.is_specialist(row.score.category),
    )
    return Specialization(
        model=row.model.name,
        category=row.score.category,
        declared_weight=weight,
        score=row.score.value,
        interval=row.score.interval,
        over_own=_over_own(row),
        over_general=over_general,
        remark=remark if row.model.declared.weights else "",
    )


def _over_general(row: _Row, p_holm: float) -> OverGeneral | None:
    if row.pair is None or row.pair.figures.value is None:
        return None
    figures = row.pair.figures
    return OverGeneral(
        value=row.pair.figures.value,
        stderr=figures.stderr,
        interval=figures.interval,
        models=row.general,
        datasets=tuple(part.dataset for part in row.pair.parts),
        n_shared=sum(part.figures.n_pairs for part in row.pair.parts),
        p_value=row.pair.test.p_value,
        p_holm=p_holm,
        detectable=row.pair.detectable,
    )


def _over_own(row: _Row) -> OverOwn | None:
    """Compare with the mean of the other categories that share no dataset with this one."""
    mine = set(_datasets(row.score))
    others: dict[str, CategoryScore] = {}
    for category in _categories(row.model.sides):
        score = row.model.score(category)
        if score is not None and not mine & set(_datasets(score)):
            others[category] = score
    if not others:
        return None
    elsewhere = combine([_estimate(score) for score in others.values()])
    found = difference(_estimate(row.score), elsewhere)
    if found.value is None:
        return None
    return OverOwn(
        value=found.value,
        stderr=found.stderr,
        interval=found.interval,
        categories=tuple(others),
    )


def _estimate(score: CategoryScore) -> Estimate:
    return Estimate(score.value, score.stderr, score.interval, "")


def _notices(rows: Sequence[_Row]) -> Iterator[str]:
    for category in dict.fromkeys(row.score.category for row in rows):
        here = [row for row in rows if row.score.category == category]
        lone = [row.model for row in here if row.pair is None]
        if len(lone) < len(here):  # the only general model has none beside it, and needs none
            lone = [model for model in lone if not model.declared.is_generalist(category)]
        if lone:
            names = ", ".join(model.name for model in lone)
            yield (
                f"{category}: no general model with the same samples beside {names}; "
                "give a run of one as well"
            )
