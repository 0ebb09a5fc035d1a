"""Running totals of one model on one dataset, in memory that does not grow with its samples."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache

from pydantic import JsonValue, TypeAdapter

from evalctl.metrics import mean_counts
from evalctl.plan import PlannedCategory, PlannedDataset
from evalctl.records import Score
from evalctl.results import CategoryScore, DatasetResult, Failures, MetricValue, SampleResult
from evalctl.run.pooling import pooled_estimate, pooled_value
from evalctl.scoring import Failure
from evalctl.specs import MetricSpec, ScorerSpec
from evalctl.stats import Estimate, Moments, PooledCounts, WidthStop, combine, estimate

MAX_REASONS = 3
"""Different reasons of failures that a result quotes."""
MAX_UNSUPPORTED = 50
"""Different things missing that a result names."""


@dataclass
class Count:
    """What one scorer could not read, and on how many completions it failed."""

    unparsed: int = 0
    failed: int = 0


@dataclass
class Totals:
    """What the results of a dataset add up to, of samples that the engine answered.

    All of it can be written as JSON and read back, so that a run can be gone on with.
    """

    n_answered: int = 0
    """Samples with a generation."""
    n_truncated: int = 0
    """Samples of which at least one completion was cut off."""
    prompt_tokens: int = 0
    """Tokens read."""
    output_tokens: int = 0
    """Tokens written."""
    n_cached: int = 0
    """Samples whose generation came from the cache."""
    outcomes: Counter[str] = field(default_factory=Counter)
    """What became of programs, by class."""
    unsupported: Counter[str] = field(default_factory=Counter)
    """Programs that could not be run here, by what is missing."""
    integrities: Counter[str] = field(default_factory=Counter)
    """Where their verdicts were formed."""
    isolation_level: int | None = None
    """The weakest that a program ran under."""
    reasons: list[str] = field(default_factory=list)
    """Different reasons of scorers' failures: the first few by the alphabet."""
    moments: dict[str, Moments] = field(default_factory=dict)
    """Values by metric."""
    counts: dict[str, Count] = field(default_factory=dict)
    """By scorer."""
    pools: dict[str, PooledCounts] = field(default_factory=dict)
    """By scorer that has pooled metrics."""


@cache
def _totals_form() -> TypeAdapter[Totals]:
    return TypeAdapter(Totals)


