"""Whether the names of a new package are still free on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from typing import NamedTuple

from evalctl.errors import ConfigError
from evalctl.plugins import Loaded
from evalctl.registry import Owner, Registry
from evalctl.scaffold.names import PackageNames


class _Taken(NamedTuple):
    """A name that somebody has."""

    kind: str
    name: str
    holder: str


def refuse_taken(names: PackageNames, loaded: Loaded) -> None:
    """Refuse names that an installed plugin, distribution or module has.

    Raises:
        ConfigError: One is taken; the message says what it is and who has it.
    """
    for taken in (*_by_plugins(names, loaded), *_by_python(names)):
        raise ConfigError(
            f"a plugin {names.category!r} cannot be made here: the {taken.kind} {taken.name!r} "
            f"is taken by {taken.holder}. Choose another name."
        )


def _by_plugins(names: PackageNames, loaded: Loaded) -> Iterator[_Taken]:
    own = {names.category, names.category.replace("_", "-")}
    for info in loaded.plugins:
        if info.name in own:
            state = "" if info.status == "loaded" else f", which is {info.status}"
            yield _Taken("plugin name", info.name, f"{info.distribution} {info.version}{state}")
    wanted = {
        "category": own,
        "dataset": own | {names.dataset},
        "model": {names.model},
        "scorer": {names.scorer},
    }
    for kind, name, owner in _registered(loaded.registry):
        if name in wanted[kind]:
            yield _Taken(kind, name, str(owner))


def _registered(registry: Registry) -> Iterator[tuple[str, str, Owner]]:
    """Yield kind, name and owner of all that a category's parts could clash with."""
    for category in registry.category_entries:
        for name in (category.spec.name, *category.spec.aliases):
            yield "category", name, category.owner
    for dataset in registry.dataset_entries:
        yield "dataset", dataset.spec.name, dataset.owner
        yield from (("scorer", scorer.name, dataset.owner) for scorer in dataset.spec.scorers)
    for model in registry.model_entries:
        yield "model", model.spec.name, model.owner


def _by_python(names: PackageNames) -> Iterator[_Taken]:
    found = list(metadata.distributions(name=names.distribution))
    if found:
        yield _Taken("distribution", names.distribution, f"version {found[0].version} of it")
    if place := _place_of(names.module):
        yield _Taken("module", names.module, place)


def _place_of(module: str) -> str:
    """Return where a module is found, without importing it; empty where there is none."""
    try:
        spec = find_spec(module)
    except ValueError:  # it is loaded, and was made without a spec
        return "a module that is loaded already"
    if spec is None:
        return ""
    return next(filter(None, (spec.origin, *(spec.submodule_search_locations or ()))), module)
