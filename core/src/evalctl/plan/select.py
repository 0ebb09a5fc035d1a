"""Which registered models a run takes where none is named: those that can, favourites first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from evalctl.availability import model_availability
from evalctl.config import UserConfig, apply_model
from evalctl.errors import ConfigError, ModelError
from evalctl.plan.asked import RunSpec
from evalctl.registry import Registry
from evalctl.specs import CategorySpec, ModelSpec


class Chosen(NamedTuple):
    """A model that is run, and where."""

    name: str
    """Registered name, or `ENGINE:PATH`."""
    categories: tuple[CategorySpec, ...]
    """The categories that it is asked in."""


def select_models(
    asked: RunSpec,
    categories: Sequence[CategorySpec],
    registry: Registry,
    config: UserConfig,
    notices: list[str],
) -> list[Chosen]:
    """Return the models of categories that can run here, in the order in which they are run.

    By priority, then by specialization weight, the highest first. Where none can run, each category
    gets the first one of its own that ships with a plugin.

    Raises:
        ConfigError: No model has the weight that is asked for.
        ModelError: None can run here.
    """
    able: list[ModelSpec] = []
    unable: dict[str, str] = {}
    for spec in _declared(asked, categories, registry, config):
        state = model_availability(spec, registry)
        if not state.can_run:
            unable[spec.name] = state.reason
        elif not spec.is_embedded:
            able.append(spec)
    if able:
        names = dict.fromkeys(spec.name for spec in sorted(able, key=_by_preference))
        return [Chosen(name, tuple(categories)) for name in names]
    embedded = _embedded(asked, categories, registry, config, notices)
    if not embedded:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in unable.items())
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
    return embedded


def _embedded(
    asked: RunSpec,
    categories: Sequence[CategorySpec],
    registry: Registry,
    config: UserConfig,
    notices: list[str],
) -> list[Chosen]:
    """Return the models that ship with plugins, each with the categories that it stands in for.

    Raises:
        ModelError: Some of the categories have one, and one that was asked for has none.
    """
    if asked.datasets:
        owners = dict.fromkeys(registry.dataset(name).category for name in asked.datasets)
        categories = [registry.category(name) for name in owners]
    homes: dict[str, list[CategorySpec]] = {}
    without: list[str] = []
    for category in categories:
        declared = _declared(asked, [category], registry, config)
        own = (spec for spec in declared if spec.is_embedded)
        name = next((s.name for s in own if model_availability(s, registry).can_run), None)
        if name is None:
            without.append(category.name)
        else:
            homes.setdefault(name, []).append(category)
    if homes and without:
        left = f"no model of {' and '.join(without)} can run here"
        if not asked.all_categories:
            raise ModelError(f"{left}. Name one with --model ENGINE:PATH, or leave that out.")
        notices.append(f"left out: {left} (`evalctl list models` says why)")
    return [Chosen(name, tuple(own)) for name, own in homes.items()]


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
