"""A dataset's results as they come: counted, held back where its turn has not come, and reduced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from evalctl.metrics import mean_counts
from evalctl.plan import PlannedDataset
from evalctl.records import Score
from evalctl.results import AddedScorer, DatasetResult, Failures, MetricValue, SampleResult
from evalctl.run.bills import Bill
from evalctl.run.groups import Member, groups_of
from evalctl.run.pooling import pooled_estimate, pooled_value
from evalctl.run.totals import MAX_REASONS, Totals, note
from evalctl.scoring import Failure
from evalctl.specs import MetricSpec, ScorerSpec
from evalctl.stats import Estimate, WidthStop, estimate


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
    lost: Bill = field(default_factory=Bill)
    """What requests may have cost that were not answered in the end; it is no part of the state."""
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
        self.totals.prepare(self.planned.name, self.planned.metrics, self.planned.added_by)

    def state(self) -> JsonValue:
        """Return the totals in a form that `restore` reads back from JSON."""
        return self.totals.state()

    def restore(self, state: JsonValue) -> None:
        """Take over what `state` gave.

        Raises:
            ValueError: It is none.
        """
        self.totals = Totals.read(state)
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
        self.charge(result)
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

    def charge(self, result: SampleResult) -> None:
        """Count what a sample's result cost."""
        bill = self.totals.bill if result.generation.error is None else self.lost
        bill.add(result.prompt, result.generation)

    def _count(self, result: SampleResult) -> None:
        if result.generation.error is None:
            self.totals.add(result)
            scorer, _ = self.planned.grouped
            if scorer.judge is None:
                groups = groups_of(self.planned.loaded.spec.groups, result.metadata)
                member = Member(result.sample_id, result.cluster, groups)
                self.add_to_groups(member, result.scores.get(scorer.name, ()), result.metrics)
        else:
            self.n_failed += 1
            note(self._failures, result.generation.error)

    def add_to_groups(
        self, member: Member, scores: tuple[Score, ...], values: Mapping[str, float | None]
    ) -> None:
        """Count a sample in each of its groups.

        Args:
            member: The sample.
            scores: Of the scorer of the metric that groups are told by.
            values: The sample's values, by metric.
        """
        scorer, metric = self.planned.grouped
        is_counted = any(one.pooled for one in self.planned.metrics[scorer.name])
        counts = mean_counts(scores) if is_counted else None
        self.totals.groups.add(self.planned.name, member, values.get(metric.name), counts)

    @property
    def _also_pooled(self) -> tuple[MetricSpec, ...]:
        """The pooled metrics that the scorer of the metric that groups are told by has besides."""
        scorer, grouped = self.planned.grouped
        every = self.planned.metrics[scorer.name]
        return tuple(one for one in every if one.pooled and one.name != grouped.name)

    def give_up(self, reason: str) -> None:
        """Count the samples that have no result as failures: the engine ended before them."""
        self._count_all()
        self.n_lost = max(0, self.n_samples - self.n_done)
        if self.n_lost:
            note(self._failures, reason)

    @property
    def failures(self) -> Failures:
        """What went wrong on our side."""
        added = self.planned.added_by
        counts = self.totals.counts.items()
        return Failures(
            engine=self.n_failed + self.n_lost,
            scorer=sum(count.failed for scorer, count in counts if scorer not in added),
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
        broken = [(scorer, made.reason) for scorer, _, made in found if isinstance(made, Failure)]
        own = [reason for scorer, reason in broken if not scorer.is_added]
        failures = self.failures
        values = [self._value(scorer, metric, made) for scorer, metric, made in found]
        return DatasetResult(
            dataset=loaded.spec.name,
            role=loaded.spec.role,
            headline=headline,
            metrics=tuple(sorted(values, key=lambda value: value.name != headline)),
            group_metric=self.planned.grouped[1].name if totals.groups.keys else "",
            groups=totals.groups.result(self.planned.grouped[1], self._also_pooled),
            n_samples=self.n_samples,
            n_done=self.n_done,
            n_lost=self.n_lost,
            n_prompts_cut=totals.n_prompts_cut,
            left_out=totals.left_out,
            n_available=loaded.n_available,
            n_recorded=loaded.n_recorded,
            failures=failures.model_copy(update={"scorer": failures.scorer + len(own)}),
            reasons=(*self._failures, *own, *totals.reasons)[:MAX_REASONS],
            outcomes=dict(sorted(totals.outcomes.items())),
            unsupported=dict(sorted(totals.unsupported.items())),
            integrities=dict(sorted(totals.integrities.items())),
            isolation_level=totals.isolation_level,
            stopped_width=self.planned.until_width if self._is_cut_short else None,
            added=tuple(self._added(scorer, broken) for scorer in self.planned.added_by),
            is_unsafe=loaded.spec.is_unsafe,
        )

    def _added(self, name: str, broken: list[tuple[ScorerSpec, str]]) -> AddedScorer:
        """Return what a scorer did that another plugin added."""
        owner, totals = self.planned.added_by[name], self.totals.added[name]
        reasons = [reason for scorer, reason in broken if scorer.name == name]
        return AddedScorer(
            scorer=name,
            plugin=owner.plugin,
            distribution=owner.distribution,
            version=owner.version,
            metrics=tuple(metric.name for metric in self.planned.metrics[name]),
            failures=self.totals.counts[name].failed + len(reasons),
            reasons=(*reasons, *totals.reasons)[:MAX_REASONS],
            outcomes=dict(sorted(totals.outcomes.items())),
            unsupported=dict(sorted(totals.unsupported.items())),
            isolation_level=totals.isolation_level,
        )

    def _count_all(self) -> None:
        """Count what still waits for an earlier sample: none will come before this is told."""
        for position in sorted(self._ahead):
            self._count(self._ahead.pop(position))

    @property
    def _is_cut_short(self) -> bool:
        return self.n_samples < self.planned.loaded.n_samples

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

    def _value(
        self, scorer: ScorerSpec, metric: MetricSpec, made: Estimate | Failure
    ) -> MetricValue:
        found = Estimate(None, None, None, "") if isinstance(made, Failure) else made
        return MetricValue(
            name=metric.name,
            value=found.value,
            stderr=found.stderr,
            interval=found.interval,
            interval_method=found.method,
            n_scored=self.totals.n_scored(scorer.name, metric),
            n_total=self.n_samples,
            n_unparsed=self.totals.counts[scorer.name].unparsed_for(metric.name),
            n_truncated=self.totals.n_truncated,
            lower=metric.least,
            upper=metric.most,
            note=self._remark(scorer, metric, made),
        )

    def _lack_of_verdicts(self, scorer: ScorerSpec, metric: MetricSpec) -> str:
        """Return why judges gave a metric no value."""
        if not self.has_judge:
            return "not scored: needs a judge model (--judge MODEL)"
        if self.totals.n_scored(scorer.name, metric):
            return "not defined by the verdicts that there are"
        return "not scored: no verdict that could be read"

    def _remark(self, scorer: ScorerSpec, metric: MetricSpec, made: Estimate | Failure) -> str:
        """Return what a reader must know of a metric's value, or of there being none."""
        if isinstance(made, Failure):
            return f"failed: {made.reason}"
        if scorer.judge is not None and made.value is None:
            return self._lack_of_verdicts(scorer, metric)
        if metric.pooled and made.value is None and self.totals.pools[scorer.name].count:
            return "not defined: no sample has what it is made of"
        if made.lacking:
            return f"no interval: {made.lacking}"
        is_headline = metric.name == self.planned.loaded.spec.headline
        if self.planned.until_width is not None and is_headline and not self._is_cut_short:
            points = f"{100 * self.planned.until_width:g} points"
            return f"was not stopped at {points}: the interval is the ordinary one of all samples"
        return ""
