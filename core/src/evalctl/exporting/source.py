"""What an export reads: a run folder with its plan, its summary and its samples, as a stream.

Nothing is loaded and no plugin is asked: all that an export says comes from the run folder, so that
a run can be exported where its plugins are not installed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from evalctl.errors import OutputError, UnknownNameError
from evalctl.exporting.judged import JudgedIndex
from evalctl.plan.labels import LabelReading
from evalctl.prompts import without_end
from evalctl.records import Sampling
from evalctl.results import DatasetResult, ModelResult, RunResult, SampleResult
from evalctl.store import Manifest, RunFolder


class PlanPart(BaseModel):
    """Base of what is read from a manifest's plan; what else it holds is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PlannedMetric(PlanPart):
    """A metric that was to be computed."""

    title: str
    is_pooled: bool
    lower: float | None
    upper: float | None
    ideal: float | None = None


class PlannedJudge(PlanPart):
    """How a judge model was asked."""

    prompt: str | None = None
    prompts: str | None = None
    pair: str | None = None
    version: str

    @property
    def function(self) -> str:
        """What made its prompts."""
        return self.prompt or self.prompts or self.pair or ""


class PlannedScorer(PlanPart):
    """A scorer with its metrics."""

    version: str
    metrics: Mapping[str, PlannedMetric]
    judge: PlannedJudge | None = None


class PlannedDataset(PlanPart):
    """A dataset as it was to be asked."""

    dataset: str
    category: str
    role: str
    adapter_version: str
    origin: str
    revision: str | None
    content_hash: str
    n_available: int
    n_samples: int
    n_recorded: int | None = None
    style: str
    needs: str = "generate"
    labels: LabelReading | None = None
    shots: tuple[str, ...]
    n_shots: int | None = None
    repeats: int
    sampling: Sampling
    headline: str
    scorers: Mapping[str, PlannedScorer]

    @property
    def shots_per_question(self) -> int:
        """Worked examples before each question; groups of questions may have their own."""
        return len(self.shots) if self.n_shots is None else self.n_shots

    @property
    def is_choice(self) -> bool:
        """Whether log-likelihoods of given continuations were asked for."""
        return self.needs in {"choose", "fill"}

    @property
    def is_random_part(self) -> bool:
        """Whether the samples were drawn from more that could have been asked."""
        return self.n_samples < (self.n_available if self.n_recorded is None else self.n_recorded)

    @property
    def metrics(self) -> dict[str, tuple[str, PlannedMetric]]:
        """By name, each metric with the name of its scorer."""
        return {
            name: (scorer_name, metric)
            for scorer_name, scorer in self.scorers.items()
            for name, metric in scorer.metrics.items()
        }


class PlannedModel(PlanPart):
    """A model with its datasets."""

    model: str
    path: str
    revision: str | None
    content_hash: str | None
    engine: str
    preset: str | None
    datasets: tuple[PlannedDataset, ...]


class RunPlan(PlanPart):
    """The plan of a run, as its manifest has it."""

    judge: str | None = None
    judges: Mapping[str, JsonValue] = {}
    models: tuple[PlannedModel, ...]


@dataclass(frozen=True)
class DatasetPart:
    """One model on one dataset."""

    source: ExportSource
    """The run that it is part of."""
    model: PlannedModel
    """The model."""
    plan: PlannedDataset
    """How it was to be asked."""
    result: DatasetResult | None
    """What came out; None where the run has no summary, or ended before the dataset."""

    @property
    def n_samples(self) -> int:
        """Samples that were planned; where it was stopped early, those that were asked."""
        return self.result.n_samples if self.result else self.plan.n_samples

    def results(self) -> Iterator[SampleResult]:
        """Yield the results of its samples as a stream, with what a judge made of them.

        Prompts are as the model read them, without what was left out.

        Those that the engine did not answer come last.

        Raises:
            OutputError: A line is damaged; the message names it.
        """
        folder, which = self.source.folder, (self.model.model, self.plan.dataset)
        found = self._judged(folder.results(*which), folder.judged_path(*which))
        yield from map(_as_read, chain(found, folder.failures(*which)))

    def _judged(self, results: Iterator[SampleResult], judged: Path) -> Iterator[SampleResult]:
        if not judged.exists():
            yield from results
            return
        with closing(JudgedIndex(judged)) as index:
            yield from map(index.joined, results)


