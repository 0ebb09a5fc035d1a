"""Where the Hugging Face cache keeps a model, read from its layout; nothing is downloaded.

Source: huggingface_hub's guide "Understand caching": `models--ORG--NAME/refs/REVISION` names a
commit, `models--ORG--NAME/snapshots/COMMIT` holds its files.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")


def looks_like_id(path: str) -> bool:
    """Return whether a path may be a hub id, `NAME` or `ORG/NAME`."""
    return _ID.fullmatch(path) is not None and not path.startswith(".")


def is_offline() -> bool:
    """Return whether the user forbade asking the hub."""
    names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    return any(os.environ.get(name, "").lower() in {"1", "true", "yes", "on"} for name in names)


def cache_folder() -> Path:
    """Return the folder that the hub's files are cached in."""
    direct = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if direct:
        return Path(direct).expanduser()
    home = os.environ.get("HF_HOME")
    if home:
        return Path(home).expanduser() / "hub"
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "huggingface" / "hub"


def find_snapshot(model_id: str, revision: str | None) -> Path | None:
    """Return the cached files of a revision (None: `main`), or None where there are none.

    A snapshot without config.json is a download that never got far, and does not count.
    """
    repository = cache_folder() / f"models--{model_id.replace('/', '--')}"
    name = revision or "main"
    reference = repository / "refs" / name
    commit = reference.read_text(encoding="utf-8").strip() if reference.is_file() else name
    snapshot = repository / "snapshots" / commit
    return snapshot if (snapshot / "config.json").is_file() else None