@dataclass
class Tally:
    """Adds results up as they come; its value at any time is the running score."""

    planned: PlannedDataset
    """What is tallied."""
    has_judge: bool = False
    """Whether a judge model is asked."""
    totals: Totals = field(default_factory=Totals)
    """Of the samples that the engine answered."""
    n_failed: int = 0
    """Samples that the engine did not answer; a resume asks them again."""
    n_lost: int = 0
    """Samples that were never asked, since the engine ended before."""
    stop: WidthStop | None = None
    """When it may stop; None where all of it is asked. It is no part of the state."""
    _failures: list[str] = field(default_factory=list)
    _ahead: dict[int, SampleResult] = field(default_factory=dict)
    """Of a dataset that may stop: what came in ahead of an earlier sample, by position."""

    def __post_init__(self) -> None:
        """Prepare a place for every scorer and metric."""
        if self.planned.until_width is not None and self.stop is None:
            _, metric = self.planned.headline
            self.stop = WidthStop.of(
                self.planned.until_width,
                self.planned.loaded.n_available,
                lower=metric.lower,
                upper=metric.upper,
            )
        for scorer, metrics in self.planned.metrics.items():
            self.totals.counts.setdefault(scorer, Count())
            for metric in metrics:
                if metric.pooled is None:
                    self.totals.moments.setdefault(metric.name, Moments())
                else:
                    self.totals.pools.setdefault(scorer, PooledCounts(self.planned.name))

    def state(self) -> JsonValue:
        """Return the totals in a form that `restore` reads back from JSON."""
        state: JsonValue = _totals_form().dump_python(self.totals, mode="json")
        return state

    def restore(self, state: JsonValue) -> None:
        """Take over what `state` gave.

        Raises:
            ValueError: It is none.
        """
        self.totals = _totals_form().validate_python(state)
        self.__post_init__()

    @property
    def has_stopped(self) -> bool:
        """Whether it was stopped early; what comes in now is not counted."""
        return self.stop is not None and self.stop.has_stopped

    @property
    def n_samples(self) -> int:
        """Samples that count: those planned, or fewer where it was stopped before."""
        stopped_at = self.stop.stopped_at if self.stop else None
        return self.planned.loaded.n_samples if stopped_at is None else stopped_at

    @property
    def n_done(self) -> int:
        """Samples with a result, failed ones included."""
        return self.totals.n_answered + self.n_failed

    def add(self, result: SampleResult) -> None:
        """Count one sample's result; of a dataset that may stop, when its turn has come."""
        if self.stop is None:
            self._count(result)
        elif not self.stop.has_stopped:
            self._ahead[result.index] = result
            n_counted = self.stop.n_seen
            self.stop.add(result.index, result.metrics.get(self.planned.loaded.spec.headline))
            for position in range(n_counted, self.stop.n_seen):
                if (waited := self._ahead.pop(position, None)) is not None:
                    self._count(waited)
            if self.stop.has_stopped:
                self._ahead.clear()

    def _count(self, result: SampleResult) -> None:
        generation, totals = result.generation, self.totals
        if generation.error is not None:
            self.n_failed += 1
            _note(self._failures, generation.error)
            return
        totals.n_answered += 1
        totals.n_truncated += any(c.is_truncated for c in generation.completions)
        totals.n_cached += generation.from_cache
        totals.prompt_tokens += generation.prompt_tokens
        totals.output_tokens += sum(c.output_tokens for c in generation.completions)
        for scorer, scores in result.scores.items():
            self.add_scores(scorer, scores)
            self.add_counts(scorer, scores, result.sample_id, result.cluster)
        for name, value in result.metrics.items():
            self.add_value(name, value, result.cluster)

    def add_scores(self, scorer: str, scores: tuple[Score, ...]) -> None:
        """Count what a scorer could not read or failed on; one that is gone is passed over."""
        if (count := self.totals.counts.get(scorer)) is None:
            return
        count.unparsed += any(score.answer is None and not score.failed for score in scores)
        count.failed += sum(score.failed for score in scores)
        for score in scores:
            self._note_program(score)
            if score.failed:
                _note(self.totals.reasons, f"{scorer}: {score.explanation}")

    def add_counts(
        self, scorer: str, scores: tuple[Score, ...], sample_id: str, cluster: str | None
    ) -> None:
        """Count what one sample adds to the sums of a scorer that has pooled metrics."""
        pool = self.totals.pools.get(scorer)
        if pool is not None and (counts := mean_counts(scores)) is not None:
            pool.add(counts, sample_id, cluster)

    def add_value(self, metric: str, value: float | None, cluster: str | None) -> None:
        """Count one sample's value of a metric; one that is gone is passed over."""
        if value is not None and metric in self.totals.moments:
            self.totals.moments[metric].add(value, cluster)

    def give_up(self, reason: str) -> None:
        """Count the samples that have no result as failures: the engine ended before them."""
        self._count_all()
        self.n_lost = max(0, self.n_samples - self.n_done)
        if self.n_lost:
            _note(self._failures, reason)

    @property
    def failures(self) -> Failures:
        """What went wrong on our side."""
        return Failures(
            engine=self.n_failed + self.n_lost,
            scorer=sum(count.failed for count in self.totals.counts.values()),
        )

    def headline(self) -> Estimate:
        """Return the running value of the headline metric."""
        scorer, spec = self.planned.headline
        if spec.pooled is None:
            return self._estimate(spec)
        found = pooled_value(spec, self.totals.pools[scorer.name])
        return Estimate(None, None, None, "") if isinstance(found, Failure) else found

    def result(self) -> DatasetResult:
        """Return the dataset's result as it stands, the headline metric first."""
        self._count_all()
        loaded, totals = self.planned.loaded, self.totals
        headline = loaded.spec.headline
        found = [
            (scorer, metric, self._found(scorer.name, metric))
            for scorer in loaded.spec.scorers
            for metric in self.planned.metrics[scorer.name]
        ]
        broken = [made.reason for _, _, made in found if isinstance(made, Failure)]
        failures = self.failures
        values = [self._value(scorer, metric, made) for scorer, metric, made in found]
        return DatasetResult(
            dataset=loaded.spec.name,
            role=loaded.spec.role,
            headline=headline,
            metrics=tuple(sorted(values, key=lambda value: value.name != headline)),
            n_samples=self.n_samples,
            n_done=self.n_done,
            n_available=loaded.n_available,
            failures=failures.model_copy(update={"scorer": failures.scorer + len(broken)}),
            reasons=(*self._failures, *broken, *totals.reasons)[:MAX_REASONS],
            outcomes=dict(sorted(totals.outcomes.items())),
            unsupported=dict(sorted(totals.unsupported.items())),
            integrities=dict(sorted(totals.integrities.items())),
            isolation_level=totals.isolation_level,
            stopped_width=self.planned.until_width if self._is_cut_short else None,
        )

    def _count_all(self) -> None:
        """Count what still waits for an earlier sample: none will come before this is told."""
        for position in sorted(self._ahead):
            self._count(self._ahead.pop(position))

    @property
    def _is_cut_short(self) -> bool:
        return self.n_samples < self.planned.loaded.n_samples

    def _note_program(self, score: Score) -> None:
        totals = self.totals
        if score.outcome:
            totals.outcomes[score.outcome] += 1
        if score.outcome == "unsupported":
            is_listed = score.explanation in totals.unsupported
            is_listed = is_listed or len(totals.unsupported) < MAX_UNSUPPORTED
            totals.unsupported[score.explanation if is_listed else "other reasons"] += 1
        if score.program is not None:
            totals.integrities[score.program.integrity] += 1
            levels = (totals.isolation_level, score.program.isolation_level)
            totals.isolation_level = min(level for level in levels if level is not None)

    def _estimate(self, metric: MetricSpec) -> Estimate:
        return estimate(
            self.totals.moments[metric.name],
            proportion=metric.proportion,
            lower=metric.lower,
            upper=metric.upper,
        )

    def _found(self, scorer: str, metric: MetricSpec) -> Estimate | Failure:
        if metric.pooled is not None:
            return pooled_estimate(metric, self.totals.pools[scorer])
        found = self._estimate(metric)
        is_headline = metric.name == self.planned.loaded.spec.headline
        is_partial = self.n_done < self.planned.loaded.n_samples
        if self.stop is None or not (is_headline and is_partial) or self.stop.interval is None:
            return found
        # Wherever it ended, it may have ended for what came out so far.
        return found._replace(interval=self.stop.interval, method="confidence_sequence")

    def _n_scored(self, scorer: str, metric: MetricSpec) -> int:
        if metric.pooled is not None:
            return self.totals.pools[scorer].count
        return self.totals.moments[metric.name].count

    def _value(
        self, scorer: ScorerSpec, metric: MetricSpec, made: Estimate | Failure
    ) -> MetricValue:
        note = ""
        if isinstance(made, Failure):
            note = f"failed: {made.reason}"
            found = Estimate(None, None, None, "")
        else:
            found = made
        if scorer.judge is not None and found.value is None:
            lacks = "no verdict of the judge could be read"
            note = (
                f"not scored: {lacks if self.has_judge else 'needs a judge model (--judge MODEL)'}"
            )
        return MetricValue(
            name=metric.name,
            value=found.value,
            stderr=found.stderr,
            interval=found.interval,
            interval_method=found.method,
            n_scored=self._n_scored(scorer.name, metric),
            n_total=self.n_samples,
            n_unparsed=self.totals.counts[scorer.name].unparsed,
            n_truncated=self.totals.n_truncated,
            note=note,
        )


def _note(reasons: list[str], reason: str) -> None:
    """Keep a reason among the first few by the alphabet, so that no order of results matters."""
    if reason not in reasons:
        reasons.append(reason)
        reasons.sort()
        del reasons[MAX_REASONS:]


def category_score(
    category: PlannedCategory, results: tuple[DatasetResult, ...]
) -> CategoryScore | None:
    """Return the mean of the primary datasets' headline metrics, with its own interval.

    The datasets are independent, so their variances add: the standard error of a mean of m values
    is the root of the summed squared errors over m. None where no primary dataset was asked.
    """
    parts = [result for result in results if result.dataset in category.primary]
    if not parts:
        return None
    heads = [part.metrics[0] for part in parts]
    made_of = tuple(f"{part.dataset}:{part.headline}" for part in parts)
    missing = tuple(name for name in category.primary if name not in {p.dataset for p in parts})
    if any(head.value is None for head in heads):
        combined = Estimate(None, None, None, "")
    else:
        combined = combine(
            [Estimate(h.value, h.stderr, h.interval, h.interval_method) for h in heads]
        )
    return CategoryScore(
        category=category.name,
        value=combined.value,
        stderr=combined.stderr,
        interval=combined.interval,
        made_of=made_of,
        missing=missing,
    )