def _as_read(result: SampleResult) -> SampleResult:
    if not result.generation.left_out:
        return result
    prompt = without_end(result.prompt, result.generation.left_out)
    return result.model_copy(update={"prompt": prompt})


@dataclass(frozen=True)
class ExportSource:
    """A run that is to be exported."""

    folder: RunFolder
    """Where it is."""
    manifest: Manifest
    """What it was."""
    manifest_hash: str
    """SHA-256 of `manifest.json`, in hexadecimal digits."""
    plan: RunPlan
    """What was to be done, of the models that are to be exported."""
    summary: RunResult | None
    """What came out; None where the run did not end."""

    @classmethod
    def read(cls, folder: RunFolder, model: str | None = None) -> ExportSource:
        """Return what there is of a run.

        Args:
            folder: The run folder.
            model: Name of the one model that is to be exported; None exports all.

        Raises:
            OutputError: The manifest or the summary is damaged, or of another version.
            UnknownNameError: The run has no such model.
        """
        manifest = folder.manifest()
        path = folder.path / "manifest.json"
        summary = folder.summary() if (folder.path / "summary.json").exists() else None
        return cls(
            folder=folder,
            manifest=manifest,
            manifest_hash=hashlib.sha256(path.read_bytes()).hexdigest(),
            plan=_plan(manifest, path, model),
            summary=summary,
        )

    def parts(self) -> Iterator[DatasetPart]:
        """Yield each dataset of each model, in the order of the plan."""
        for model in self.plan.models:
            outcome = self.outcome(model)
            results = {result.dataset: result for result in outcome.datasets} if outcome else {}
            for dataset in model.datasets:
                yield DatasetPart(self, model, dataset, results.get(dataset.dataset))

    def outcome(self, model: PlannedModel) -> ModelResult | None:
        """Return what came out for a model; None where the run did not come to it."""
        models = self.summary.models if self.summary else ()
        return next((result for result in models if result.model == model.model), None)

    def whole_summary(self, why: str) -> RunResult:
        """Return the summary.

        Args:
            why: The format that cannot do without, for the message.

        Raises:
            OutputError: There is none.
        """
        if self.summary is None:
            raise OutputError(
                f"{self.folder.path} has no summary.json, because the run did not end, and {why} "
                "needs one; resume the run, or export it as jsonl, csv, parquet or replay"
            )
        return self.summary

    @property
    def warnings(self) -> tuple[str, ...]:
        """What keeps an export from being the whole of what was planned."""
        if self.summary is None:
            return (f"{self.folder.run_id} did not end: what was scored so far is exported",)
        found = []
        if self.summary.status != "complete":
            found.append(f"{self.folder.run_id} is {self.summary.status}, not complete")
        for part in self.parts():
            done = part.result.n_done if part.result else 0
            if done < part.n_samples:
                which = f"{part.model.model} on {part.plan.dataset}"
                found.append(f"{which}: {done} of {part.n_samples} samples done")
        return tuple(found)


def _plan(manifest: Manifest, path: Path, model: str | None) -> RunPlan:
    try:
        plan = RunPlan.model_validate(manifest.plan)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in ("plan", *problem["loc"]))
        raise OutputError(
            f"{path} was written by another version of evalctl: {place}: {problem['msg']}"
        ) from None
    if model is None:
        return plan
    known = [one.model for one in plan.models]
    if model not in known:
        raise UnknownNameError("model of this run", model, known)
    return plan.model_copy(
        update={"models": tuple(one for one in plan.models if one.model == model)}
    )
