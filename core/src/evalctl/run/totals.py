"""What results add up to: everything in it can be written as JSON and read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from pydantic import JsonValue, TypeAdapter

from evalctl.metrics import mean_counts
from evalctl.records import Score
from evalctl.results import SampleResult
from evalctl.run.bills import Bill
from evalctl.run.groups import Groups
from evalctl.run.pooling import pooled_rows
from evalctl.specs import MetricSpec
from evalctl.stats import Moments, PooledCounts

MAX_REASONS = 3
"""Different reasons of failures that a result quotes."""
MAX_UNSUPPORTED = 50
"""Different things missing that a result names."""


@dataclass
class Count:
    """What one scorer could not read, and on how many completions it failed."""

    unparsed: int = 0
    failed: int = 0
    read_in_part: Counter[str] = field(default_factory=Counter)
    """Of the unparsed, samples that have a value of a metric all the same, by metric: a judge's
    rating of one turn of two was read."""

    def unparsed_for(self, metric: str) -> int:
        """Return how many samples could not be read as far as a metric goes."""
        return self.unparsed - self.read_in_part[metric]

    def note_parts(self, scores: Iterable[Score], metrics: Iterable[str]) -> None:
        """Note which metrics have a value of a sample that counts as unparsed.

        A score with a value and no answer says that nothing could be read in what is judged; its
        values are no parts.
        """
        if all(score.value is None for score in scores if is_unparsed((score,))):
            self.read_in_part.update(metrics)


@dataclass
class Programs:
    """What became of scorers' programs, and why scorers failed."""

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

    def note(self, scorer: str, score: Score) -> None:
        """Count the program of a score, and the reason where its scorer failed."""
        if score.outcome:
            self.outcomes[score.outcome] += 1
        if score.outcome == "unsupported":
            is_listed = score.explanation in self.unsupported
            is_listed = is_listed or len(self.unsupported) < MAX_UNSUPPORTED
            self.unsupported[score.explanation if is_listed else "other reasons"] += 1
        if score.program is not None:
            self.integrities[score.program.integrity] += 1
            levels = (self.isolation_level, score.program.isolation_level)
            self.isolation_level = min(level for level in levels if level is not None)
        if score.failed:
            note(self.reasons, f"{scorer}: {score.explanation}")


@dataclass
class Totals(Programs):
    """What the results of a dataset add up to, of samples that the engine answered.

    All of it can be written as JSON and read back, so that a run can be gone on with. Programs and
    reasons are those of the dataset's own scorers.
    """

    n_answered: int = 0
    """Samples with a generation."""
    n_truncated: int = 0
    """Samples of which the prompt or at least one completion was cut off."""
    n_prompts_cut: int = 0
    """Samples of which the prompt was."""
    left_out: int = 0
    """Characters of prompts that were not given, as their datasets allow it."""
    prompt_tokens: int = 0
    """Tokens read."""
    output_tokens: int = 0
    """Tokens written."""
    n_cached: int = 0
    """Samples whose generation came from the cache."""
    moments: dict[str, Moments] = field(default_factory=dict)
    """Values by metric."""
    counts: dict[str, Count] = field(default_factory=dict)
    """By scorer."""
    pools: dict[str, PooledCounts] = field(default_factory=dict)
    """By scorer that has pooled metrics."""
    bill: Bill = field(default_factory=Bill)
    """What all answers cost, those as well that are in no score."""
    groups: Groups = field(default_factory=Groups)
    """The headline by group."""
    added: dict[str, Programs] = field(default_factory=dict)
    """By scorer that another plugin added to the dataset."""

    @classmethod
    def read(cls, state: JsonValue) -> Totals:
        """Return what `state` gave.

        Raises:
            ValueError: It is none.
        """
        return _form().validate_python(state)

    def state(self) -> JsonValue:
        """Return it in a form that `read` reads back from JSON."""
        state: JsonValue = _form().dump_python(self, mode="json")
        return state

    def prepare(
        self,
        dataset: str,
        metrics: Mapping[str, tuple[MetricSpec, ...]],
        added: Iterable[str] = (),
    ) -> None:
        """Make a place for every scorer and metric that has none.

        Args:
            dataset: Name of the dataset.
            metrics: By scorer.
            added: The scorers that other plugins added.
        """
        for scorer in added:
            self.added.setdefault(scorer, Programs())
        for scorer, specs in metrics.items():
            self.counts.setdefault(scorer, Count())
            for metric in specs:
                if metric.pooled is None:
                    self.moments.setdefault(metric.name, Moments())
                else:
                    self.pools.setdefault(scorer, PooledCounts(dataset))

    def n_scored(self, scorer: str, metric: MetricSpec) -> int:
        """Return how many samples a metric is of: those that have a value, or its own rows."""
        if metric.pooled is not None:
            return pooled_rows(metric, self.pools[scorer])
        return self.moments[metric.name].count

    def add(self, result: SampleResult) -> None:
        """Count the result of a sample that the engine answered."""
        generation = result.generation
        self.n_answered += 1
        self.n_truncated += generation.is_truncated
        self.n_prompts_cut += generation.is_prompt_cut
        self.left_out += generation.left_out
        self.n_cached += generation.from_cache
        self.prompt_tokens += generation.prompt_tokens
        self.output_tokens += sum(c.output_tokens for c in generation.completions)
        for scorer, scores in result.scores.items():
            self.add_scores(scorer, scores)
            self.add_counts(scorer, scores, result.sample_id, result.cluster)
        for name, value in result.metrics.items():
            self.add_value(name, value, result.cluster)

    def add_scores(
        self, scorer: str, scores: tuple[Score, ...], *, unparsed: bool | None = None
    ) -> None:
        """Count what a scorer could not read or failed on; one that is gone is passed over.

        Args:
            scorer: Its name.
            scores: Of one sample.
            unparsed: Whether the sample counts as one that cannot be read; None where that is so as
                soon as one of the scores was.
        """
        if (count := self.counts.get(scorer)) is None:
            return
        count.unparsed += is_unparsed(scores) if unparsed is None else unparsed
        count.failed += sum(score.failed for score in scores)
        place = self.added.get(scorer, self)
        for score in scores:
            place.note(scorer, score)

    def add_counts(
        self, scorer: str, scores: tuple[Score, ...], sample_id: str, cluster: str | None
    ) -> None:
        """Count what one sample adds to the sums of a scorer that has pooled metrics."""
        pool = self.pools.get(scorer)
        if pool is not None and (counts := mean_counts(scores)) is not None:
            pool.add(counts, sample_id, cluster)

    def add_value(self, metric: str, value: float | None, cluster: str | None) -> None:
        """Count one sample's value of a metric; one that is gone is passed over."""
        if value is not None and metric in self.moments:
            self.moments[metric].add(value, cluster)


def is_unparsed(scores: Iterable[Score]) -> bool:
    """Return whether something in a sample's scores could not be read."""
    return any(score.answer is None and not score.failed for score in scores)


def note(reasons: list[str], reason: str) -> None:
    """Keep a reason among the first few by the alphabet, so that no order of results matters."""
    if reason not in reasons:
        reasons.append(reason)
        reasons.sort()
        del reasons[MAX_REASONS:]


@cache
def _form() -> TypeAdapter[Totals]:
    return TypeAdapter(Totals)
