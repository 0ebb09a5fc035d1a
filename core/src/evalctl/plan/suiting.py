"""Whether a model can be asked a dataset, and what is told where it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalctl.errors import ModelError
from evalctl.plan.labels import LabelReading, fit_labels
from evalctl.plan.planned import PlannedModel
from evalctl.plan.seeing import why_blind
from evalctl.protocols import Capability
from evalctl.registry import Registry
from evalctl.specs import DatasetSpec

_WANTED: Mapping[Capability, str] = {
    "generate": "answers that are written",
    "choose": "the log-likelihoods of given answers",
    "classify": "the probabilities of given labels",
    "embed": "vectors of texts",
    "fill": "the likelihoods of words that are hidden in turn",
    "extract": "the words of a page that are the answer",
}
"""What a dataset is scored by, in plain words."""


def wanted(spec: DatasetSpec) -> str:
    """Return what a dataset is scored by, as it goes on behind `which is scored by`."""
    return f"{_WANTED[spec.needs]} (`{spec.needs}`)"


def lacks(model: PlannedModel, specs: Sequence[DatasetSpec], registry: Registry) -> str:
    """Return why a model cannot do what datasets need, all of them the same, and what would."""
    need, names = specs[0].needs, ", ".join(spec.name for spec in specs)
    stand_ins = (registry.dataset(spec.otherwise).spec for spec in specs if spec.otherwise)
    others = ", ".join(one.name for one in stand_ins if one.needs == "generate")
    asks = "ask" if "," in others else "asks"
    instead = f"; {others} {asks} for it in words" if others else ""
    are = f"dataset {names} is" if len(specs) == 1 else f"datasets {names} are"
    scored = f"{are} scored by {wanted(specs[0])}"
    if need in model.engine.capabilities:
        can = ", ".join(f"`{one}`" for one in sorted(model.capabilities)) or "nothing of it"
        what = model.facts.architecture or f"model of the kind {model.ref.kind}"
        return f"{scored}, and a {what} can be asked to {can} alone{instead}"
    engines = ", ".join(one.name for one in registry.engines if need in one.capabilities)
    return (
        f"{scored}, which engine {model.engine.name} does not give; these do: "
        f"{engines or 'none that is installed'}{instead}"
    )


def replaced(model: PlannedModel, spec: DatasetSpec, registry: Registry) -> str:
    """Return why a dataset's stand-in is asked, and what would be asked the dataset itself."""
    told = f"{model.name} is asked {spec.otherwise} in place of {spec.name}, which is scored by "
    told += wanted(spec)
    if model.ref.kind != "api":
        return f"{told}: this model does not give them"
    local = [
        engine.name
        for engine in registry.engines
        if spec.needs in engine.capabilities and not {"api", "recorded"} & set(engine.kinds)
    ]
    return (
        f"{told}: a model on a server is asked for texts alone; for {spec.name} itself open the "
        f"model's weights by {' or '.join(local) or 'a local engine'}"
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
        return f"it holds {has} for {spec.name}, which is scored by {wanted(spec)}{instead}"
    try:
        reading_of(model, spec)
    except ModelError as error:
        return str(error)
    return ""
