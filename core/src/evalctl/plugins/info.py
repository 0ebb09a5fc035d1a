"""What is known of an installed plugin, whether or not it could be loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from evalctl.registry import Registry

PluginStatus = Literal["loaded", "failed", "incompatible", "disabled"]
"""`incompatible` and `disabled` plugins were not imported."""


@dataclass(frozen=True)
class PluginInfo:
    """One entry point of the group `evalctl`, and what became of it."""

    name: str
    """Name of the entry point."""
    distribution: str
    """What was installed with pip."""
    version: str
    """Of the distribution."""
    module: str
    """What the entry point names."""
    status: PluginStatus
    """What became of it."""
    error: str | None = None
    """Why it is not loaded, in one line; None where it is."""
    remedy: str | None = None
    """What to do about it; None where there is nothing to do."""
    traceback: str | None = None
    """The traceback of what it raised, from its own code on; None where no code of it raised."""
    holder: str | None = None
    """The plugin that has the name which this one wanted, where it failed for that."""
    load_seconds: float = 0.0
    """Import and hooks, in seconds; 0 where it was not imported. The first plugin also pays for
    what evalctl itself imports for it, which `evalctl plugins doctor` takes out."""
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names that it registered, by kind: categories, datasets, models, engines, executors, and the
    scorers that it adds to others' datasets."""


class Loaded(NamedTuple):
    """What `load` gives back."""

    registry: Registry
    """All that the loaded plugins offer."""
    plugins: tuple[PluginInfo, ...]
    """Every plugin that is installed, built-ins first, then by name."""
