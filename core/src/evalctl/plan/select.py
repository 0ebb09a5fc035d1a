"""Which registered models a run takes where none is named: those that can, favourites first.

Never a hosted one: nobody is made to pay who did not name what is paid for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evalctl.availability import model_availability
from evalctl.config import UserConfig, apply_model
from evalctl.errors import ConfigError, ModelError
from evalctl.plan.asked import RunSpec
from evalctl.registry import Registry
from evalctl.specs import CategorySpec, ModelSpec


def select_models(
    asked: RunSpec,
    categories: Sequence[CategorySpec],
    registry: Registry,
    config: UserConfig,
    notices: list[str],
) -> tuple[str, ...]:
    """Return the names of the models of categories that can run here, in the order they are run.

    By priority, then by specialization weight, the highest first. Where none can run, a model that
    ships with a plugin.

    Raises:
        ConfigError: No model has the weight that is asked for.
        ModelError: None can run here.
    """
    able: list[ModelSpec] = []
    unable: dict[str, str] = {}
    embedded: list[str] = []
    hosted: list[str] = []
    for spec in _declared(asked, categories, registry, config):
        if spec.kind == "api":
            hosted.append(spec.name)
            continue
        state = model_availability(spec, registry)
        if spec.is_embedded and state.can_run:
            embedded.append(spec.name)
        elif state.can_run:
            able.append(spec)
        else:
            unable[spec.name] = state.reason
    if hosted:
        names = ", ".join(dict.fromkeys(hosted))
        notices.append(f"not asked, as it may cost money and was not named: {names} (--model NAME)")
    if able:
        return tuple(dict.fromkeys(spec.name for spec in sorted(able, key=_by_preference)))
    unasked = dict.fromkeys(hosted, "hosted models are asked where they are named alone")
    reasons = "; ".join(f"{name}: {reason}" for name, reason in {**unable, **unasked}.items())
    if not embedded:
        raise ModelError(
            f"no registered model can run here. {reasons or 'None is registered'}. "
            "Name one with --model ENGINE:PATH, or see `evalctl list models`."
        )
    if unable:
        notices.append(
            f"{len(unable)} registered models are not used: their weights are not on this machine, "
            "or they cannot run here (`evalctl list models` says why). Naming one with --model "
            "fetches its weights."
        )
    return tuple(embedded[:1])


def _by_preference(spec: ModelSpec) -> tuple[int, float]:
    return spec.preference


def _declared(
    asked: RunSpec, categories: Sequence[CategorySpec], registry: Registry, config: UserConfig
) -> Iterator[ModelSpec]:
    """Yield the categories' models, as the user wants them, of at least the weight asked for."""
    weight = asked.min_specialization
    everyone = [
        apply_model(spec, config)
        for category in categories
        for spec in registry.models_of(category.name)
    ]
    chosen = [spec for spec in everyone if weight is None or spec.specialization_weight >= weight]
    if everyone and not chosen:
        known = ", ".join(
            f"{spec.name} {spec.specialization_weight:g}"
            for spec in sorted(everyone, key=_by_preference)
        )
        names = ", ".join(category.name for category in categories)
        raise ConfigError(
            f"--min-specialization {weight:g}: no model of {names} has that weight; "
            f"there are: {known}"
        )
    yield from chosen
