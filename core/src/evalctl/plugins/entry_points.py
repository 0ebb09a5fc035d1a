"""Which plugins are installed, told from metadata alone; nothing is imported here."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import NamedTuple

from evalctl.hookspecs import PROJECT


class Candidate(NamedTuple):
    """An entry point of the group `evalctl`, before it is imported."""

    entry_point: EntryPoint
    """Name and module."""
    distribution: str
    """What was installed with pip."""
    version: str
    """Of the distribution."""
    requires: tuple[str, ...]
    """Requirements that the distribution states, as in its metadata."""

    @property
    def is_built_in(self) -> bool:
        """Whether it ships with the core."""
        return self.distribution == PROJECT


def find_candidates() -> tuple[Candidate, ...]:
    """Return all installed plugins, built-ins first, then by name and distribution."""
    described = [_describe(entry_point) for entry_point in entry_points(group=PROJECT)]
    found = {(one.entry_point.name, one.distribution): one for one in described}
    return tuple(
        sorted(
            found.values(),
            key=lambda one: (not one.is_built_in, one.entry_point.name, one.distribution),
        )
    )


def _describe(entry_point: EntryPoint) -> Candidate:
    distribution = entry_point.dist
    if distribution is None:
        return Candidate(entry_point, "unknown distribution", "?", ())
    metadata = distribution.metadata
    requires = tuple(metadata.get_all("Requires-Dist") or ())
    return Candidate(entry_point, metadata["Name"], metadata["Version"], requires)
