"""Which plugins are installed, told from metadata alone; nothing is imported here.

`importlib.metadata.entry_points` fails as a whole where one distribution's file is broken, and
takes everything apart that is installed; here only what names the group `evalctl` is.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path
from typing import NamedTuple

from evalctl.hookspecs import PROJECT
from evalctl.registry import Owner


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
    problem: str = ""
    """Why it cannot be tried at all: its metadata are broken; empty where they are whole."""
    installed: Distribution | None = None
    """The rest of what is known of the distribution."""

    @property
    def owner(self) -> Owner:
        """The plugin."""
        return Owner(self.entry_point.name, self.distribution, self.version)

    @property
    def package(self) -> str:
        """Top-level name of the module; empty where the entry point names none."""
        return self.entry_point.value.partition(":")[0].partition(".")[0].strip()

    @property
    def is_built_in(self) -> bool:
        """Whether it ships with the core."""
        return self.distribution == PROJECT


def find_candidates() -> tuple[Candidate, ...]:
    """Return all installed plugins, built-ins first, then by name and distribution."""
    described = [
        _describe(distribution, line)
        for distribution in _distributions()
        for line in _lines(_read(distribution, "entry_points.txt"))
    ]
    found = {(one.entry_point.name, one.distribution): one for one in reversed(described)}
    return tuple(
        sorted(
            found.values(),
            key=lambda one: (not one.is_built_in, one.entry_point.name, one.distribution),
        )
    )


def _distributions() -> Iterator[Distribution]:
    """Yield what is installed, of several of the same name the one that comes first."""
    seen = set()
    for distribution in distributions():
        folder = _folder(distribution)
        name = folder.name.partition("-")[0] if folder else str(distribution.metadata["Name"])
        key = re.sub(r"[-_.]+", "_", name).lower()
        if key not in seen:
            seen.add(key)
            yield distribution


def _folder(distribution: Distribution) -> Path | None:
    """The folder of metadata; None where there is none, as in a zip file."""
    folder = getattr(distribution, "_path", None)  # it has no public name
    return folder if isinstance(folder, Path) else None


def _read(distribution: Distribution, name: str) -> str:
    """Return a file of the metadata; empty where there is none."""
    folder = _folder(distribution)
    if folder is None:
        return distribution.read_text(name) or ""
    try:
        # Four times as fast as `Distribution.read_text`, for hundreds of distributions.
        with open(f"{folder}/{name}", "rb") as file:  # noqa: PTH123
            return file.read().decode("utf-8-sig", errors="replace")
    except OSError:
        return ""


_SECTION = f"[{PROJECT}]"


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of our section."""
    is_ours = False
    for line in map(str.strip, text.splitlines() if _SECTION in text else ()):
        if line.startswith("["):
            is_ours = line == _SECTION
        elif is_ours and line and not line.startswith(("#", ";")):
            yield line


def _describe(distribution: Distribution, line: str) -> Candidate:
    text = _read(distribution, "METADATA") or _read(distribution, "PKG-INFO")
    metadata = email.message_from_string(re.split(r"\r?\n\r?\n", text, maxsplit=1)[0])
    folder = _folder(distribution)
    name = metadata["Name"] or (folder.name.partition("-")[0] if folder else "unknown")
    version = metadata["Version"] or "?"
    requires = tuple(metadata.get_all("Requires-Dist") or ())
    problem = ""
    if not (metadata["Name"] and metadata["Version"]):
        problem = "the metadata of its distribution are damaged: they state no name or no version"
    plugin, _, value = map(str.strip, line.partition("="))
    if not re.fullmatch(r"[\w.-]+", plugin) or not EntryPoint.pattern.match(value):
        problem = f"its entry point {line!r:.100} does not read `name = module`"
        plugin = re.sub(r"[^\w.-]+", "_", plugin)[:40] or name
    entry_point = EntryPoint(plugin, value, PROJECT)
    vars(entry_point)["dist"] = distribution  # as the standard library's own finder does
    return Candidate(entry_point, name, version, requires, problem, distribution)
