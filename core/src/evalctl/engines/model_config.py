"""A model's config.json as far as it is on this machine, for estimates. Never raises.

`local_model.py` says what is wrong with a model; here, what cannot be read is only unknown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from evalctl.engines import hub_cache

_LARGEST = 4 << 20
"""Bytes; configurations have some thousands."""


def find_model(path: str, revision: str | None) -> Path | None:
    """Return the folder that holds a model on this machine; None where it is not here."""
    folder = Path(path).expanduser()
    try:
        if folder.is_dir():
            return folder
        return hub_cache.find_snapshot(path, revision) if hub_cache.looks_like_id(path) else None
    except (OSError, ValueError):
        return None


def read_config(folder: Path) -> Mapping[str, JsonValue] | None:
    """Return what a folder's config.json says; None where it has none that can be read."""
    path = folder / "config.json"
    try:
        if path.stat().st_size > _LARGEST:
            return None
        config = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return config if isinstance(config, dict) else None


def weight_bytes(folder: Path) -> int | None:
    """Return the size of a folder's weight files; None where it has none.

    Files of one kind are counted: folders often hold the same weights twice.
    """
    for pattern in ("*.safetensors", "pytorch_model*.bin"):
        try:
            if size := sum(path.stat().st_size for path in folder.glob(pattern)):
                return size
        except OSError:
            continue
    return None
