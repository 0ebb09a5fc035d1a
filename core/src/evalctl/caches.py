"""Where what is kept between runs has its place on this machine."""

from __future__ import annotations

import os
from pathlib import Path


def users_cache() -> Path:
    """Return the user's folder for caches, as the XDG base directory specification has it.

    Raises:
        RuntimeError: The user has no home folder.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    return Path(base if base.startswith("/") else "~/.cache").expanduser() / "evalctl"


def kept_folder() -> Path | None:
    """Return the folder of `EVALCTL_CACHE`, else the user's; None where there is no home."""
    try:
        if given := os.environ.get("EVALCTL_CACHE"):
            return Path(given).expanduser()
        return users_cache()
    except RuntimeError:
        return None
