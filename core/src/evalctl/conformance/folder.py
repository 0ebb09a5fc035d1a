"""Reading a plugin's source folder: its pyproject.toml, its README, where its modules are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from evalctl.errors import ConfigError
from evalctl.hookspecs import PROJECT

_READMES = ("README.md", "README.rst", "README.txt", "README")


class SourceFolder(NamedTuple):
    """What a source folder says of the plugins in it."""

    folder: Path
    """The folder."""
    distribution: str
    """The name in its pyproject.toml."""
    version: str
    """The version likewise; `?` where a build makes it."""
    requires: tuple[str, ...] | None
    """The dependencies likewise; None where a build makes them."""
    entry_points: Mapping[str, str]
    """Of the group `evalctl`, at least one."""
    readme: str
    """Text; empty where there is none."""

    def path_of(self, module: str) -> Path:
        """Return the folder that a module is imported from: `src`, or the folder itself.

        Raises:
            ConfigError: It is in neither.
        """
        top = module.partition(".")[0]
        for base in (self.folder / "src", self.folder):
            if (base / top).is_dir() or (base / f"{top}.py").is_file():
                return base.resolve()
        raise ConfigError(
            f"{self.folder / 'pyproject.toml'}: an entry point names the module {module!r}, but "
            f"{top} is neither in {self.folder / 'src'} nor in {self.folder}"
        )


def canonical(name: str) -> str:
    """Return a distribution's name in the one spelling that all its spellings stand for."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_folder(folder: Path) -> SourceFolder:
    """Return what a source folder says of the plugins in it.

    Raises:
        ConfigError: There is no pyproject.toml that can be read, or it names no plugin.
    """
    path = folder if folder.name == "pyproject.toml" else folder / "pyproject.toml"
    project = _project(path)
    name = project.get("name")
    if not isinstance(name, str):
        raise ConfigError(f"{path}: [project] has no name")
    dependencies = project.get("dependencies", [])
    is_dynamic = "dependencies" in _strings(project.get("dynamic", []), path, "dynamic")
    return SourceFolder(
        folder=path.parent,
        distribution=name,
        version=str(project.get("version", "?")),
        requires=None if is_dynamic else _strings(dependencies, path, "dependencies"),
        entry_points=_entry_points(project, path),
        readme=read_readme(path.parent, project.get("readme")),
    )


def read_readme(folder: Path, declared: object = None) -> str:
    """Return a folder's README; empty where there is none that can be read.

    Args:
        folder: The folder.
        declared: `readme` of its pyproject.toml: a path, or a table with `file` or `text`.
    """
    if isinstance(declared, Mapping):
        if isinstance(declared.get("text"), str):
            return str(declared["text"])
        declared = declared.get("file")
    names = (declared,) if isinstance(declared, str) else _READMES
    for name in names:
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8", errors="replace")
    return ""


def _project(path: Path) -> Mapping[str, object]:
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(
            f"{path.parent} is no plugin's source folder: there is no pyproject.toml in it"
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    project = read.get("project")
    if not isinstance(project, Mapping):
        raise ConfigError(f"{path} has no table [project]")
    return project


def _entry_points(project: Mapping[str, object], path: Path) -> Mapping[str, str]:
    groups = project.get("entry-points")
    found = groups.get(PROJECT) if isinstance(groups, Mapping) else None
    if not isinstance(found, Mapping) or not found:
        raise ConfigError(
            f"{path} names no plugin: write [project.entry-points.{PROJECT}] and a line "
            '`name = "package.module"`'
        )
    wrong = [name for name, value in found.items() if not isinstance(value, str) or not value]
    if wrong:
        raise ConfigError(f"{path}: the entry point {wrong[0]!r} names no module")
    return found


def _strings(value: object, path: Path, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ConfigError(f"{path}: `{key}` is no list of texts")
    return tuple(value)
