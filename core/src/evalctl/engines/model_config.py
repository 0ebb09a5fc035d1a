"""A model's config.json as far as it is on this machine, for estimates. Never raises.

`local_model.py` says what is wrong with a model; here, what cannot be read is only unknown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from evalctl.engines import hub_cache

_LARGEST = 4 << 20
"""Bytes; configurations have some thousands."""
_LARGEST_HEADER = 100 << 20
"""Bytes, as the safetensors format has it."""
AWQ = "awq"
"""How configurations name AutoAWQ's weights."""
_IN_A_WORD = 8
"""Weights of 4 bits in each number that is stored of them."""
_OF_PACKING = (".qzeros", ".scales")
"""What is stored beside packed weights, and is no weight itself."""
_EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
"""Keys of configurations that say how many there are."""


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


def count_parameters(folder: Path) -> int | None:
    """Return how many numbers a folder's safetensors files hold.

    None where it has none, or where they are quantised, as several are then packed into one, in
    another way than AutoAWQ's.
    """
    config = read_config(folder) or {}
    if config.get("quantization_config") and quantization_of(config) != AWQ:
        return None
    try:
        shapes = [shape for path in folder.glob("*.safetensors") for shape in _shapes(path)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return sum(map(math.prod, shapes)) or None


def quantization_of(config: Mapping[str, JsonValue]) -> str:
    """Return how a model's weights are quantised, as its configuration says; nothing where not."""
    stated = config.get("quantization_config")
    return str(stated.get("quant_method", "")) if isinstance(stated, Mapping) else ""


def has_experts(folder: Path) -> bool:
    """Return whether a folder's model is a mixture of experts, as its config.json has it."""
    config = read_config(folder) or {}
    nested = config.get("text_config")
    known = {**config, **nested} if isinstance(nested, dict) else config
    return any(known.get(name) for name in _EXPERTS)


def _shapes(path: Path) -> list[list[int]]:
    """Return the shapes that a safetensors file's header tells; `weight_files.py` checks it.

    Packed weights are counted as they are unpacked.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(min(length, _LARGEST_HEADER)))
    return [
        [*one["shape"], _IN_A_WORD] if name.endswith(".qweight") else list(one["shape"])
        for name, one in header.items()
        if not name.startswith("__") and not name.endswith(_OF_PACKING)
    ]


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
