"""From one sample's scores to its value: plain reducers, and avg@k, pass@k and maj@k.

Averaging over samples, with its uncertainty, is in `stats.py`; judging a completion in scorers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from numbers import Real

from evalctl.errors import ConfigError, ScoringError
from evalctl.records import Score
from evalctl.specs import MetricSpec, ScorerSpec

Reduce = Callable[[tuple[Score, ...]], float | None]
"""One sample's scores, one per completion in order, to its value; None for not scored."""


def mean_value(scores: tuple[Score, ...]) -> float | None:
    """Return the mean over the scored completions; None where none was scored."""
    return _mean([score.value for score in scores if score.value is not None])


def first_value(scores: tuple[Score, ...]) -> float | None:
    """Return the first completion's value; None where it was not scored."""
    return scores[0].value if scores else None


def within(value: object, lower: float, upper: float) -> float:
    """Return a number of the range as a float; what is out by rounding alone becomes the bound.

    Raises:
        ScoringError: It is no number, not finite, or not in the range.
    """
    if not isinstance(value, Real):
        raise ScoringError(f"the value is of the type {type(value).__name__}, no number")
    number = float(value)
    if not math.isfinite(number):
        raise ScoringError(f"the value {number} is not finite")
    if not lower - _slack(lower) <= number <= upper + _slack(upper):
        raise ScoringError(f"the value {number:g} is not in the range from {lower:g} to {upper:g}")
    return min(max(number, lower), upper)


def reduced(
    scores: tuple[Score, ...], *, reduce: Reduce, lower: float, upper: float
) -> float | None:
    """Return what a metric makes of a sample's scores, once it is known to be in its range.

    Raises:
        ScoringError: It is not.
        Exception: Whatever the metric's own function raises.
    """
    value = reduce(scores)
    return None if value is None else within(value, lower, upper)


def mean_counts(scores: tuple[Score, ...]) -> dict[str, float] | None:
    """Return a sample's counts: the mean over its completions that have any; None without any.

    So a sample has the same weight however often it is answered. A completion that lacks a count
    that another one has counts 0 there.
    """
    given = [score.counts for score in scores if score.counts and not score.failed]
    names = dict.fromkeys(name for counts in given for name in counts)
    return {
        name: math.fsum(counts.get(name, 0.0) for counts in given) / len(given) for name in names
    } or None


def pass_at_k(count: int, correct: int, k: int) -> float:
    """Return the unbiased chance that at least one of k completions is correct.

    `1 - C(n - c, k) / C(n, k)`, exactly.

    Args:
        count: Completions that were judged (n).
        correct: How many of them are correct (c).
        k: How many are drawn, from 1 to n.

    Raises:
        ValueError: k is greater than n (it cannot be estimated), or a number is out of range.

    Source: Chen et al. 2021, "Evaluating Large Language Models Trained on Code", equation 1.
    """
    if not 0 <= correct <= count:
        raise ValueError(f"{correct} correct of {count} completions do not exist")
    if not 1 <= k <= count:
        raise ValueError(f"pass@{k} cannot be estimated from {count} completions")
    return 1.0 - math.comb(count - correct, k) / math.comb(count, k)


def expand(
    declared: MetricSpec | ScorerSpec, repeats: int, pass_k: tuple[int, ...] | None = None
) -> tuple[MetricSpec, ...]:
    """Return the metrics to compute when every sample gets `repeats` completions.

    A metric with `repeats` set becomes, for K > 1 completions, four kinds: itself (under its plain
    name, so that a headline stays valid) and `<name>_avg@K`, both the mean over completions;
    `<name>_pass@k` for each k; `<name>_maj@K`. Other metrics stay as they are, but are means over
    K completions then: only pass@K, which needs all K, is a proportion still. Pooled metrics stay
    as they are too, a sample's counts being the mean over its completions.

    Args:
        declared: A metric, or a scorer with all of its metrics.
        repeats: Completions per sample (K), at least 1.
        pass_k: The k's of pass@k. None means K where K > 1, and nothing otherwise.

    Raises:
        ConfigError: A k is below 1, or greater than K: it could only be guessed.
    """
    ks = _checked_ks(repeats, pass_k)
    family = tuple(k for k in (10, 100) if k < repeats) if pass_k is None else ()
    metrics = declared.metrics if isinstance(declared, ScorerSpec) else (declared,)
    return tuple(
        made
        for metric in metrics
        for made in (
            _pass_family(metric, repeats, (*family, *ks))
            if metric.pass_name
            else _expand_one(metric, repeats, ks)
        )
    )


def shared_name(one: MetricSpec, other: MetricSpec) -> str | None:
    """Return a name that two metrics have both, alone or once a run repeats its samples; or None.

    `K` stands for a number of completions.
    """
    for ours in _names(one):
        for theirs in _names(other):
            if _is_same(ours, theirs):
                return ours.replace(_NUMBER, "K")
    return None


def average(scores: tuple[Score, ...], *, reduce: Reduce) -> float | None:
    """Return avg@K: the mean of the metric's value over the scored completions."""
    return _mean(_values(scores, reduce))


def pass_rate(
    scores: tuple[Score, ...], *, reduce: Reduce, k: int, full_marks: float
) -> float | None:
    """Return pass@k by the unbiased estimator; a completion passes with full marks.

    A completion that was not scored leaves the count. None where fewer than k are left.

    Source: Chen et al. 2021, equation 1 (`pass_at_k`).
    """
    values = _values(scores, reduce)
    if len(values) < k:
        return None
    return pass_at_k(len(values), sum(value >= full_marks for value in values), k)


