"""A judge's verdicts on a sample as they are kept, and what several judges say together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from evalctl.records import Record, Score
from evalctl.results import Cost


class Judged(Record):
    """A judge's verdicts on one sample."""

    dataset: str
    """Name of the dataset."""
    sample_id: str
    """Id of the sample."""
    scorer: str
    """The scorer that asked."""
    judge: str
    """The judge model."""
    rubric_version: str
    """Version of its prompt."""
    verdicts: tuple[str, ...]
    """What the judge wrote: of each completion, one for each conversation."""
    cut_off: tuple[int, ...] = ()
    """Places of verdicts that their limit of tokens cut off: those are not read."""
    asked: str = ""
    """Digest of all that it was asked, by which the verdicts are known to be answers to that."""
    scores: tuple[Score, ...]
    """As read from the verdicts, one per completion."""
    n_unread: int = 0
    """How many of the verdicts could not be read."""
    metrics: Mapping[str, float | None] = {}
    """By metric, this sample's value; None where it has none."""
    cluster: str | None = None
    """The sample's cluster."""
    cost: Cost = Cost()
    """The judge's tokens for it, without an amount; those from the cache are no part."""
    groups: Mapping[str, str] = {}
    """The sample's value of each key by which the headline is told as well."""


def mean_metrics(judged: Iterable[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Return a sample's value of each metric: the mean over the judges who gave one."""
    given = list(judged)
    names = dict.fromkeys(name for metrics in given for name in metrics)
    return {name: _mean([metrics.get(name) for metrics in given]) for name in names}


def mean_scores(judged: Sequence[tuple[Score, ...]]) -> tuple[Score, ...]:
    """Return a sample's scores, one per completion: the means over the judges who gave a value.

    Those of a single judge are as they are.
    """
    if len(judged) == 1:
        return judged[0]
    return tuple(_joined(scores) for scores in zip(*judged, strict=False))


def _joined(scores: Sequence[Score]) -> Score:
    given = [score.value for score in scores if score.value is not None]
    if not given:
        return scores[0]
    value = math.fsum(given) / len(given)
    told = ", ".join(f"{each:g}" for each in given)
    explanation = f"mean of {len(given)} judges: {told}"
    return Score(value=value, answer=f"{value:g}", explanation=explanation)


def _mean(values: Sequence[float | None]) -> float | None:
    given = [value for value in values if value is not None]
    return math.fsum(given) / len(given) if given else None
