"""What a manifest says of a run's plan, as far as comparing needs it.

A manifest's plan is plain data, and people edit files: whatever else stands in it is passed over,
and what is missing or of the wrong kind is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from evalctl.errors import OutputError
from evalctl.store import Manifest, RunFolder


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class DatasetFacts(_Facts):
    """A dataset as it was planned."""

    dataset: str
    """Name of the dataset."""
    category: str
    """Name of its category."""
    role: str
    """`primary` makes the category score."""
    counts_in: tuple[str, ...] | None = None
    """Categories of the run whose score it makes; None in manifests that do not say it."""
    headline: str
    """The metric that stands for it."""
    content_hash: str
    """SHA-256 of its rows."""
    adapter_version: str = ""
    """Of the code that reads it."""
    style: str = ""
    """`chat` or `completion`."""
    shots: tuple[str, ...] = ()
    """Ids of the worked examples."""
    repeats: int = 1
    """Completions per sample."""
    sampling: Mapping[str, JsonValue] = {}
    """How tokens were drawn."""
    sampling_by: Mapping[str, JsonValue] = {}
    """What differed in that from sample to sample."""
    scorers: Mapping[str, JsonValue] = {}
    """By name, everything that decides a score."""

    @property
    def scored_in(self) -> tuple[str, ...]:
        """Categories whose score it makes."""
        if self.counts_in is not None:
            return self.counts_in
        return (self.category,) if self.role == "primary" else ()

    def is_of_added(self, scorer: str) -> bool:
        """Whether another plugin added a scorer to it."""
        described = self.scorers.get(scorer)
        return isinstance(described, dict) and described.get("is_added") is True

    def metrics_of(self, scorer: str) -> frozenset[str]:
        """Return the names of a scorer's metrics."""
        described = self.scorers.get(scorer)
        metrics = described.get("metrics") if isinstance(described, dict) else None
        return frozenset(metrics) if isinstance(metrics, dict) else frozenset()

    def range_of(self, metric: str) -> tuple[float, float] | None:
        """Return a metric's least and greatest value; None where the manifest does not say."""
        for found in self._declared(metric):
            if "lower" in found and "upper" in found:
                lower, upper = found["lower"], found["upper"]
                return (
                    float(lower) if isinstance(lower, int | float) else -math.inf,
                    float(upper) if isinstance(upper, int | float) else math.inf,
                )
        return None

    def is_pooled(self, metric: str) -> bool:
        """Return whether a metric has no value of one sample."""
        return any(found.get("is_pooled") is True for found in self._declared(metric))

    def has_ideal(self, metric: str) -> bool:
        """Return whether a metric has a best value that is not its greatest one."""
        return any(found.get("ideal") is not None for found in self._declared(metric))

    def _declared(self, metric: str) -> Iterator[Mapping[str, JsonValue]]:
        for scorer in self.scorers.values():
            metrics = scorer.get("metrics") if isinstance(scorer, dict) else None
            found = metrics.get(metric) if isinstance(metrics, dict) else None
            if isinstance(found, dict):
                yield found


class ModelFacts(_Facts):
    """A model as it was planned."""

    model: str
    """Name of the model."""
    content_hash: str | None = None
    """Of its files."""
    revision: str | None = None
    """Hub commit."""
    engine: str
    """Name of the engine."""
    preset: str | None = None
    """Name of its settings."""
    options: Mapping[str, JsonValue] = {}
    """Settings of the engine."""
    datasets: tuple[DatasetFacts, ...]
    """In order."""

    def dataset(self, name: str) -> DatasetFacts | None:
        """Return the dataset of that name, or None."""
        return next((one for one in self.datasets if one.dataset == name), None)


class _Plan(_Facts):
    categories: tuple[str, ...]
    judge: str | None = None
    models: tuple[ModelFacts, ...]


class _Asked(_Facts):
    seed: int = 0


class RunFacts(_Facts):
    """A run as it was planned."""

    run_id: str
    """Name of the run folder."""
    started: str
    """UTC, ISO 8601."""
    categories: tuple[str, ...]
    """Whose score was wanted."""
    judge: str | None
    """The judge model."""
    seed: int
    """Of all sampling."""
    models: tuple[ModelFacts, ...]
    """In order."""
    accepted: tuple[str, ...] = ()
    """What had changed when the run was gone on with."""
    plugins: Mapping[str, str]
    """Version by distribution, without plugins that did nothing but add scorers."""
    libraries: Mapping[str, str]
    """Version by library."""
    hardware: Mapping[str, JsonValue] = {}
    """What it ran on."""


def read_facts(folder: RunFolder) -> RunFacts:
    """Return what a run's manifest says.

    Raises:
        OutputError: It is missing, damaged, of another version, or its plan was edited.
    """
    manifest = folder.manifest()
    try:
        return _facts(folder.run_id, manifest)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in ("plan", *problem["loc"]))
        raise OutputError(
            f"{folder.path / 'manifest.json'}: {place}: {problem['msg']}. "
            "The file was written by another version, or edited."
        ) from None


def _facts(run_id: str, manifest: Manifest) -> RunFacts:
    plan = _Plan.model_validate(manifest.plan)
    by_scorers = {part.distribution for part in manifest.parts if part.kind == "scorer"}
    aside = by_scorers - {part.distribution for part in manifest.parts if part.kind != "scorer"}
    return RunFacts(
        run_id=run_id,
        started=manifest.started,
        categories=plan.categories,
        judge=plan.judge,
        seed=_Asked.model_validate(manifest.asked).seed,
        models=plan.models,
        accepted=tuple(change for one in manifest.resumed for change in one.changes),
        plugins={name: number for name, number in manifest.plugins.items() if name not in aside},
        libraries=manifest.libraries,
        hardware=manifest.hardware,
    )
