"""The judges of a run, and which scorers take part in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evalctl.config import UserConfig
from evalctl.errors import ConfigError, ModelError
from evalctl.plan.asked import RunSpec
from evalctl.plan.coverage import listed
from evalctl.plan.models import check_form, resolve_model
from evalctl.plan.planned import PlannedModel
from evalctl.registry import Owner, Registry
from evalctl.specs import DatasetSpec


def resolve_judges(
    asked: RunSpec, registry: Registry, config: UserConfig, notices: list[str]
) -> tuple[PlannedModel, ...]:
    """Return the judges, without datasets, in the order in which they were named.

    Raises:
        ConfigError: One is named twice, or a baseline is given without any.
        UsageError: One cannot be used here.
    """
    if asked.baseline is not None and not asked.judges:
        raise ConfigError("--baseline goes with --judge MODEL, which holds answers against it")
    check_form("--judge", asked.judges, registry)
    for name in asked.judges:
        if asked.judges.count(name) > 1:
            raise ConfigError(f"--judge {name} is given twice; a model agrees with itself")
    plain = asked.model_copy(update={"engine": None, "preset": None, "engine_options": {}})
    judges = [resolve_model(name, plain, registry, config, notices) for name in asked.judges]
    for judge in judges:
        if "generate" not in judge.capabilities:
            raise ModelError(f"--judge {judge.name}: it writes no text, and so no verdict")
    return tuple(judges)


def notices_of_judges(
    models: Sequence[PlannedModel], judges: Sequence[PlannedModel]
) -> Iterator[str]:
    """Yield what a reader must know of who judges what.

    Raises:
        ModelError: A judge's verdicts were recorded, and none of them is of this run.
    """
    yield from _self_judged(models, judges)
    judged = {
        f"{dataset.name}/{scorer.name}": dataset.name
        for model in models
        for dataset in model.datasets
        for scorer in dataset.scorers
        if scorer.judge is not None
    }
    if judges and not judged:
        names = ", ".join(dict.fromkeys(d.name for model in models for d in model.datasets))
        yield f"--judge asks nobody: nothing of this run is judged by a model ({names})"
    for judge in judges if judged else ():
        yield from _unrecorded(judge, tuple(judged))


def _unrecorded(judge: PlannedModel, judged: Sequence[str]) -> Iterator[str]:
    """Yield a notice where a judge's recorded verdicts lack those of a scorer.

    Args:
        judge: Of any kind.
        judged: What is judged, as `DATASET/SCORER`.
    """
    recorded = judge.facts.datasets
    if recorded is None:
        return
    missing = [name for name in judged if name not in recorded]
    if len(missing) == len(judged):
        raise ModelError(
            f"--judge {judge.name}: the file has no verdict of {listed(missing)}; it has rows of "
            f'{listed(recorded)}. Rows of verdicts have "dataset": "DATASET/SCORER".'
        )
    for name in missing:
        yield f"{judge.name}: the file has no verdict of {name}; all of them count as failures"


def _self_judged(models: Sequence[PlannedModel], judges: Sequence[PlannedModel]) -> Iterator[str]:
    """Yield a notice for each model that judges its own answers."""
    for judge in judges:
        for model in models:
            if judge.ref.kind != "recorded" and _is_same(model, judge):
                who = f"{model.name} is judged by itself"
                also = "" if judge.name == model.name else f", under the name {judge.name}"
                yield f"{who}{also}: models tend to prefer what they wrote; take another judge"


def taking_part(spec: DatasetSpec, asked: RunSpec) -> DatasetSpec:
    """Return a dataset with the scorers that take part: those of pairs need a baseline."""
    if asked.baseline is not None or not any(scorer.is_paired for scorer in spec.scorers):
        return spec
    return spec.with_scorers(scorer for scorer in spec.scorers if not scorer.is_paired)


def added_to(spec: DatasetSpec, registry: Registry) -> dict[str, Owner]:
    """Return the plugins of those scorers of a dataset that others added, by scorer."""
    taking = {scorer.name for scorer in spec.scorers}
    owners: Mapping[str, Owner] = registry.added_to(spec.name)
    return {name: owner for name, owner in owners.items() if name in taking}


def _is_same(model: PlannedModel, judge: PlannedModel) -> bool:
    ours, theirs = model.facts.content_hash, judge.facts.content_hash
    if model.ref.path == judge.ref.path and model.ref.kind == judge.ref.kind:
        return True
    return ours is not None and ours == theirs
