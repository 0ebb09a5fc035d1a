"""Where generations are kept and how many, from the environment and the user's file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from evalctl.caches import users_cache
from evalctl.config.overrides import UserConfig

DEFAULT_GIB = 10.0


class CacheChoice(NamedTuple):
    """The generation cache that a run takes."""

    folder: Path
    """Made when it is first needed."""
    max_bytes: int
    """The bound on its size."""


def choose_cache(config: UserConfig) -> CacheChoice | None:
    """Return where generations are kept; None where the file switches that off, or nobody is home.

    The folder is `EVALCTL_CACHE`, else the file's, else the one of the user's caches, which a user
    without a home folder does not have.
    """
    if not config.cache.enabled:
        return None
    given = os.environ.get("EVALCTL_CACHE")
    try:
        folder = Path(given).expanduser() if given else config.cache.folder or users_cache()
    except RuntimeError:  # there is no home folder
        return None
    max_gib = config.cache.max_gib if config.cache.max_gib is not None else DEFAULT_GIB
    return CacheChoice(folder, int(max_gib * (1 << 30)))
