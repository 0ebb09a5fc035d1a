"""Specs with a user's overrides applied. Pure functions; what is not overridden stays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import JsonValue

from evalctl.config.overrides import DatasetOverride, ModelOverride, PresetOverride, UserConfig
from evalctl.records import Record
from evalctl.specs import DatasetSpec, MeasuringSpec, ModelSpec, Preset, ScorerSpec

R = TypeVar("R", bound=Record)


def apply_model(spec: ModelSpec, config: UserConfig) -> ModelSpec:
    """Return a model as the user wants it.

    Options of presets are merged one by one: the model's own entry in the file wins over the
    file's general presets, and those over what the plugin declared.
    """
    override = config.models.get(spec.name, ModelOverride())
    engine = override.engine or spec.engine
    presets = dict(spec.presets)
    for name, by_engine in config.presets.items():
        wanted = presets[name].engine if name in presets else engine
        if wanted in by_engine:
            presets[name] = _merged(presets.get(name), wanted, by_engine[wanted])
    for name, own in override.presets.items():
        presets[name] = _with_own(presets.get(name), own, engine)
    changes: dict[str, object] = {
        "convention": _with_given(spec.convention, override.convention),
        "labels": {**spec.labels, **override.labels},
        "presets": presets,
    }
    if override.path is not None:
        changes |= {"path": str(Path(override.path).expanduser()), "revision": None}
    for field in ("priority", "specialization_weight", "revision", "engine"):
        if (value := getattr(override, field)) is not None:
            changes[field] = value
    return _changed(spec, changes)


def apply_dataset(spec: DatasetSpec, config: UserConfig) -> DatasetSpec:
    """Return a dataset as the user wants it; how many samples are run is the planner's matter."""
    override = config.datasets.get(spec.name, DatasetOverride())
    changes: dict[str, object] = {
        "sampling": _with_given(spec.sampling, override.sampling),
        "prompt": _with_given(spec.prompt, override.prompt),
    }
    if "temperature" in override.sampling.model_fields_set:
        changes |= {"temperature_by": "", "temperatures": {}}
    for field in ("shots", "repeats"):
        if (value := getattr(override, field)) is not None:
            changes[field] = value
    scorers = (_with_executor(scorer, config) for scorer in spec.scorers)
    changes["scorers"] = tuple(_with_timeout(scorer, config) for scorer in scorers)
    return _changed(spec, changes)


def apply_measuring(spec: MeasuringSpec, config: UserConfig) -> MeasuringSpec:
    """Return how speed is measured, as the user wants it."""
    given = config.measuring.model_dump(exclude_none=True)
    return spec.model_copy(update=given)


def _with_own(preset: Preset | None, own: PresetOverride, engine: str) -> Preset:
    """An override that names another engine replaces the preset: its options mean nothing there."""
    if preset is not None and own.engine in {None, preset.engine}:
        return _merged(preset, preset.engine, own.options)
    return _merged(None, own.engine or engine, own.options)


def _merged(preset: Preset | None, engine: str, options: Mapping[str, JsonValue]) -> Preset:
    known = preset.options if preset is not None else {}
    return Preset(engine=engine, options={**known, **options})


def _with_given(record: R, given: R) -> R:
    """Return `record` with those fields of `given` that were set by the user."""
    return _changed(record, {name: getattr(given, name) for name in given.model_fields_set})


def _with_executor(scorer: ScorerSpec, config: UserConfig) -> ScorerSpec:
    executor = scorer.execution.executor if scorer.execution else None
    if executor is None or executor.name not in config.executors:
        return scorer
    assert scorer.execution is not None, "it has an executor"
    override = config.executors[executor.name]
    packages = (*executor.profile.packages, *override.packages)
    changed = {
        "limits": _with_given(executor.limits, override.limits),
        "profile": _changed(executor.profile, {"packages": packages}),
    }
    execution = _changed(scorer.execution, {"executor": _changed(executor, changed)})
    return _changed(scorer, {"execution": execution})


def _with_timeout(scorer: ScorerSpec, config: UserConfig) -> ScorerSpec:
    if (seconds := config.limits.timeout_seconds) is None:
        return scorer
    if scorer.execution is not None:
        limited = scorer.execution.model_copy(update={"timeout_seconds": seconds})
        return _changed(scorer, {"execution": limited})
    return _changed(scorer, {"timeout_seconds": seconds}) if scorer.is_isolated else scorer


def _changed(record: R, changes: Mapping[str, object]) -> R:
    """Return the same object where nothing changes. Values were validated when the file was."""
    real = {name: value for name, value in changes.items() if getattr(record, name) != value}
    return record.model_copy(update=real) if real else record
