"""Another model's answers, which a judge holds answers against: found, checked and looked up.

They are a run's, or recorded outputs in the form that the engine `replay` reads. Of several
completions of a sample the first one counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from evalctl.engines import replay
from evalctl.engines.asking import ask
from evalctl.engines.replay_options import ReplayOptions
from evalctl.errors import ConfigError, EvalctlError, UnknownNameError
from evalctl.plan import Asked, Plan, PlannedBaseline, PlannedDataset
from evalctl.protocols import Engine, ModelRef
from evalctl.records import Completion
from evalctl.results import SampleResult
from evalctl.store import RunFolder, open_run_of_model

_PREFIX = "replay:"
_SHOWN = 3
"""Ids that a message names."""


class BaselineOutputs(Protocol):
    """The answers of a baseline."""

    def find(self, asked: Asked) -> Completion | None:
        """Return its answer to a sample, to all turns; None where it has none."""

    def close(self) -> None:
        """Close what is open."""


def with_baseline(plan: Plan) -> Plan:
    """Return a plan with the baseline that was asked for, which has all answers that it needs.

    Raises:
        ConfigError: There is no such baseline, it has not all answers, or nothing needs one.
    """
    given = plan.asked.baseline
    if given is None:
        return plan
    datasets = {d.name: d for model in plan.models for d in model.datasets if _is_paired(d)}
    if not datasets:
        names = sorted({d.name for model in plan.models for d in model.datasets})
        raise ConfigError(
            f"--baseline {given}: no dataset of this run is judged in pairs ({', '.join(names)})"
        )
    try:
        baseline = _find(given, plan.asked.out, datasets.values())
        outputs = open_baseline(baseline)
    except EvalctlError as error:
        raise ConfigError(f"--baseline {given}: {error}") from None
    try:
        for dataset in datasets.values():
            _check(given, dataset, outputs)
    finally:
        outputs.close()
    # Wherever the run is gone on with, this is the same one.
    whole = f"{baseline.path}:{baseline.model}" if baseline.model else baseline.path
    asked = plan.asked.model_copy(update={"baseline": whole})
    return replace(plan, asked=asked, baseline=baseline)


def open_baseline(baseline: PlannedBaseline) -> BaselineOutputs:
    """Return what looks a baseline's answers up; it must be closed.

    Raises:
        ModelError: A file of recorded outputs cannot be read.
    """
    if baseline.model:
        return _OfRun(RunFolder(Path(baseline.path)), baseline.model)
    ref = ModelRef(name=baseline.name, path=baseline.path, kind="recorded")
    return _OfFile(replay.open_engine(ref, ReplayOptions()))


@dataclass
class _OfFile:
    """Recorded outputs."""

    engine: Engine

    def find(self, asked: Asked) -> Completion | None:
        prompt = asked.prompt.model_copy(update={"n": 1})
        given = next(iter(ask(self.engine, "generate", (prompt,))), None)
        return given.completions[0] if given and given.completions else None

    def close(self) -> None:
        self.engine.close()


@dataclass
class _OfRun:
    """The results of a run."""

    folder: RunFolder
    model: str
    _dataset: str = ""
    _offsets: dict[str, int] = field(default_factory=dict)

    def find(self, asked: Asked) -> Completion | None:
        path = self.folder.samples_path(self.model, asked.dataset.name)
        self._read(asked.dataset.name, path)
        offset = self._offsets.get(asked.sample.id)
        if offset is None:
            return None
        with path.open("rb") as file:
            file.seek(offset)
            result = SampleResult.model_validate_json(file.readline())
        given = result.generation.completions
        has_all = given and len(given[0].earlier) == len(asked.sample.later_turns)
        return given[0] if has_all else None

    def close(self) -> None:
        """Nothing is open."""

    def _read(self, dataset: str, path: Path) -> None:
        """Find the lines of one dataset's samples, and forget another's."""
        if self._dataset == dataset:
            return
        self._dataset, self._offsets = dataset, {}
        offset = 0
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):  # a torn last line is none
                    self._offsets[_Line.model_validate_json(line).sample_id] = offset
                offset += len(line)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class _Line(_Part):
    sample_id: str


class _Dataset(_Part):
    dataset: str
    content_hash: str


class _Model(_Part):
    model: str
    datasets: tuple[_Dataset, ...]


class _Plan(_Part):
    models: tuple[_Model, ...]


def _find(given: str, out: Path, datasets: Iterable[PlannedDataset]) -> PlannedBaseline:
    path = Path(given.removeprefix(_PREFIX))
    if given.startswith(_PREFIX) or path.is_file():
        where = str(path.absolute())
        facts = replay.check(ModelRef(name=given, path=where, kind="recorded"), ReplayOptions())
        return PlannedBaseline(path.name, where, "", facts.content_hash or "")
    folder, wanted = open_run_of_model(given, out)
    model = _model(folder, wanted)
    had = {one.dataset: one.content_hash for one in model.datasets}
    digest = hashlib.sha256()
    for dataset in datasets:
        file = folder.samples_path(model.model, dataset.name)
        if dataset.name not in had or not file.is_file():
            raise ConfigError(f"it has no answers to {dataset.name}; it has {', '.join(had)}")
        if had[dataset.name] != dataset.loaded.content_hash:
            raise ConfigError(
                f"it answered other rows of {dataset.name} than those that are here now (hash "
                f"{had[dataset.name][:12]} against {dataset.loaded.content_hash[:12]})"
            )
        digest.update(file.read_bytes())
    name = f"{folder.run_id}:{model.model}"
    return PlannedBaseline(name, str(folder.path), model.model, digest.hexdigest())


def _model(folder: RunFolder, wanted: str | None) -> _Model:
    manifest = folder.manifest()
    try:
        models = {one.model: one for one in _Plan.model_validate(manifest.plan).models}
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]["msg"]
        raise ConfigError(f"its manifest was written by another version: {problem}") from None
    if wanted is None and len(models) == 1:
        return next(iter(models.values()))
    if wanted is None:
        named = ", ".join(f"{folder.run_id}:{name}" for name in models)
        raise ConfigError(f"the run has several models; name one of {named}")
    if wanted not in models:
        raise UnknownNameError("model of that run", wanted, models)
    return models[wanted]


def _check(given: str, dataset: PlannedDataset, outputs: BaselineOutputs) -> None:
    """Refuse a baseline that lacks an answer."""
    missing = [asked.sample.id for asked in dataset.prompts(seed=0) if outputs.find(asked) is None]
    if not missing:
        return
    shown = ", ".join(f"{name!r:.60}" for name in islice(missing, _SHOWN))
    more = f" and {len(missing) - _SHOWN:,} more" if len(missing) > _SHOWN else ""
    raise ConfigError(
        f"--baseline {given}: of {dataset.loaded.n_samples:,} samples of {dataset.name} it lacks "
        f"the answer (to all turns) to {len(missing):,}: {shown}{more}. Take one that has them all."
    )


def _is_paired(dataset: PlannedDataset) -> bool:
    return any(scorer.is_paired for scorer in dataset.scorers)
