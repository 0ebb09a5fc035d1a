"""The reference model as it is declared, and the checkpoint that ships."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from evalctl_reference.plugin import evalctl_models

LIMIT_BYTES = 8_000_000


def checkpoint() -> Path:
    (model,) = evalctl_models()
    return Path(model.path)


def test_the_checkpoint_ships_and_stays_small() -> None:
    sizes = {path.name: path.stat().st_size for path in checkpoint().iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= set(sizes)
    assert sum(sizes.values()) < LIMIT_BYTES


def test_the_stated_number_of_parameters_is_the_checkpoints() -> None:
    with (checkpoint() / "model.safetensors").open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    counted = 0
    for tensor in header.values():
        size = 1
        for side in tensor["shape"]:
            size *= side
        counted += size
    (model,) = evalctl_models()
    assert model.parameters == counted


def test_every_output_says_what_it_is() -> None:
    (model,) = evalctl_models()
    assert model.is_embedded
    assert "no measure of any real model" in model.notice
