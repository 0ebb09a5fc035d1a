"""A run that was begun before, planned again from its manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue, ValidationError

from evalctl import plan as planning
from evalctl.errors import ConfigError, OutputError
from evalctl.plan import Before, Checked, Plan, PlannedModel, RunSpec
from evalctl.plugins import Loaded
from evalctl.run.baseline import with_baseline
from evalctl.run.manifest import make_manifest, now, typed
from evalctl.store import Manifest, Resumption, RunFolder, differences

MAX_TOLD = 12
"""Differences that a refusal tells one by one."""


class Afresh(NamedTuple):
    """What is asked otherwise when a run is made again."""

    data_folders: tuple[Path, ...] = ()
    """Where datasets are looked for before the places that the run knew."""
    out: Path | None = None
    """Where new run folders go; None leaves it."""
    max_cost: float | None = None
    """What all of the run may cost, earlier sessions included; None leaves it."""
    judges: tuple[str, ...] | None = None
    """Who judges stored answers; None leaves it."""
    baseline: str | None = None
    """What those are held against; None leaves it."""

    def apply(self, asked: RunSpec) -> RunSpec:
        """Return what is asked now."""
        changes = {name: value for name, value in self._asdict().items() if value is not None}
        changes["data_folders"] = (*self.data_folders, *asked.data_folders)
        return asked.model_copy(update=changes)


class Reopened(NamedTuple):
    """A run, planned again."""

    plan: Plan
    """With the models and datasets that it had, and no others."""
    manifest: Manifest
    """As it was written."""
    present: Manifest
    """As it would be written now."""
    changes: tuple[str, ...]
    """What differs between the two, as far as it decides results."""

    def refuse_changes(self, what: str) -> None:
        """Refuse to go on where anything has changed.

        Raises:
            ConfigError: Something has; the message says what.
        """
        if not self.changes:
            return
        told = [*self.changes[:MAX_TOLD]]
        if len(self.changes) > MAX_TOLD:
            told.append(f"and {len(self.changes) - MAX_TOLD} more")
        lines = "\n".join(f"  {line}" for line in told)
        raise ConfigError(
            f"the run {self.manifest.run_id} was made with something else than what is here now:\n"
            f"{lines}\nPut it back, or {what} all the same with --accept-changes."
        )

    def resumed(self) -> Manifest:
        """Return the manifest of the run once it goes on."""
        note = Resumption(at=now(), command=typed(), changes=self.changes)
        asked = {**self.manifest.asked, "max_cost": self.plan.asked.max_cost}
        return self.manifest.model_copy(
            update={
                "asked": asked,
                "resumed": (*self.manifest.resumed, note),
                "plan": self.present.plan,
                "plugins": self.present.plugins,
                "parts": self.present.parts,
                "libraries": self.present.libraries,
            }
        )


def reopen(folder: RunFolder, loaded: Loaded, afresh: Afresh | None = None) -> Reopened:
    """Return a run's plan, made again from its manifest.

    Args:
        folder: The run.
        loaded: What is installed.
        afresh: What is asked otherwise; None is nothing.

    Raises:
        OutputError: The manifest is missing, damaged, edited, or of another version.
        UsageError: The run can no longer be planned: a model, a dataset or a plugin is gone.
    """
    manifest = folder.manifest()
    asked = (afresh or Afresh()).apply(asked_of(folder, manifest))
    models = {str(model["model"]): model for model in objects(manifest.plan.get("models"))}
    made = planning.make(asked, loaded, before_of(manifest))
    kept = [_only_known(model, models[model.name]) for model in made.models if model.name in models]
    plan = with_baseline(replace(made, models=tuple(kept)))
    present = make_manifest(plan, folder)
    return Reopened(plan, manifest, present, differences(manifest, present))


def objects(value: JsonValue) -> list[dict[str, JsonValue]]:
    """Return the objects of a list of a manifest's plan."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def before_of(manifest: Manifest) -> Before:
    """Return what a run's manifest spares finding out again."""
    return Before(manifest.config, _checked(objects(manifest.plan.get("models"))))


def asked_of(folder: RunFolder, manifest: Manifest) -> RunSpec:
    """Return what a run was asked.

    Raises:
        OutputError: The manifest is of another version.
    """
    try:
        return RunSpec.model_validate(manifest.asked)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise OutputError(
            f"{folder.path / 'manifest.json'} was written by another version of evalctl: "
            f"asked.{key}: {problem['msg']}"
        ) from None


def _checked(models: Iterable[Mapping[str, JsonValue]]) -> dict[str, Checked]:
    found = {}
    for model in models:
        for one in objects(model.get("datasets")):
            count = one.get("n_available")
            if isinstance(count, int):
                known = Checked(
                    str(one.get("content_hash")), str(one.get("adapter_version")), count
                )
                found[str(one.get("dataset"))] = known
    return found


def _only_known(model: PlannedModel, described: Mapping[str, JsonValue]) -> PlannedModel:
    """Return a model with the datasets that the run had: others may have come since."""
    names = {one.get("dataset") for one in objects(described.get("datasets"))}
    return replace(model, datasets=tuple(d for d in model.datasets if d.name in names))
