"""Asking a judge model about completions that are already on disk.

A sample's verdicts are written and counted as soon as they are all there, so that an interruption
loses no more than what is under way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from evalctl.errors import DatasetError, EngineError, ScoringError
from evalctl.plan import PlannedDataset, PlannedModel
from evalctl.prompts import sample_seed
from evalctl.protocols import Engine
from evalctl.records import Completion, Generation, Message, Prompt, Sample, Sampling, Score
from evalctl.results import SampleResult
from evalctl.run.asking import opened
from evalctl.run.observer import Observer
from evalctl.run.tally import Tally
from evalctl.scoring import (
    Failure,
    attempt,
    checked_score,
    failed_score,
    reduce_scores,
    writable,
)
from evalctl.specs import JudgeSpec, ScorerSpec
from evalctl.store import Judged, LineWriter, RunFolder


def judge_model(
    judge: PlannedModel,
    model: PlannedModel,
    folder: RunFolder,
    observer: Observer,
    tallies: dict[str, Tally],
) -> None:
    """Have a judge read a model's completions; its scores join the tallies.

    A verdict that cannot be asked for or read, or that did not come, is *not scored*.

    Raises:
        ModelError: The judge cannot be loaded.
        EngineError: The judge's engine failed; what it had not judged is counted as not scored.
        StorageError: The disk is full, or gone.
    """
    rounds = [
        _Round(judge, model, dataset, scorer, folder, tallies[dataset.name])
        for dataset in model.datasets
        for scorer in dataset.scorers
        if scorer.judge is not None
    ]
    if not rounds:
        return
    log_path = folder.log_path(f"judge-{judge.name}")
    with opened(judge, log_path, lambda text: observer.phase(judge, text)) as engine:
        for one in rounds:
            one.run(engine)


@dataclass
class _UnderWay:
    """A sample that the judge is asked about: what came back so far, one each per completion."""

    sample_id: str
    cluster: str | None
    verdicts: list[str]
    scores: list[Score | None]


@dataclass
class _Round:
    """One judging scorer on one dataset. Holds the samples that are under way and no others."""

    judge: PlannedModel
    model: PlannedModel
    dataset: PlannedDataset
    scorer: ScorerSpec
    folder: RunFolder
    tally: Tally
    _under_way: dict[str, _UnderWay] = field(default_factory=dict)
    _complete: deque[_UnderWay] = field(default_factory=deque)
    _n_begun: int = 0

    @property
    def rubric(self) -> JudgeSpec:
        assert self.scorer.judge is not None, "only judging scorers make rounds"
        return self.scorer.judge

    def run(self, engine: Engine) -> None:
        """Ask, and write every sample's verdicts once they are complete."""
        path = self.folder.judged_path(self.model.name, self.dataset.name)
        with LineWriter(path) as writer:
            try:
                for generation in engine.generate(self._prompts()):
                    self._take(generation)
                    self._keep(writer)
            except EngineError as error:
                self._give_up(f"the judge failed: {error}")
                raise
            else:
                self._end_all("the judge gave no verdict")
            finally:
                self._keep(writer)

    def _prompts(self) -> Iterator[Prompt]:
        """Yield one request for each completion; its id is `SAMPLE#INDEX`."""
        name = f"{self.dataset.name}/{self.scorer.name}"
        for sample, result in _paired(self.dataset.loaded.samples(), self._results()):
            self._n_begun += 1
            asked = [
                attempt(_messages, self.rubric, sample, completion)
                for completion in result.generation.completions
            ]
            self._begin(result, asked)
            for index, messages in enumerate(asked):
                if isinstance(messages, Failure):
                    continue
                key = f"{sample.id}#{index}"
                yield Prompt(
                    dataset=name,
                    sample_id=key,
                    messages=messages,
                    sampling=Sampling(max_tokens=self.rubric.max_tokens),
                    seed=sample_seed(0, name, key),
                )

    def _begin(self, result: SampleResult, asked: Sequence[tuple[Message, ...] | Failure]) -> None:
        scores = [
            failed_score(f"the judge cannot be asked: {one.reason}")
            if isinstance(one, Failure)
            else None
            for one in asked
        ]
        one = _UnderWay(result.sample_id, result.cluster, [""] * len(asked), list(scores))
        self._under_way[one.sample_id] = one
        self._end_if_complete(one)

    def _take(self, generation: Generation) -> None:
        """Read a verdict; one that nobody asked for, or a second one, is passed over."""
        sample_id, _, index = generation.sample_id.rpartition("#")
        one = self._under_way.get(sample_id)
        at = int(index) if index.isdecimal() else -1
        if one is None or not 0 <= at < len(one.scores) or one.scores[at] is not None:
            return
        if generation.error or not generation.completions:
            one.scores[at] = failed_score(generation.error or "the judge gave no verdict")
        else:
            one.verdicts[at] = writable(generation.completions[0].text)
            made = attempt(self.rubric.parse, one.verdicts[at])
            one.scores[at] = checked_score(made, self.scorer.metrics)
        self._end_if_complete(one)

    def _end_if_complete(self, one: _UnderWay) -> None:
        if None not in one.scores:
            self._complete.append(self._under_way.pop(one.sample_id))

    def _end_all(self, reason: str) -> None:
        """Complete what is under way: the verdicts that are missing do not come any more."""
        for one in list(self._under_way.values()):
            one.scores = [score or failed_score(reason) for score in one.scores]
            self._end_if_complete(one)

    def _give_up(self, reason: str) -> None:
        """Complete all samples, those that the judge was never asked about as well."""
        self._end_all(reason)
        for result in islice(self._results(), self._n_begun, None):
            self._begin(result, [Failure(reason)] * len(result.generation.completions))

    def _keep(self, writer: LineWriter) -> None:
        """Write and count what is complete."""
        while self._complete:
            one = self._complete.popleft()
            given = tuple(score for score in one.scores if score is not None)
            metrics = {self.scorer.name: self.dataset.metrics[self.scorer.name]}
            scores, values = reduce_scores(metrics, {self.scorer.name: given})
            judged = self._judged(one, scores[self.scorer.name])
            writer.append(judged)
            self.tally.add_scores(self.scorer.name, judged.scores)
            self.tally.add_counts(self.scorer.name, judged.scores, one.sample_id, one.cluster)
            for name, value in values.items():
                self.tally.add_value(name, value, one.cluster)

    def _results(self) -> Iterator[SampleResult]:
        return self.folder.results(self.model.name, self.dataset.name)

    def _judged(self, one: _UnderWay, scores: tuple[Score, ...]) -> Judged:
        return Judged(
            dataset=self.dataset.name,
            sample_id=one.sample_id,
            scorer=self.scorer.name,
            judge=self.judge.name,
            rubric_version=self.rubric.version,
            verdicts=tuple(one.verdicts),
            scores=scores,
        )


def _messages(rubric: JudgeSpec, sample: Sample, completion: Completion) -> tuple[Message, ...]:
    made = tuple(rubric.prompt(sample, completion))
    if not made or not all(isinstance(message, Message) for message in made):
        raise ScoringError("its prompt is no conversation")
    return made


def _paired(
    samples: Iterator[Sample], results: Iterator[SampleResult]
) -> Iterator[tuple[Sample, SampleResult]]:
    """Yield each result with its sample, in the order of the results.

    Results come nearly in the samples' order: what is held are the samples that were passed over.
    """
    waiting: dict[str, Sample] = {}
    for result in results:
        while result.sample_id not in waiting:
            sample = next(samples, None)
            if sample is None:
                raise DatasetError(
                    f"dataset {result.dataset}: sample {result.sample_id} was there when the model "
                    "was asked and is gone; do not change files while they are evaluated"
                )
            waiting[sample.id] = sample
        yield waiting.pop(result.sample_id), result
