"""What one plugin's hooks returned, whether it has a home, and that it cannot stand."""

from __future__ import annotations

from typing import NamedTuple

from evalctl.errors import PluginError
from evalctl.registry import Owner
from evalctl.specs import (
    CategorySpec,
    DatasetSpec,
    EngineSpec,
    ExecutorSpec,
    ModelSpec,
    ScorerSpec,
)


class Contribution(NamedTuple):
    """All that one plugin's hooks returned."""

    owner: Owner
    """The plugin."""
    categories: tuple[CategorySpec, ...] = ()
    """From `evalctl_categories`."""
    datasets: tuple[DatasetSpec, ...] = ()
    """From `evalctl_datasets`."""
    models: tuple[ModelSpec, ...] = ()
    """From `evalctl_models`."""
    scorers: tuple[ScorerSpec, ...] = ()
    """From `evalctl_scorers`."""
    engines: tuple[EngineSpec, ...] = ()
    """From `evalctl_engines`."""
    executors: tuple[ExecutorSpec, ...] = ()
    """From `evalctl_executors`."""

    def offers(self) -> dict[str, tuple[str, ...]]:
        """Return the names that it brings, by kind; kinds without any are left out.

        Models and datasets are those of its categories and those that it adds to others; scorers
        are those that it adds to datasets.
        """
        own_datasets = (spec for category in self.categories for spec in category.datasets)
        own_models = (spec for category in self.categories for spec in category.models)
        names = {
            "categories": [spec.name for spec in self.categories],
            "datasets": [spec.name for spec in (*own_datasets, *self.datasets)],
            "models": [spec.name for spec in (*own_models, *self.models)],
            "scorers": [spec.name for spec in self.scorers],
            "engines": [spec.name for spec in self.engines],
            "executors": [spec.name for spec in self.executors],
        }
        return {kind: tuple(dict.fromkeys(found)) for kind, found in names.items() if found}


class RefusedError(PluginError):
    """A contribution cannot stand beside the others."""

    def __init__(self, owner: Owner, message: str, *, holder: Owner | None = None) -> None:
        """Keep whose contribution it is, and whose it clashes with; None where with nobody's."""
        self.owner = owner
        self.holder = None if holder == owner else holder
        super().__init__(message)


def orphan_of(one: Contribution, categories: set[str], datasets: set[str]) -> str:
    """Return what a contribution adds to something that is not there; empty where nothing.

    Args:
        one: The contribution.
        categories: All names that installed categories answer to.
        datasets: The names of all installed datasets.
    """
    for dataset in one.datasets:
        if dataset.category not in categories:
            return _homeless(f"dataset {dataset.name!r}", "category", dataset.category)
    for model in one.models:
        if not {"*", *categories}.intersection(model.categories):
            names = " and ".join(model.categories)
            return _homeless(f"model {model.name!r}", "category", names)
    for scorer in one.scorers:
        for name in scorer.datasets or ("",):
            if name not in datasets:
                return _homeless(f"scorer {scorer.name!r}", "dataset", name)
    return ""


def _homeless(what: str, kind: str, name: str) -> str:
    if not name:
        return f"{what} does not say which {kind} it is for"
    return f"{what} is for the {kind} {name!r}, which is not installed"
