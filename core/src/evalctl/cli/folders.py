"""The data folders that commands look for datasets in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from evalctl.errors import ConfigError


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
    return (*(given or ()), *from_environment)