def majority(
    scores: tuple[Score, ...], *, reduce: Reduce, unparsed: float, full_marks: float
) -> float | None:
    """Return maj@K: the value of the most frequent answer.

    Answers are the scorer's normalised ones. All that have full marks are one answer, however they
    are spelt, for each of them is equivalent to the gold one. Unreadable ones never vote; where
    only such were scored, the value is `unparsed`. Tied answers share: the mean of their values.
    None only where no completion was scored.

    Source: Wang et al. 2022, "Self-Consistency Improves Chain of Thought Reasoning". Voting by
    what the scorer takes for equal is our own.
    """
    votes: dict[str, list[float]] = defaultdict(list)
    right: set[str] = set()
    is_scored = False
    for score in scores:
        value = reduce((score,))
        if value is None:
            continue
        is_scored = True
        if score.answer is not None:
            votes[score.answer].append(value)
            if value >= full_marks:
                right.add(score.answer)
    if not votes:
        return unparsed if is_scored else None
    groups = [values for answer, values in votes.items() if answer not in right]
    groups.append([value for answer in right for value in votes[answer]])
    most = max(map(len, groups))
    return _mean([math.fsum(group) / most for group in groups if len(group) == most])


def _expand_one(metric: MetricSpec, repeats: int, ks: tuple[int, ...]) -> tuple[MetricSpec, ...]:
    if repeats > 1 and metric.reduce and not metric.repeats:
        return (metric.model_copy(update={"proportion": False}),)
    if not metric.repeats or (repeats == 1 and not ks):
        return (metric,)
    passes = tuple(_pass_metric(metric, repeats, k) for k in ks)
    if repeats == 1:
        return (metric, *passes)
    reduce = _of_one(metric)
    mean = {"reduce": partial(average, reduce=reduce), "proportion": False, "repeats": False}
    least, most = metric.lower, metric.upper
    vote = {"reduce": partial(majority, reduce=reduce, unparsed=least, full_marks=most)}
    return (
        metric.model_copy(update=mean),
        metric.model_copy(
            update=mean
            | {
                "name": f"{metric.name}_avg@{repeats}",
                "title": f"{metric.title}, mean of {repeats} completions",
            }
        ),
        *passes,
        metric.model_copy(
            update=mean
            | vote
            | {
                "name": f"{metric.name}_maj@{repeats}",
                "title": f"{metric.title}, majority of {repeats} completions",
            }
        ),
    )


_NUMBER = "\0"
"""In a name, where repeats put a number."""


def _names(metric: MetricSpec) -> tuple[str, ...]:
    """Return all names that a metric may have in a run: see `expand`."""
    if metric.pass_name:
        return metric.name, metric.pass_name.replace("{k}", _NUMBER)
    kinds = ("avg", "pass", "maj") if metric.repeats else ()
    return (metric.name, *(f"{metric.name}_{kind}@{_NUMBER}" for kind in kinds))


def _is_same(one: str, other: str) -> bool:
    return one == other or _is_of(one, other) or _is_of(other, one)


def _is_of(name: str, pattern: str) -> bool:
    """Whether a name is that of a pattern with some number."""
    before, number, after = pattern.partition(_NUMBER)
    if not (number and name.startswith(before) and name.endswith(after)):
        return False
    return name[len(before) : len(name) - len(after)].isdecimal()


def _pass_family(metric: MetricSpec, repeats: int, ks: tuple[int, ...]) -> tuple[MetricSpec, ...]:
    """Return pass@1, its unbiased estimate being the mean, and the family's others."""
    first = metric.model_copy(update={"proportion": metric.proportion and repeats == 1})
    others = (
        _pass_metric(metric, repeats, k).model_copy(update={"name": metric.pass_name.format(k=k)})
        for k in ks
        if k > 1
    )
    return (first, *others)


def _pass_metric(metric: MetricSpec, repeats: int, k: int) -> MetricSpec:
    reduce = partial(pass_rate, reduce=_of_one(metric), k=k, full_marks=metric.upper)
    return metric.model_copy(
        update={
            "name": f"{metric.name}_pass@{k}",
            "title": f"{metric.title}, at least one of {k} completions with full marks",
            "reduce": reduce,
            "proportion": k == repeats,  # below K the estimator gives fractions
            "lower": 0.0,
            "upper": 1.0,
            "repeats": False,
        }
    )


def _of_one(metric: MetricSpec) -> Reduce:
    """Return the metric's value of one completion, checked before anything is made of it."""
    assert metric.reduce is not None, "pooled metrics have no repeats"
    return partial(reduced, reduce=metric.reduce, lower=metric.lower, upper=metric.upper)


def _slack(bound: float) -> float:
    """Return how far rounding may carry a mean beyond a bound."""
    return 1e-9 * max(abs(bound), 1.0)


def _checked_ks(repeats: int, pass_k: tuple[int, ...] | None) -> tuple[int, ...]:
    if repeats < 1:
        raise ConfigError(f"{repeats} completions per sample make no run; give at least 1")
    if pass_k is None:
        return (repeats,) if repeats > 1 else ()
    for k in pass_k:
        if not 1 <= k <= repeats:
            raise ConfigError(
                f"pass@{k} cannot be estimated from {repeats} completions per sample; "
                f"ask for at least {max(k, 1)} completions, or for k from 1 to {repeats}"
            )
    return tuple(dict.fromkeys(pass_k))


def _values(scores: tuple[Score, ...], reduce: Reduce) -> list[float]:
    values = (reduce((score,)) for score in scores)
    return [value for value in values if value is not None]


def _mean(values: list[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
