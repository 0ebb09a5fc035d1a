"""From one sample's scores to its value: plain reducers, and avg@k, pass@k and maj@k.

Averaging over samples, with its uncertainty, is in `stats.py`; judging a completion in scorers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from evalctl.errors import ConfigError
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
    `<name>_pass@k` for each k; `<name>_maj@K`. Other metrics stay as they are.

    Args:
        declared: A metric, or a scorer with all of its metrics.
        repeats: Completions per sample (K), at least 1.
        pass_k: The k's of pass@k. None means K where K > 1, and nothing otherwise.

    Raises:
        ConfigError: A k is below 1, or greater than K: it could only be guessed.
    """
    ks = _checked_ks(repeats, pass_k)
    metrics = declared.metrics if isinstance(declared, ScorerSpec) else (declared,)
    return tuple(made for metric in metrics for made in _expand_one(metric, repeats, ks))


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


def majority(scores: tuple[Score, ...], *, reduce: Reduce, unparsed: float) -> float | None:
    """Return maj@K: the value of the most frequent answer.

    Answers are the scorer's normalised ones. Unreadable ones never vote; where only such were
    scored, the value is `unparsed`. Tied answers share: the mean of their values. None only where
    no completion was scored.

    Source: Wang et al. 2022, "Self-Consistency Improves Chain of Thought Reasoning".
    """
    votes: dict[str, list[float]] = defaultdict(list)
    is_scored = False
    for score in scores:
        value = reduce((score,))
        if value is None:
            continue
        is_scored = True
        if score.answer is not None:
            votes[score.answer].append(value)
    if not votes:
        return unparsed if is_scored else None
    most = max(len(group) for group in votes.values())
    return _mean([math.fsum(group) / most for group in votes.values() if len(group) == most])


def _expand_one(metric: MetricSpec, repeats: int, ks: tuple[int, ...]) -> tuple[MetricSpec, ...]:
    if not metric.repeats or (repeats == 1 and not ks):
        return (metric,)
    passes = tuple(_pass_metric(metric, repeats, k) for k in ks)
    if repeats == 1:
        return (metric, *passes)
    reduce = metric.reduce
    mean = {"reduce": partial(average, reduce=reduce), "proportion": False, "repeats": False}
    vote = {"reduce": partial(majority, reduce=reduce, unparsed=metric.lower)}
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


def _pass_metric(metric: MetricSpec, repeats: int, k: int) -> MetricSpec:
    reduce = partial(pass_rate, reduce=metric.reduce, k=k, full_marks=metric.upper)
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
