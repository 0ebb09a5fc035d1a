"""Which plugin is checked, as told by metadata or by a source folder; nothing is imported here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from importlib.metadata import Distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from evalctl.conformance.folder import SourceFolder, canonical, read_folder, read_readme
from evalctl.disabling import disabled_plugins
from evalctl.errors import ConfigError, UnknownNameError
from evalctl.plugins.entry_points import Candidate, find_candidates
from evalctl.records import Record


class EntryPointAt(Record):
    """An entry point of the group `evalctl`."""

    plugin: str
    """Its name."""
    distribution: str
    """Whose it is."""
    version: str
    """Of the distribution."""
    value: str
    """`module` or `module:attribute`."""

    @property
    def module(self) -> str:
        """The module that is imported."""
        return self.value.partition(":")[0].strip()


class Target(Record):
    """A plugin to be checked, and what is installed beside it."""

    entry: EntryPointAt
    """The plugin."""
    requires: tuple[str, ...] | None
    """What its distribution requires; None where that is not known."""
    readme: str
    """Text of its README; empty where there is none."""
    path: str = ""
    """What goes in front of `sys.path`: where a source folder has its modules."""
    others: tuple[EntryPointAt, ...] = ()
    """All other plugins, in the order in which they are loaded."""


def find_targets(name_or_path: str) -> tuple[Target, ...]:
    """Return the plugins that a name or a path stands for.

    Args:
        name_or_path: Name of an entry point or of a distribution; or a source folder, which must
            have a separator in it where it is called as an installed plugin is.

    Raises:
        UnknownNameError: It is neither the name of a plugin nor a folder.
        ConfigError: The folder cannot be used.
    """
    candidates = find_candidates()
    if os.sep not in name_or_path:
        named = [one for one in candidates if one.entry_point.name == name_or_path] or [
            one for one in candidates if canonical(one.distribution) == canonical(name_or_path)
        ]
        if named:
            return tuple(_installed(one, candidates) for one in named)
    if Path(name_or_path).exists():
        return _of_folder(read_folder(Path(name_or_path)), candidates)
    if os.sep in name_or_path:
        raise ConfigError(f"there is no folder {name_or_path!r}")
    known = {name for one in candidates for name in (one.entry_point.name, one.distribution)}
    hint = "The folder of a plugin's source will do as well."
    raise UnknownNameError("plugin", name_or_path, known, hint=hint)


def _installed(candidate: Candidate, candidates: tuple[Candidate, ...]) -> Target:
    distribution = candidate.entry_point.dist
    return Target(
        entry=_at(candidate),
        requires=candidate.requires,
        readme=_long_description(distribution) if distribution else "",
        others=_beside(one for one in candidates if one != candidate),
    )


def _of_folder(folder: SourceFolder, candidates: tuple[Candidate, ...]) -> tuple[Target, ...]:
    """Return a target for each entry point; an installed copy of the same distribution is none."""
    own = [
        EntryPointAt(
            plugin=name, distribution=folder.distribution, version=folder.version, value=value
        )
        for name, value in folder.entry_points.items()
    ]
    known = canonical(folder.distribution)
    foreign = _beside(one for one in candidates if canonical(one.distribution) != known)
    return tuple(
        Target(
            entry=entry,
            requires=folder.requires,
            readme=folder.readme,
            path=str(folder.path_of(entry.module)),
            others=(*foreign, *(other for other in own if other != entry)),
        )
        for entry in own
    )


def _beside(candidates: Iterable[Candidate]) -> tuple[EntryPointAt, ...]:
    disabled = disabled_plugins()
    return tuple(_at(one) for one in candidates if one.entry_point.name not in disabled)


def _at(candidate: Candidate) -> EntryPointAt:
    entry_point = candidate.entry_point
    return EntryPointAt(
        plugin=entry_point.name,
        distribution=candidate.distribution,
        version=candidate.version,
        value=entry_point.value,
    )


def _long_description(distribution: Distribution) -> str:
    """Return the README of a distribution: the folder's own where it is installed editable."""
    if folder := _editable_folder(distribution):
        return read_readme(folder)
    metadata = distribution.metadata
    return metadata.get_payload() or metadata.get("Description", "") or ""  # type: ignore[attr-defined]


def _editable_folder(distribution: Distribution) -> Path | None:
    """Return where the source of an editable install is, as PEP 610 records it."""
    try:
        record = json.loads(distribution.read_text("direct_url.json") or "{}")
        is_editable = record.get("dir_info", {}).get("editable", False)
        folder = Path(unquote(urlsplit(record["url"]).path)) if is_editable else None
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    return folder if folder and folder.is_dir() else None
