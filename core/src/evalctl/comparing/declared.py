"""What plugins, and the user's file, declare of models that runs name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalctl.config import UserConfig, apply_model
from evalctl.registry import Registry

GENERAL = "general"
"""The category of models for general purposes."""

SPECIALIST = 0.7
"""A model of at least this weight is declared a specialist of the category."""

GENERALIST = 0.5
"""A model of at most this weight may stand for general models in the category."""


@dataclass(frozen=True)
class Declared:
    """What is declared of one model."""

    weights: Mapping[str, float]
    """By category: how far it is the model's speciality."""
    is_embedded: bool = False
    """Whether it ships with a plugin, and is a measure of nothing."""

    def is_specialist(self, category: str) -> bool:
        """Return whether it is declared a specialist."""
        return self.weights.get(category, 0.0) >= SPECIALIST

    def is_generalist(self, category: str) -> bool:
        """Return whether it may stand for general models in a category."""
        return not self.is_embedded and self.weights.get(category, 0.0) <= GENERALIST


def declared(name: str, registry: Registry, config: UserConfig) -> Declared:
    """Return what is declared of a model.

    It is found by its name, or, as `ENGINE:PATH`, by the path that a registered model has. Of any
    other model nothing is declared.
    """
    path = name.partition(":")[2]
    entries = registry.models_in()
    own = [entry for entry in entries if entry.spec.name == name]
    if not own and path:
        own = [entry for entry in entries if entry.spec.path == path]
    return Declared(
        weights={
            entry.category: apply_model(entry.spec, config).specialization_weight for entry in own
        },
        is_embedded=any(entry.spec.is_embedded for entry in own),
    )
