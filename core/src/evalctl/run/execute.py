"""A plan carried out: model after model, every result on disk as it is scored."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

from evalctl.errors import EngineError, StorageError, UsageError
from evalctl.plan import Plan, PlannedModel
from evalctl.results import (
    CategoryScore,
    Failures,
    ModelResult,
    RunResult,
    RunStatus,
    SampleResult,
    Usage,
)
from evalctl.run.asking import Stream, opened
from evalctl.run.judging import judge_model
from evalctl.run.manifest import make_manifest
from evalctl.run.observer import Observer
from evalctl.run.tally import Tally, category_score
from evalctl.scoring import ScoringPool
from evalctl.store import LineWriter, RunFolder


def execute(plan: Plan, folder: RunFolder, observer: Observer) -> RunResult:
    """Carry out a plan and return its result, which is also in the run folder.

    An interruption (Ctrl-C) ends it with the status `interrupted` and everything that was scored.

    Raises:
        UsageError: The only model cannot be loaded; then no folder is left behind.
        OutputError: The run folder cannot be made.
        StorageError: The disk is so full that not even the summary can be written.
    """
    folder.create(make_manifest(plan, folder))
    models: list[ModelResult] = []
    status: RunStatus = "complete"
    try:
        for model in plan.models:
            one = _ModelRun(plan, model, folder, observer)
            try:
                one.run()
            except KeyboardInterrupt:
                status = "interrupted"
                one.error = one.error or "interrupted"
            except StorageError as error:
                status = "failed"
                one.error = str(error)
            models.append(one.result())
            observer.finished(model, models[-1])
            if status != "complete":
                break
    except UsageError:
        shutil.rmtree(folder.path)
        raise
    return _summarise(plan, folder, models, status)


def _summarise(
    plan: Plan, folder: RunFolder, models: list[ModelResult], status: RunStatus
) -> RunResult:
    parts = [dataset.failures for model in models for dataset in model.datasets]
    failures = Failures(
        engine=sum(part.engine for part in parts), scorer=sum(part.scorer for part in parts)
    )
    if status == "complete" and (
        failures.total > plan.max_errors or any(model.error for model in models)
    ):
        status = "failed"
    result = RunResult(
        run_id=folder.run_id,
        status=status,
        models=tuple(models),
        failures=failures,
        notices=plan.notices,
    )
    folder.write_summary(result)
    return result


@dataclass
class _ModelRun:
    """One model's part of a run."""

    plan: Plan
    model: PlannedModel
    folder: RunFolder
    observer: Observer
    error: str | None = None
    load_seconds: float = 0.0
    generate_seconds: float = 0.0
    tallies: dict[str, Tally] = field(default_factory=dict)

    def __post_init__(self) -> None:
        has_judge = self.plan.judge is not None
        self.tallies = {
            dataset.name: Tally(dataset, has_judge=has_judge) for dataset in self.model.datasets
        }

    def run(self) -> None:
        """Load, ask and score; a model of several that fails is recorded and passed over."""
        try:
            self._ask_and_score()
            if self.plan.judge is not None:
                judge_model(self.plan.judge, self.model, self.folder, self.observer, self.tallies)
        except EngineError as error:
            self._give_up(str(error))
        except UsageError as error:
            if len(self.plan.models) == 1 and not any(t.n_done for t in self.tallies.values()):
                raise
            self._give_up(str(error))

    def _give_up(self, reason: str) -> None:
        self.error = reason
        for tally in self.tallies.values():
            tally.give_up(reason)

    def result(self) -> ModelResult:
        """Return the model's result as it stands."""
        datasets = tuple(tally.result() for tally in self.tallies.values())
        scores = (category_score(category, datasets) for category in self.plan.categories)
        return ModelResult(
            model=self.model.name,
            engine=self.model.engine.name,
            datasets=datasets,
            categories=tuple(score for score in scores if isinstance(score, CategoryScore)),
            usage=self._usage(),
            error=self.error,
        )

    def _ask_and_score(self) -> None:
        began = time.monotonic()
        with ExitStack() as stack:
            log_path = self.folder.log_path(self.model.name)
            engine = stack.enter_context(
                opened(self.model, log_path, lambda text: self.observer.phase(self.model, text))
            )
            self.load_seconds = time.monotonic() - began
            self.observer.ready(self.model, engine.info, self.load_seconds)
            pool = ScoringPool.for_programs(self.plan.sandbox)
            stack.callback(pool.close)
            writers = {
                dataset.name: stack.enter_context(
                    LineWriter(self.folder.samples_path(self.model.name, dataset.name))
                )
                for dataset in self.model.datasets
            }
            began = time.monotonic()
            try:
                answers = Stream(self.plan.asked.seed).answers(engine, self.model.datasets)
                for (dataset, sample, prompt), answer in answers:
                    self.generate_seconds = time.monotonic() - began
                    for result in pool.score(dataset, sample, prompt, answer):
                        self._keep(writers, result)
            finally:
                for result in pool.finish():
                    self._keep(writers, result)

    def _keep(self, writers: dict[str, LineWriter], result: SampleResult) -> None:
        writers[result.dataset].append(result)
        tally = self.tallies[result.dataset]
        tally.add(result)
        self.observer.scored(tally.planned, tally, result)

    def _usage(self) -> Usage:
        output_tokens = sum(tally.output_tokens for tally in self.tallies.values())
        seconds = self.generate_seconds
        return Usage(
            prompt_tokens=sum(tally.prompt_tokens for tally in self.tallies.values()),
            output_tokens=output_tokens,
            load_seconds=round(self.load_seconds, 3),
            generate_seconds=round(seconds, 3),
            tokens_per_second=round(output_tokens / seconds, 1) if seconds else None,
        )
