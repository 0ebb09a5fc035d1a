"""How large a model's weights are in memory. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import JsonValue

from evalctl.memory.cache_shape import JsonObject, text_config

DTYPE_BYTES = {
    "float64": 8.0,
    "float32": 4.0,
    "float": 4.0,
    "bfloat16": 2.0,
    "float16": 2.0,
    "half": 2.0,
    "float8_e4m3fn": 1.0,
    "float8_e5m2": 1.0,
}
"""Of one number."""

_FOUR_BITS = re.compile(r"awq|gptq|marlin|int4|4bit|nf4|w4a16|mxfp4|nvfp4|fp4|bitsandbytes|bnb")
_EIGHT_BITS = re.compile(r"fp8|int8|w8a8|w8a16|8bit|modelopt")

LEAST_BYTES = {4: 0.5, 8: 1.0}
"""Of one quantised weight by its bits, without scales, if all of them were quantised."""
EXPECTED_BYTES = {4: 0.75, 8: 1.15}
"""Of one weight of a quantised model on average: with scales, and with the embeddings and the
output layer, which stay at 16 bits. A model of 7 billion parameters with a vocabulary of 150,000
has 0.73 at 4 bits; the larger the model, the closer it comes to `LEAST_BYTES`."""

UNKNOWN_DTYPE = "bfloat16"
"""Where neither options nor configuration say."""


class Weights(NamedTuple):
    """Size of a model's weights in memory."""

    expected_bytes: int
    """Most likely."""
    least_bytes: int
    """Surely, for a refusal to stand on."""
    loading_bytes: int
    """What is read and then converted, and still there while the last weight is."""
    dtype: str
    """Of what is computed with, and of the cache."""
    source: Literal["files", "parameters"]
    """What the size was worked out from."""


def dtype_in_force(options: Mapping[str, JsonValue], config: JsonObject | None, engine: str) -> str:
    """Return the dtype that weights and cache will have.

    vLLM takes 16 bits where a checkpoint has 32 and nothing is asked for.
    Source: vLLM `config/model.py`, `_resolve_auto_dtype`.
    """
    wanted = options.get("dtype")
    if isinstance(wanted, str) and wanted in DTYPE_BYTES:
        return wanted
    stored = stored_dtype(config) or UNKNOWN_DTYPE
    return "bfloat16" if engine == "vllm" and DTYPE_BYTES[stored] > 2 else stored


def stored_dtype(config: JsonObject | None) -> str | None:
    """Return the dtype that a checkpoint was saved in, as its configuration says."""
    for part in (config or {}, text_config(config or {})):
        for key in ("dtype", "torch_dtype"):
            value = part.get(key)
            if isinstance(value, str) and (name := value.removeprefix("torch.")) in DTYPE_BYTES:
                return name
    return None


def cache_element_bytes(config: JsonObject | None, dtype: str) -> float:
    """Return the size of one number of the cache; a checkpoint may ask for 8 bits."""
    quantization = (config or {}).get("quantization_config")
    scheme = quantization.get("kv_cache_scheme") if isinstance(quantization, Mapping) else None
    if isinstance(scheme, Mapping) and scheme.get("num_bits") == 8:
        return 1.0
    return DTYPE_BYTES[dtype]


def weights_of_files(
    weight_bytes: int, config: JsonObject | None, dtype: str, asked: JsonValue
) -> Weights:
    """Return the size of weights that lie on this machine.

    Args:
        weight_bytes: Size of the files.
        config: The model's configuration.
        dtype: The one in force.
        asked: The engine's option `quantization`.
    """
    if isinstance((config or {}).get("quantization_config"), Mapping):
        return Weights(weight_bytes, weight_bytes, 0, dtype, "files")
    stored = DTYPE_BYTES[stored_dtype(config) or dtype]
    bits = quantized_bits(asked)
    if bits is not None:  # quantised while it is loaded
        count = weight_bytes / stored
        expected, least = int(count * EXPECTED_BYTES[bits]), int(count * LEAST_BYTES[bits])
        return Weights(expected, least, 0, dtype, "files")
    converted = int(weight_bytes * DTYPE_BYTES[dtype] / stored)
    loading = weight_bytes if converted != weight_bytes else 0
    return Weights(converted, converted, loading, dtype, "files")


def stays_quantized(name: str, engine: str) -> bool:
    """Return whether the weights of a model of this name are in memory as they are stored.

    The engine transformers unpacks AutoAWQ's.
    """
    return engine != "transformers" or "awq" not in name.lower()


def weights_of_parameters(parameters: int, path: str, dtype: str, asked: JsonValue) -> Weights:
    """Return the size of weights of which only the number is known, all experts included.

    Args:
        parameters: How many.
        path: Hub id or folder, whose name often says how the weights are quantised; empty where
            they are not once they are loaded.
        dtype: The one in force.
        asked: The engine's option `quantization`.
    """
    bits = quantized_bits(asked) or quantized_bits(path.rpartition("/")[2])
    expected = EXPECTED_BYTES[bits] if bits else DTYPE_BYTES[dtype]
    least = LEAST_BYTES[bits] if bits else DTYPE_BYTES[dtype]
    return Weights(int(parameters * expected), int(parameters * least), 0, dtype, "parameters")


def quantized_bits(name: JsonValue) -> int | None:
    """Return the bits that the name of a quantisation stands for; None where it is none."""
    text = name.lower() if isinstance(name, str) else ""
    if _FOUR_BITS.search(text) and "int8" not in text and "8bit" not in text:
        return 4
    return 8 if _EIGHT_BITS.search(text) else None
