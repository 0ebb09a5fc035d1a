"""What commands begin with: the installed plugins, and the folders that hold datasets' files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalctl.cli.harmless import harmless
from evalctl.cli.waiting import telling_slow
from evalctl.disabling import DISABLED, disabled_plugins
from evalctl.errors import ConfigError, UnknownNameError
from evalctl.imported import joined, kept
from evalctl.plugins import Loaded, load

if TYPE_CHECKING:
    from evalctl.store import RunFolder


def load_plugins(*, is_quiet: bool = False) -> Loaded:
    """Return the installed plugins, as the environment asks for them.

    `EVALCTL_DISABLE_PLUGINS=a,b` leaves plugins out; with `EVALCTL_STRICT_PLUGINS=1` one that
    cannot be loaded is an error.

    Args:
        is_quiet: Whether nothing is said on standard error about plugins that cannot be loaded.

    Raises:
        PluginError: A plugin cannot be loaded, and strictness is asked for.
    """
    strict = _is_set("EVALCTL_STRICT_PLUGINS")
    watcher = None
    if _is_set("EVALCTL_DEBUG"):
        from evalctl.plugins.watching import Watcher  # for those who write plugins

        watcher = Watcher()
    watch = watcher or (None if is_quiet else telling_slow)
    loaded = load(disabled=disabled_plugins(), strict=strict, watch=watch)
    for info in loaded.plugins if not is_quiet else ():
        if info.error:
            _warn(
                f"plugin {info.name} is not loaded: {info.error} "
                f"(see `evalctl plugins doctor {info.name}`)"
            )
    if not is_quiet:
        warn_of_unknown(loaded)
    for owner, seen in watcher.seen.items() if watcher and not is_quiet else ():
        if used := [one for one in seen.warned if one.is_of_evalctl]:
            more = f" (and {len(used) - 1} more)" if len(used) > 1 else ""
            _warn(f"plugin {owner.plugin}: {used[0].message}{more}")
    registry, problems = joined(loaded.registry, kept())
    for problem in problems if not is_quiet else ():
        _warn(f"{problem}; it is left out")
    return loaded._replace(registry=registry)


def warn_of_unknown(loaded: Loaded) -> None:
    """Say on standard error which names of `EVALCTL_DISABLE_PLUGINS` are no plugin's."""
    for line in unknown_disabled(info.name for info in loaded.plugins):
        _warn(line)


def unknown_disabled(known: Iterable[str]) -> list[str]:
    """Return a line for each name in `EVALCTL_DISABLE_PLUGINS` that no installed plugin has."""
    names = sorted(known)
    return [
        f"{DISABLED}: {UnknownNameError('plugin', name, names)}"
        for name in disabled_plugins()
        if name not in names
    ]


def _warn(line: str) -> None:
    sys.stderr.write(f"warning: {harmless(line)}\n")


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "") not in {"", "0"}


def return_to(folder: RunFolder) -> None:
    """Go to the folder in which a run was started, which its models' paths are seen from.

    What the user gave as a relative path must have been made absolute before.
    """
    started = folder.manifest().working_folder
    if started and Path(started).is_dir():
        os.chdir(started)


def data_folders(given: Sequence[Path] | None) -> tuple[Path, ...]:
    """Return the data folders of the flags and of `EVALCTL_DATA`, the flags first.

    Raises:
        ConfigError: One is not a folder.
    """
    listed = os.environ.get("EVALCTL_DATA", "")
    from_environment = [Path(name) for name in listed.split(os.pathsep) if name]
    for source, folders in (("--data", given or ()), ("EVALCTL_DATA", from_environment)):
        for folder in folders:
            if not folder.is_dir():
                raise ConfigError(f"{source}: {folder} is not a folder")
    return tuple(folder.absolute() for folder in (*(given or ()), *from_environment))
