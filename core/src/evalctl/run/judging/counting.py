"""What all judges of a scorer said of a dataset: together, one by one, and how they agree.

A sample's value is the mean over the judges who gave one. Verdicts are read from the run folder, in
one pass; of a panel those samples are held that some judge has not judged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from evalctl.metrics import mean_counts
from evalctl.records import Score
from evalctl.results import JudgeResult, Judging, MetricValue
from evalctl.run.groups import Member
from evalctl.run.judging.rounds import Round
from evalctl.run.pooling import pooled_estimate
from evalctl.run.tally import Tally
from evalctl.run.totals import Count, is_unparsed
from evalctl.scoring import Failure
from evalctl.specs import MetricSpec
from evalctl.stats import (
    Estimate,
    Moments,
    PooledCounts,
    agreement_counts,
    estimate,
    krippendorff_alpha,
    unanimity,
)
from evalctl.store import Judged, mean_metrics

AGREEMENT = (
    MetricSpec(
        name="alpha",
        title="Krippendorff's alpha of the judges, interval distances",
        pooled=krippendorff_alpha,
        lower=-math.inf,
    ),
    MetricSpec(
        name="unanimous",
        title="share of completions to which all judges gave the same",
        pooled=unanimity,
    ),
)
"""How judges of a panel agree on completions' scores."""


def count_verdicts(rounds: Sequence[Round]) -> dict[str, tuple[Judging, ...]]:
    """Add what judges said to the tallies; return by dataset what is told of each judge.

    To be called once, when no checkpoint is written any more: those hold what the samples' own
    lines add up to.
    """
    found: dict[str, tuple[Judging, ...]] = {}
    for dataset, scorer in dict.fromkeys((one.dataset.name, one.scorer.name) for one in rounds):
        own = [r for r in rounds if (r.dataset.name, r.scorer.name) == (dataset, scorer)]
        panel = _Panel(own)
        for written, lost in _by_sample(own):
            panel.add(written, lost)
        found[dataset] = (*found.get(dataset, ()), panel.result())
    return found


@dataclass
class _Voice:
    """What one judge's verdicts add up to."""

    metrics: tuple[MetricSpec, ...]
    moments: dict[str, Moments] = field(default_factory=dict)
    pool: PooledCounts | None = None
    counts: Count = field(default_factory=Count)
    n_verdicts: int = 0
    n_unread: int = 0
    n_samples: int = 0

    def add(self, line: Judged) -> None:
        self.n_samples += 1
        self.n_verdicts += len(line.verdicts)
        self.n_unread += line.n_unread
        if is_unparsed(line.scores):
            self.counts.unparsed += 1
            self.counts.note_parts(line.scores, _valued(self.metrics, line.scores, line.metrics))
        for name, value in line.metrics.items():
            if value is not None:
                self.moments.setdefault(name, Moments()).add(value, line.cluster)
        if (counts := mean_counts(line.scores)) is not None:
            self.pool = self.pool or PooledCounts(line.dataset)
            self.pool.add(counts, line.sample_id, line.cluster)


