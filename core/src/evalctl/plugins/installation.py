"""Where a plugin's distribution is installed, and whether its module is the one that is found."""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from evalctl.hookspecs import PROJECT
from evalctl.plugins.entry_points import Candidate


class Installation(NamedTuple):
    """Where a distribution is."""

    folder: str
    """The folder of packages, or the project's where it is editable; empty where not known."""
    is_editable: bool
    """Whether it was installed with `pip install --editable`."""


def installation(candidate: Candidate) -> Installation:
    """Return where a plugin's distribution is installed."""
    distribution = candidate.installed
    if distribution is None:
        return Installation("", False)
    if project := _project(distribution):
        return Installation(str(project), True)
    return Installation(str(_packages(distribution)), False)


def shadows(candidate: Candidate) -> Iterator[tuple[str, str]]:
    """Yield what stands in the way of a plugin's modules, and what would help, as sentences."""
    distribution = candidate.installed
    if distribution is None or candidate.problem:
        return
    top = candidate.package
    names = _top_levels(distribution)
    if top in sys.stdlib_module_names:
        yield (
            f"its module {top} has the name of one of the standard library, which is found first",
            f"tell those who make {candidate.distribution} to give it another name",
        )
    elif (found := _file(top)) and not _is_at_home(distribution, top, names, found):
        yield (
            f"its module {top} is found at {found}, and not where {candidate.distribution} is "
            f"installed ({installation(candidate).folder})",
            f"move {found} away, take its folder out of PYTHONPATH, or start elsewhere",
        )
    for name in sorted(names & {*sys.stdlib_module_names, PROJECT}):
        if not candidate.is_built_in and name != top:
            yield (
                f"it installs a module {name}, which hides another of that name",
                f"tell those who make {candidate.distribution} to leave it out",
            )


def leftovers(candidate: Candidate) -> list[str]:
    """Return version and folder of each further installation of a distribution."""
    if candidate.problem or candidate.installed is None:
        return []
    others = distributions(name=candidate.distribution)
    found = [(_version(one), _packages(one)) for one in others]
    here = (candidate.version, _packages(candidate.installed))
    return [f"{version} in {folder}" for version, folder in found if (version, folder) != here]


def _version(distribution: Distribution) -> str:
    try:
        return distribution.version or "?"
    except (OSError, ValueError):
        return "?"


def top_levels(candidate: Candidate) -> set[str]:
    """Return the top-level modules that a plugin's distribution installs."""
    return _top_levels(candidate.installed) if candidate.installed else set()


def _project(distribution: Distribution) -> Path | None:
    """The project's folder of an editable installation, as pip records it."""
    try:
        told = json.loads(distribution.read_text("direct_url.json") or "{}")
        if told["dir_info"]["editable"]:
            return Path(unquote(urlsplit(told["url"]).path))
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        pass  # it is a file of anybody's making
    return None


def _top_levels(distribution: Distribution) -> set[str]:
    names = set()
    try:
        files = distribution.files or ()
    except (OSError, ValueError, csv.Error):  # likewise
        files = ()
    for file in files:
        first = file.parts[0]
        if len(file.parts) > 1 and file.suffix == ".py" and first.isidentifier():
            names.add(first)
        elif len(file.parts) == 1 and file.suffix == ".py":
            names.add(file.stem)
    return names


def _is_at_home(distribution: Distribution, top: str, names: set[str], found: Path) -> bool:
    """Whether a file is the distribution's own; also where the metadata do not say."""
    if project := _project(distribution):
        return project.resolve() in found.parents
    home = _packages(distribution)
    return top not in names or found.parent in {home, home / top}


def _packages(distribution: Distribution) -> Path:
    """The folder of packages that a distribution is installed in."""
    return Path(str(distribution.locate_file(""))).resolve()


def _file(top: str) -> Path | None:
    """The file of a top-level module, which is not imported for that."""
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None or not spec.has_location or not spec.origin:
        return None
    return Path(spec.origin).resolve()
