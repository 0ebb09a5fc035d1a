"""Asking a judge model about completions that are already on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from evalctl.plan import PlannedDataset, PlannedModel
from evalctl.prompts import sample_seed
from evalctl.records import Generation, Prompt, Sample, Sampling, Score
from evalctl.results import SampleResult
from evalctl.run.asking import opened
from evalctl.run.observer import Observer
from evalctl.run.tally import Tally
from evalctl.scoring import reduce_scores
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

    A verdict that cannot be read, or that did not come, is *not scored*.

    Raises:
        ModelError: The judge cannot be loaded.
        EngineError: The judge's engine failed.
    """
    rounds = [
        _Round(judge, model, dataset, scorer, folder)
        for dataset in model.datasets
        for scorer in dataset.scorers
        if scorer.judge is not None
    ]
    if not rounds:
        return
    log_path = folder.log_path(f"judge-{judge.name}")
    with opened(judge, log_path, lambda text: observer.phase(judge, text)) as engine:
        for one in rounds:
            for generation in engine.generate(one.prompts()):
                one.take(generation)
            one.finish(tallies[one.dataset.name])


@dataclass
class _Round:
    """One judging scorer on one dataset."""

    judge: PlannedModel
    model: PlannedModel
    dataset: PlannedDataset
    scorer: ScorerSpec
    folder: RunFolder
    _verdicts: dict[tuple[str, int], Generation] = field(default_factory=dict)

    @property
    def rubric(self) -> JudgeSpec:
        assert self.scorer.judge is not None, "only judging scorers make rounds"
        return self.scorer.judge

    def prompts(self) -> Iterator[Prompt]:
        """Yield one request for each completion; its id is `SAMPLE#INDEX`."""
        samples = {sample.id: sample for sample in self.dataset.loaded.samples()}
        for result in self._results():
            sample = samples[result.sample_id]
            for index, completion in enumerate(result.generation.completions):
                yield self._prompt(sample, index, self.rubric.prompt(sample, completion))

    def _prompt(self, sample: Sample, index: int, messages: tuple[object, ...]) -> Prompt:
        name = f"{self.dataset.name}/{self.scorer.name}"
        key = f"{sample.id}#{index}"
        return Prompt.model_validate(
            {
                "dataset": name,
                "sample_id": key,
                "messages": messages,
                "sampling": Sampling(max_tokens=self.rubric.max_tokens),
                "seed": sample_seed(0, name, key),
            }
        )

    def take(self, generation: Generation) -> None:
        """Keep a verdict until the sample's others are there."""
        sample_id, _, index = generation.sample_id.rpartition("#")
        self._verdicts[sample_id, int(index)] = generation

    def finish(self, tally: Tally) -> None:
        """Write all verdicts and count their scores."""
        path = self.folder.judged_path(self.model.name, self.dataset.name)
        with LineWriter(path) as writer:
            for result in self._results():
                judged = self._judged(result)
                writer.append(judged)
                tally.add_scores(self.scorer.name, judged.scores)
                metrics = {self.scorer.name: self.dataset.metrics[self.scorer.name]}
                for name, value in reduce_scores(metrics, {judged.scorer: judged.scores}).items():
                    tally.add_value(name, value, result.cluster)

    def _results(self) -> Iterator[SampleResult]:
        return self.folder.results(self.model.name, self.dataset.name)

    def _judged(self, result: SampleResult) -> Judged:
        texts: list[str] = []
        scores: list[Score] = []
        for index in range(len(result.generation.completions)):
            verdict = self._verdicts.get((result.sample_id, index))
            if verdict is None or verdict.error or not verdict.completions:
                reason = verdict.error if verdict and verdict.error else "the judge gave no verdict"
                texts.append("")
                scores.append(Score(value=None, explanation=reason, failed=True))
            else:
                texts.append(verdict.completions[0].text)
                scores.append(self.rubric.parse(texts[-1]))
        return Judged(
            dataset=self.dataset.name,
            sample_id=result.sample_id,
            scorer=self.scorer.name,
            judge=self.judge.name,
            rubric_version=self.rubric.version,
            verdicts=tuple(texts),
            scores=tuple(scores),
        )
