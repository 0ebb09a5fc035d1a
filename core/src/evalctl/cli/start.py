"""What commands begin with: the installed plugins, and the folders that hold datasets' files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalctl.errors import ConfigError
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
    listed = os.environ.get("EVALCTL_DISABLE_PLUGINS", "").split(",")
    disabled = {name.strip() for name in listed if name.strip()}
    strict = os.environ.get("EVALCTL_STRICT_PLUGINS", "") not in {"", "0"}
    loaded = load(disabled=disabled, strict=strict)
    for info in loaded.plugins if not is_quiet else ():
        if info.error:
            sys.stderr.write(
                f"warning: plugin {info.name} is not loaded: {info.error} "
                "(see `evalctl list plugins`)\n"
            )
    return loaded


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