class _Panel:
    """The judges of one scorer on one dataset; a single one is a panel too."""

    def __init__(self, rounds: Sequence[Round]) -> None:
        self._rounds = rounds
        self._dataset, self._scorer = rounds[0].dataset, rounds[0].scorer
        self._tally: Tally = rounds[0].tally
        metrics = self._dataset.metrics[self._scorer.name]
        self._voices = {one.judge.name: _Voice(metrics) for one in rounds}
        self._agreement = PooledCounts(self._dataset.name)

    def add(self, written: Sequence[Judged], lost: Sequence[Judged]) -> None:
        """Count one sample: what each judge wrote of it; what was lost, where nobody did.

        A verdict that was lost is a failure on our side, whatever the other judges wrote.
        """
        for line in written:
            self._voices[line.judge].add(line)
        counted = written or lost
        some = counted[0]
        scores = tuple(score for line in counted for score in line.scores)
        values = mean_metrics(line.metrics for line in counted)
        totals, scorer = self._tally.totals, self._scorer.name
        unparsed = _is_read_by_none(counted)
        told = tuple(one for line in (*written, *lost) for one in line.scores)
        totals.add_scores(scorer, told, unparsed=unparsed)
        if unparsed:
            metrics = self._dataset.metrics[scorer]
            totals.counts[scorer].note_parts(scores, _valued(metrics, scores, values))
        totals.add_counts(scorer, scores, some.sample_id, some.cluster)
        for name, value in values.items():
            totals.add_value(name, value, some.cluster)
        if scorer == self._dataset.grouped[0].name:
            member = Member(some.sample_id, some.cluster, some.groups)
            self._tally.add_to_groups(member, scores, values)
        if agreement := _agreement([line.scores for line in written]):
            self._agreement.add(agreement, some.sample_id, some.cluster)

    def result(self) -> Judging:
        """Return what is told of each judge, and how they agree."""
        is_alone = len(self._rounds) == 1
        return Judging(
            scorer=self._scorer.name,
            judges=tuple(self._judge(one, is_alone=is_alone) for one in self._rounds),
            agreement=() if is_alone else tuple(map(self._agreed, AGREEMENT)),
        )

    def _judge(self, one: Round, *, is_alone: bool) -> JudgeResult:
        voice = self._voices[one.judge.name]
        metrics = () if is_alone else self._dataset.metrics[self._scorer.name]
        return JudgeResult(
            judge=one.judge.name,
            metrics=tuple(self._value(voice, metric) for metric in metrics),
            n_verdicts=voice.n_verdicts,
            n_unread=voice.n_unread,
            n_lacking=max(0, self._tally.totals.n_answered - voice.n_samples),
            cost=one.cost,
        )

    def _value(self, voice: _Voice, metric: MetricSpec) -> MetricValue:
        n_unparsed = voice.counts.unparsed_for(metric.name)
        if metric.pooled is not None:
            return self._metric(metric, voice.pool or PooledCounts(""), n_unparsed)
        moments = voice.moments.get(metric.name, Moments())
        found = estimate(
            moments, proportion=metric.proportion, lower=metric.lower, upper=metric.upper
        )
        return self._told(metric, found, moments.count, n_unparsed)

    def _agreed(self, metric: MetricSpec) -> MetricValue:
        return self._metric(metric, self._agreement, 0)

    def _metric(self, metric: MetricSpec, pool: PooledCounts, n_unparsed: int) -> MetricValue:
        made = pooled_estimate(metric, pool)
        found = Estimate(None, None, None, "") if isinstance(made, Failure) else made
        return self._told(metric, found, pool.count, n_unparsed)

    def _told(
        self, metric: MetricSpec, found: Estimate, n_scored: int, n_unparsed: int
    ) -> MetricValue:
        return MetricValue(
            name=metric.name,
            value=found.value,
            stderr=found.stderr,
            interval=found.interval,
            interval_method=found.method,
            n_scored=n_scored,
            n_total=self._tally.n_samples,
            n_unparsed=n_unparsed,
            n_truncated=self._tally.totals.n_truncated,
            lower=metric.least,
            upper=metric.most,
        )


def _by_sample(rounds: Sequence[Round]) -> Iterator[tuple[list[Judged], list[Judged]]]:
    """Yield the verdicts of each sample in the order of the judges: those written, and those lost.

    A sample comes as soon as all judges' are there; those that some judge lacks come last.
    """
    order = {one.judge.name: place for place, one in enumerate(rounds)}
    waiting: dict[str, tuple[dict[str, Judged], list[Judged]]] = {}
    written = ((line, False) for line in rounds[0].written() if line.judge in order)
    never = ((line, True) for one in rounds for line in one.lost)
    for line, is_lost in chain(written, never):
        known, lost = waiting.setdefault(line.sample_id, ({}, []))
        if is_lost:
            lost.append(line)
        else:
            known.setdefault(line.judge, line)
        if len(known) + len(lost) == len(rounds):
            del waiting[line.sample_id]
            yield _ordered(known, order), lost
    for known, lost in waiting.values():
        yield _ordered(known, order), lost


def _ordered(lines: Mapping[str, Judged], order: Mapping[str, int]) -> list[Judged]:
    return sorted(lines.values(), key=lambda line: order[line.judge])


def _agreement(judged: Sequence[tuple[Score, ...]]) -> dict[str, float]:
    """Return what one sample adds to the counts of agreement: its completions' added up."""
    summed: dict[str, float] = {}
    for scores in zip(*judged, strict=False):
        ratings = [score.value for score in scores if score.value is not None]
        for name, count in agreement_counts(ratings).items():
            summed[name] = summed.get(name, 0.0) + count
    return summed


def _valued(
    metrics: Sequence[MetricSpec], scores: tuple[Score, ...], values: Mapping[str, float | None]
) -> list[str]:
    """Return the metrics to which a sample adds something."""
    has_counts = mean_counts(scores) is not None
    return [
        metric.name
        for metric in metrics
        if (has_counts if metric.pooled else values.get(metric.name) is not None)
    ]


def _is_read_by_none(judged: Sequence[Judged]) -> bool:
    """Return whether a sample has a completion of which no judge's verdict could be read.

    A sample that one of a panel read has a value, and is not counted as unparsed.
    """
    by_completion = zip(*(line.scores for line in judged), strict=False)
    return any(all(is_unparsed((score,)) for score in scores) for scores in by_completion)
