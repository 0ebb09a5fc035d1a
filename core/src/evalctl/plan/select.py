"""Which registered models a run takes where none is named: those that can, favourites first.

Never a hosted one: nobody is made to pay who did not name what is paid for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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

    By priority, then by specialization weight, the highest first. Where none of a category's can
    run, it gets those that ship for it: all that the first plugin has that ships any. Each model is
    asked in its own categories alone.

    Raises:
        ConfigError: No model has the weight that is asked for.
        ModelError: None can run here, or none of a category that was named.
    """
    if asked.datasets:
        owners = dict.fromkeys(registry.dataset(name).category for name in asked.datasets)
        categories = [registry.category(name) for name in owners]
    declared = _declared(asked, categories, registry, config)
    taken = _Taken(registry)
    for category in categories:
        taken.take(category, declared[category.name])
    taken.refuse_gaps(is_all=asked.all_categories)
    notices.extend(taken.notices())
    return taken.in_order()


@dataclass
class _Taken:
    """What is taken for one category after the other."""

    registry: Registry
    homes: dict[str, list[CategorySpec]] = field(default_factory=dict)
    """By model, the categories that it is asked in."""
    places: dict[str, tuple[bool, int, float]] = field(default_factory=dict)
    """By model, where it stands among the others."""
    unable: dict[str, str] = field(default_factory=dict)
    """Why models cannot run here."""
    replaced: set[str] = field(default_factory=set)
    """Models in whose place some are taken that ship with a plugin."""
    without: list[str] = field(default_factory=list)
    """Categories none of whose models can run."""
    hosted: dict[str, str] = field(default_factory=dict)
    """Why models of servers are not asked."""

    def take(self, category: CategorySpec, declared: Sequence[ModelSpec]) -> None:
        """Take a category's models, but for hosted ones."""
        hosted = [spec for spec in declared if spec.kind == "api"]
        unasked = "hosted models are asked where they are named alone"
        self.hosted |= {spec.name: unasked for spec in hosted}
        declared = [spec for spec in declared if spec not in hosted]
        states = {spec.name: model_availability(spec, self.registry) for spec in declared}
        unable = {name: state.reason for name, state in states.items() if not state.can_run}
        able = [spec for spec in declared if spec.name not in unable]
        own = [spec for spec in able if not spec.is_embedded]
        if able and not own:
            own = self._shipped(able, category.name)
            self.replaced |= set(unable)
        self.unable |= unable
        if not own:
            self.without.append(category.name)
        for spec in own:
            self.homes.setdefault(spec.name, []).append(category)
            self.places.setdefault(spec.name, (spec.is_embedded, *spec.preference))

    def _shipped(self, able: Sequence[ModelSpec], category: str) -> list[ModelSpec]:
        """Return the models of the first plugin that ships any for a category."""
        owners = {e.spec.name: e.owner.plugin for e in self.registry.models_in(category)}
        return [spec for spec in able if owners[spec.name] == owners[able[0].name]]

    def refuse_gaps(self, *, is_all: bool) -> None:
        """Refuse a category without a model, unless all of them are asked for and others have one.

        Raises:
            ModelError: There is one.
        """
        if not self.homes:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in self._unused.items())
            raise ModelError(
                f"no registered model can run here. {reasons or 'None is registered'}. "
                "Name one with --model ENGINE:PATH, or see `evalctl list models`."
            )
        if self.without and not is_all:
            raise ModelError(f"{self._gap}. Name one with --model ENGINE:PATH, or leave that out.")

    @property
    def _unused(self) -> Mapping[str, str]:
        """Why models are not asked."""
        return {**self.unable, **self.hosted}

    @property
    def _gap(self) -> str:
        return f"no model of {' and '.join(self.without)} can run here"

    def notices(self) -> list[str]:
        """Return what a reader must know."""
        told = []
        if self.hosted:
            told.append(
                "not asked, as it may cost money and was not named: "
                f"{', '.join(self.hosted)} (--model NAME)"
            )
        if self.without:
            told.append(f"left out: {self._gap} (`evalctl list models` says why)")
        if self.replaced:
            told.append(
                f"not used: {len(self.replaced)} of the registered models, as their weights are "
                "not on this machine or they cannot run here (`evalctl list models` says why). "
                "Naming one with --model fetches its weights."
            )
        return told

    def in_order(self) -> list[Chosen]:
        """Return the models, favourites first, each with its categories."""
        names = sorted(self.homes, key=self.places.__getitem__)
        return [Chosen(name, tuple(self.homes[name])) for name in names]


def _declared(
    asked: RunSpec, categories: Sequence[CategorySpec], registry: Registry, config: UserConfig
) -> Mapping[str, list[ModelSpec]]:
    """Return each category's models, as the user wants them, of at least the weight asked for."""
    weight = asked.min_specialization
    everyone = {
        category.name: [apply_model(spec, config) for spec in registry.models_of(category.name)]
        for category in categories
    }
    chosen = {
        name: [spec for spec in specs if weight is None or spec.specialization_weight >= weight]
        for name, specs in everyone.items()
    }
    if any(everyone.values()) and not any(chosen.values()):
        every = [spec for specs in everyone.values() for spec in specs]
        known = ", ".join(
            f"{spec.name} {spec.specialization_weight:g}"
            for spec in sorted(every, key=lambda spec: spec.preference)
        )
        raise ConfigError(
            f"--min-specialization {weight:g}: no model of {', '.join(everyone)} has that weight; "
            f"there are: {known}"
        )
    return chosen
