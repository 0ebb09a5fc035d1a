"""Rules on metrics: they keep to their range, and what was not scored stays out of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from evalctl.conformance.judging import judged
from evalctl.conformance.rule import DoesNotApplyError, Finding, Gap, NotCheckedError, Rule
from evalctl.conformance.subject import Subject, UsedScorer
from evalctl.errors import ScoringError
from evalctl.metrics import mean_counts, within
from evalctl.records import Score
from evalctl.scoring import Failure
from evalctl.specs import MetricSpec


class _Used(NamedTuple):
    """A metric, and its scorer."""

    metric: MetricSpec
    scorer: UsedScorer

    def __str__(self) -> str:
        """Return what findings call it."""
        return f"metric {self.metric.name} of {self.scorer}"


def _metrics(subject: Subject) -> Iterator[_Used]:
    for used in subject.scorers():
        for metric in used.scorer.metrics:
            yield _Used(metric, used)


def _ends(metric: MetricSpec) -> tuple[float, float]:
    lower = metric.lower if math.isfinite(metric.lower) else -1.0
    upper = metric.upper if math.isfinite(metric.upper) else max(lower + 1.0, 1.0)
    return lower, upper


def _made_up(metric: MetricSpec) -> dict[str, tuple[Score, ...]]:
    """Return scores of one sample as they may come, each after its name."""
    lower, upper = _ends(metric)
    least, most = Score(value=lower, answer="a"), Score(value=upper, answer="b")
    middle = Score(value=(lower + upper) / 2, answer="c")
    unscored, unparsed = Score(value=None), Score(value=lower, answer=None)
    return {
        "no scores at all": (),
        "one score of the least value": (least,),
        "one score of full marks": (most,),
        "eight equal scores": (middle,) * 8,
        "mixed scores": (least, most, middle),
        "a score that is not scored": (unscored,),
        "scores that are all not scored": (unscored, unscored),
        "scored and not scored ones": (unscored, most, least),
        "an unparsed answer": (unparsed,),
        "parsed and unparsed answers": (unparsed, most),
        "a failed score": (Score(value=None, failed=True),),
    }


def _real_scores(subject: Subject, used: UsedScorer) -> dict[str, tuple[Score, ...]]:
    """Return the scorer's scores of its examples' outputs, each after its name."""
    return {
        one.where: one.rounds[0].scores[used.scorer.name]
        for one in judged(subject, used.dataset)
        if used.scorer.name in one.rounds[0].scores
    }


def _find_out_of_range(subject: Subject) -> Iterator[Finding | Gap]:
    for used in _metrics(subject):
        inputs: dict[str, object] = {}
        try:
            real = _real_scores(subject, used.scorer)
        except NotCheckedError as error:
            yield Gap(str(used), str(error))
            real = {}
        if used.metric.pooled is None:
            inputs.update(_made_up(used.metric) | real)
        else:
            inputs.update(_sums(real))
        for name, given in inputs.items():
            if problem := _range_problem(subject, used, name, given):
                yield Finding(where=str(used), what=f"on {name}: {problem}")
                break


def _range_problem(subject: Subject, used: _Used, name: str, given: object) -> str | None:
    metric = used.metric
    function = metric.pooled or metric.reduce
    value = subject.attempt(f"{used} on {name}", function, given)  # type: ignore[arg-type]
    if isinstance(value, Failure):
        return value.reason
    try:
        if value is not None:
            within(value, metric.lower, metric.upper)
    except ScoringError as error:
        return str(error)
    return None


def _sums(real: Mapping[str, tuple[Score, ...]]) -> dict[str, Mapping[str, float]]:
    """Return sums of counts as they may come, each after its name."""
    found = {name: mean_counts(scores) for name, scores in real.items()}
    single = {f"the counts of {name}": counts for name, counts in found.items() if counts}
    names = sorted({name for counts in single.values() for name in counts})
    total = {name: sum(counts.get(name, 0.0) for counts in single.values()) for name in names}
    return {
        "no counts at all": {},
        "counts that are all 0": dict.fromkeys(names, 0.0),
        **single,
        "the counts of all examples together": total,
        "those a million times": {name: count * 1e6 for name, count in total.items()},
    }


def _find_counted_unscored(subject: Subject) -> Iterator[Finding]:
    single = [used for used in _metrics(subject) if used.metric.reduce is not None]
    if not single:
        raise DoesNotApplyError("all metrics are pooled")
    for used in single:
        reduce = used.metric.reduce
        assert reduce is not None, "pooled ones are left out"
        most = Score(value=_ends(used.metric)[1], answer="b")
        unscored = Score(value=None)
        for name, given, allowed in (
            ("what is not scored", (unscored,), (None,)),
            ("two that are not scored", (unscored, unscored), (None,)),
            ("full marks and what is not scored", (most, unscored), (None, reduce)),
        ):
            value = subject.attempt(f"{used} on {name}", reduce, given)
            alone = subject.attempt(f"{used} on full marks", reduce, (most,))
            fine = [alone if one is reduce else one for one in allowed]
            if not isinstance(value, Failure) and value not in fine:
                yield Finding(where=str(used), what=f"is {value} for {name}")
                break


def _find_fractions(subject: Subject) -> Iterator[Finding | Gap]:
    proportions = [
        used for used in _metrics(subject) if used.metric.proportion and used.metric.reduce
    ]
    if not proportions:
        raise DoesNotApplyError("no metric is a proportion")
    for used in proportions:
        reduce = used.metric.reduce
        assert reduce is not None, "pooled ones are left out: a sample has no value of theirs"
        try:
            real = _real_scores(subject, used.scorer)
        except NotCheckedError as error:
            yield Gap(str(used), str(error))
            continue
        for name, scores in real.items():
            value = subject.attempt(f"{used} on {name}", reduce, scores)
            if not isinstance(value, Failure) and value not in (None, 0.0, 1.0):
                yield Finding(where=str(used), what=f"is {value} on {name}")
                break


RULES = (
    Rule(
        "metrics-stay-in-their-range",
        "A value out of its range spoils a whole dataset's mean, and one that raises leaves its "
        "samples without a score.",
        "Make `reduce` and `pooled` bear every input (no scores, scores without a value, counts "
        "that lack or are 0), or widen `lower` and `upper`; None stands for no value.",
        _find_out_of_range,
    ),
    Rule(
        "unscored-is-never-a-zero",
        "What could not be judged says nothing on the model; counted as a zero it blames the "
        "model for a failure of ours.",
        "Leave scores whose `value` is None out of the mean, and return None where none is left; "
        "`evalctl.mean_value` does both.",
        _find_counted_unscored,
    ),
    Rule(
        "proportions-are-zero-or-one",
        "For a proportion the interval is Wilson's, which is wrong for values between 0 and 1: "
        "users would trust differences that are none.",
        "Set `proportion=False`, or let single values be 0 or 1 only.",
        _find_fractions,
    ),
)
