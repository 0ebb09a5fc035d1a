"""Whether a model can be asked a dataset, and what is told where it cannot."""

from __future__ import annotations

from collections.abc import Sequence

from evalctl.errors import ModelError
from evalctl.plan.labels import LabelReading, fit_labels
from evalctl.plan.planned import PlannedModel
from evalctl.plan.seeing import why_blind
from evalctl.registry import Registry
from evalctl.specs import DatasetSpec


def lacks(model: PlannedModel, specs: Sequence[DatasetSpec], registry: Registry) -> str:
    """Return why a model cannot do what datasets need, all of them the same, and what would."""
    need, names = specs[0].needs, ", ".join(spec.name for spec in specs)
    stand_ins = (registry.dataset(spec.otherwise).spec for spec in specs if spec.otherwise)
    others = ", ".join(one.name for one in stand_ins if one.needs == "generate")
    asks = "ask" if "," in others else "asks"
    instead = f"; {others} {asks} for it in words" if others else ""
    needs = f"dataset {names} needs" if len(specs) == 1 else f"datasets {names} need"
    if need in model.engine.capabilities:
        can = ", ".join(f"`{one}`" for one in sorted(model.capabilities)) or "nothing of it"
        what = model.facts.architecture or f"model of the kind {model.ref.kind}"
        return f"{needs} `{need}`, and a {what} can be asked to {can} alone{instead}"
    engines = ", ".join(one.name for one in registry.engines if need in one.capabilities)
    return (
        f"{needs} `{need}`, which engine {model.engine.name} does not offer; these do: "
        f"{engines or 'none that is installed'}{instead}"
    )


def able(model: PlannedModel, spec: DatasetSpec, registry: Registry) -> str:
    """Return which datasets of the same category a model can be asked instead, as a sentence."""
    category = registry.dataset(spec.name).category
    others = [
        entry.spec.name
        for entry in registry.datasets_in(category)
        if entry.spec.needs in model.capabilities and not why_blind(model, entry.spec, registry)
    ]
    return f". Of {category} it can be asked: {', '.join(others)}" if others else ""


def is_for(model: PlannedModel, spec: DatasetSpec) -> bool:
    """Return whether a dataset is asked without being named: probes are what encoders are for."""
    return spec.needs != "embed" or "generate" not in model.capabilities


def reading_of(model: PlannedModel, spec: DatasetSpec) -> LabelReading | None:
    """Return how a model's labels are read for a dataset; None where no classifier is asked.

    Raises:
        ModelError: They do not fit.
    """
    return fit_labels(spec, model.facts, (model.spec, model.options))


def misfit(model: PlannedModel, spec: DatasetSpec) -> str:
    """Return why what a model gives does not suit a dataset that it can be asked; else nothing."""
    recorded = (model.facts.datasets or {}).get(spec.name)
    if recorded is not None and recorded.holds != spec.judged:
        has = "completions" if recorded.holds == "generate" else "labels"
        instead = f"; completions are scored by {spec.otherwise}" if spec.otherwise else ""
        return f"it holds {has} for {spec.name}, which needs `{spec.needs}`{instead}"
    try:
        reading_of(model, spec)
    except ModelError as error:
        return str(error)
    return ""
