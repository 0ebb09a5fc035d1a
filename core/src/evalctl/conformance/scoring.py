"""Rules on what scorers make of a dataset's own examples."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from evalctl.conformance.judging import Judged, Kind, first_score, headline_of, judged
from evalctl.conformance.rule import Finding, Gap, NotCheckedError, Rule
from evalctl.conformance.subject import Subject
from evalctl.metrics import mean_counts
from evalctl.results import SampleResult
from evalctl.scoring import Failure
from evalctl.specs import DatasetSpec, MetricSpec


def _headlines(
    subject: Subject, dataset: DatasetSpec, kind: Kind
) -> Iterator[tuple[str, float | None] | Finding | Gap]:
    """Yield the headline's value of each output of a kind; of all together where it is pooled."""
    where = f"dataset {dataset.name}"
    scorer, metric = headline_of(dataset)
    if scorer.judge is not None:
        # Told where nothing else is held to the rule; beside others it is let be.
        if all(headline_of(one)[0].judge is not None for one in subject.datasets()):
            yield Gap(where, "a judge model gives its headline, and none is asked here")
        return
    try:
        outputs = [one for one in judged(subject, dataset) if one.kind == kind]
    except NotCheckedError as error:
        yield Gap(where, str(error))
        return
    for one in outputs:
        score = first_score(one.rounds[0], scorer)
        if score is not None and score.outcome in {"unsupported", "sandbox"}:
            yield Gap(one.where, score.explanation)
            return
        if score is not None and score.failed:
            yield Finding(where=one.where, what=score.explanation)
        elif metric.pooled is None:
            yield one.where, one.rounds[0].metrics[metric.name]
    if metric.pooled is not None and outputs:
        made = subject.attempt(f"{where}, its headline", metric.pooled, _sums(outputs, scorer.name))
        if isinstance(made, Failure):
            yield Finding(where=f"{where}, its headline", what=made.reason)
        else:
            yield f"{where}, all {kind} outputs together", made


def _sums(outputs: Iterable[Judged], scorer: str) -> Mapping[str, float]:
    total: Counter[str] = Counter()
    for one in outputs:
        for name, count in (mean_counts(one.rounds[0].scores[scorer]) or {}).items():
            total[name] += count  # type: ignore[assignment]  # a Counter adds up floats as well
    return dict(total)


def _find_good_that_fall_short(subject: Subject) -> Iterator[Finding | Gap]:
    for dataset in subject.datasets():
        _, metric = headline_of(dataset)
        for found in _headlines(subject, dataset, "good"):
            if isinstance(found, Finding | Gap):
                yield found
                continue
            where, value = found
            if value is None:
                yield Finding(where=where, what=f"{metric.name} is not scored")
            elif math.isfinite(metric.upper) and value < metric.upper:
                what = f"{metric.name} is {value:g}; full marks are {metric.upper:g}"
                yield Finding(where=where, what=what)


def _find_bad_with_full_marks(subject: Subject) -> Iterator[Finding | Gap]:
    for dataset in subject.datasets():
        _, metric = headline_of(dataset)
        for found in _headlines(subject, dataset, "bad"):
            if isinstance(found, Finding | Gap):
                yield found
            elif found[1] is not None and found[1] >= _limit(subject, dataset, metric):
                yield Finding(where=found[0], what=f"{metric.name} is {found[1]:g}: full marks")


def _limit(subject: Subject, dataset: DatasetSpec, metric: MetricSpec) -> float:
    """Return full marks; where the range has no end, the best value of a good output."""
    if math.isfinite(metric.upper):
        return metric.upper
    good = _headlines(subject, dataset, "good")
    values = [found[1] for found in good if not isinstance(found, Finding | Gap)]
    return max((value for value in values if value is not None), default=math.inf)


def _find_unscored_silence(subject: Subject) -> Iterator[Finding | Gap]:
    for dataset in subject.datasets():
        _, metric = headline_of(dataset)
        for found in _headlines(subject, dataset, "empty"):
            if isinstance(found, Finding | Gap):
                yield found
            elif metric.pooled is not None or any(not one.good.strip() for one in dataset.examples):
                continue
            elif found[1] is None:
                yield Finding(where=found[0], what=f"{metric.name} is not scored")
            elif found[1] >= metric.upper:
                yield Finding(where=found[0], what=f"{metric.name} is {found[1]:g}: full marks")


def _find_differing(subject: Subject) -> Iterator[Finding | Gap]:
    own = {used.scorer.name for used in subject.scorers()}
    for dataset in subject.judged_datasets():
        try:
            outputs = judged(subject, dataset)
        except NotCheckedError as error:
            yield Gap(f"dataset {dataset.name}", str(error))
            continue
        for one in outputs:
            seen = [_comparable(result) for result in one.rounds]
            for scorer in own & set(seen[0]):
                values = [str(round_[scorer]) for round_ in seen]
                if len(set(values)) > 1:
                    what = f"scorer {scorer} gives {' and then '.join(dict.fromkeys(values))}"
                    yield Finding(where=one.where, what=what[:300])


def _comparable(result: SampleResult) -> Mapping[str, tuple[object, ...]]:
    """Return what each scorer said, without what differs from run to run by nature."""
    return {
        name: tuple((score.value, score.answer, dict(score.counts)) for score in scores)
        for name, scores in result.scores.items()
    }


RULES = (
    Rule(
        "good-examples-get-full-marks",
        "Where the scorer does not recognise an answer that its own makers call good, it does not "
        "recognise those of models either.",
        "Mend the scorer, or the example: `good` must get `MetricSpec.upper` of the headline "
        "metric.",
        _find_good_that_fall_short,
    ),
    Rule(
        "bad-examples-get-less",
        "A scorer that gives a wrong answer full marks tells good models from bad ones no better "
        "than a coin does.",
        "Mend the scorer, or the example: `bad` must get less than full marks.",
        _find_bad_with_full_marks,
    ),
    Rule(
        "scores-are-the-same-twice",
        "A score that changes when nothing has changed can be neither repeated nor compared.",
        "Leave out random numbers, the time, the order of sets and anything kept from one call to "
        "the next; a seed may be made of `Sample.id`.",
        _find_differing,
    ),
    Rule(
        "empty-outputs-get-no-marks",
        "A model that says nothing has not answered: to leave it out of the mean, or to give it "
        "full marks, flatters it.",
        "Return `Score(value=0.0, answer=None)` (the least value) where nothing was answered; "
        "`value=None` is for what you cannot tell.",
        _find_unscored_silence,
    ),
)
