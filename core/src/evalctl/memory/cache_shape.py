"""How large the key-value cache of a model is, read from its configuration. Pure functions.

What is read is plain JSON from a folder that nobody vouches for: whatever is not a sensible number
is as if it were not there, and a layout that is not known gives None rather than a wrong figure.

Source: the configuration classes of transformers (`configuration_*.py`), and for what vLLM keeps,
its `config/model.py` and `v1/kv_cache_interface.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pydantic import JsonValue

JsonObject = Mapping[str, JsonValue]

_LARGEST = 1 << 40
_MANY_LAYERS = 4096
_LAYERS = ("num_hidden_layers", "n_layer", "num_layers", "n_layers")
_HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads")
_KV_HEADS = ("num_key_value_heads", "num_kv_heads", "n_head_kv", "multi_query_group_num")
_HIDDEN = ("hidden_size", "n_embd", "d_model")
_HEAD_SIZE = ("head_dim", "kv_channels", "attention_head_size")
_WINDOW = ("sliding_window", "sliding_window_size")
_STRANGE = ("block_configs", "ssm_cfg", "hybrid_override_pattern", "layers_block_type")
"""Layouts of single models that are not read here."""

_FULL = {"full_attention", "attention", "full", "global_attention"}
_WINDOWED = {"sliding_attention", "local_attention", "chunked_attention"}
_WITHOUT = {"mamba", "mamba2", "linear_attention", "conv", "recurrent", "moe", "mlp", "linear"}
"""Layers that keep a state of fixed size, or none; it does not grow with the context."""


_NOTHING = -1
"""The window of a layer that keeps nothing that grows."""


class Layer(NamedTuple):
    """What one layer keeps."""

    elements: int
    """Numbers for each token."""
    window: int | None
    """Tokens that it looks back at most; None for the whole context."""


class CacheShape(NamedTuple):
    """What all layers of a model keep for one sequence."""

    layers: tuple[Layer, ...]
    """Those that keep anything."""
    kv_heads: int
    """Heads that it can be split by over several devices; 1 where it cannot be."""

    def elements(self, tokens: int) -> int:
        """Return how many numbers are kept for a sequence of so many tokens."""
        return sum(
            layer.elements * (tokens if layer.window is None else min(tokens, layer.window))
            for layer in self.layers
        )

    @property
    def elements_per_token(self) -> int:
        """How many numbers the first token adds, as long as no window is full."""
        return self.elements(1)


def text_config(config: JsonObject) -> JsonObject:
    """Return the part of a configuration that describes the language model."""
    for nested in ("text_config", "llm_config", "language_config"):
        inner = config.get(nested)
        if isinstance(inner, Mapping):
            return {**config, **inner}
    return config


def cache_shape(config: JsonObject, *, is_latent: bool = True) -> CacheShape | None:
    """Return what a model keeps per sequence; None where its configuration does not tell.

    Args:
        config: Its config.json.
        is_latent: Whether multi-head latent attention keeps its compressed form, as vLLM does;
            transformers keeps the keys and values that it is expanded to.
    """
    config = text_config(config)
    count = number(config, *_LAYERS)
    if count is None or count > _MANY_LAYERS or any(config.get(key) for key in _STRANGE):
        return None
    is_mla = number(config, "kv_lora_rank") is not None
    size = _latent(config, is_latent=is_latent) if is_mla else _plain(config)
    windows = _windows(config, count)
    if size is None or windows is None:
        return None
    elements, kv_heads = size
    shared = number(config, "num_kv_shared_layers") or 0  # the last ones use others' cache
    kept = windows[: max(len(windows) - shared, 0)]
    return CacheShape(tuple(Layer(elements, w or None) for w in kept if w != _NOTHING), kv_heads)


def number(config: JsonObject, *names: str) -> int | None:
    """Return the first of some keys that holds a positive whole number."""
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGEST:
            return value
    return None


def _plain(config: JsonObject) -> tuple[int, int] | None:
    """Keys and values of every kept head: numbers for each token and layer, and the heads."""
    heads = number(config, *_HEADS)
    if heads is None:
        return None
    if config.get("multi_query") is True and number(config, *_KV_HEADS) is None:
        kv_heads = 1
    else:
        kv_heads = number(config, *_KV_HEADS) or heads
    hidden = number(config, *_HIDDEN)
    size = number(config, *_HEAD_SIZE) or (hidden // heads if hidden else None)
    return (2 * kv_heads * size, kv_heads) if size else None


def _latent(config: JsonObject, *, is_latent: bool) -> tuple[int, int] | None:
    """Multi-head latent attention. Source: DeepSeek-V2, arXiv 2405.04434, section 2.1."""
    rank, rope = number(config, "kv_lora_rank"), number(config, "qk_rope_head_dim")
    if rank is None or rope is None:
        return None
    if is_latent:
        return rank + rope, 1
    heads, value = number(config, *_HEADS), number(config, "v_head_dim")
    nope = number(config, "qk_nope_head_dim")
    if heads is None or value is None or nope is None:
        return None
    return heads * (nope + rope + value), heads


def _windows(config: JsonObject, count: int) -> list[int] | None:
    """Window of each layer: 0 for the whole context, `_NOTHING` for a layer that keeps none."""
    kinds = config.get("layer_types")
    if isinstance(kinds, list) and kinds:
        return _by_kind(config, kinds)
    if (kept := _attention_layers(config, count)) is not None:
        return [0 if index in kept else _NOTHING for index in range(count)]
    window = number(config, *_WINDOW)
    if window is None or config.get("use_sliding_window") is False:
        return [0] * count
    pattern = number(config, "sliding_window_pattern")
    if pattern is None and config.get("model_type") == "gemma2":
        pattern = 2
    if pattern is None:
        return [window] * count
    return [0 if (index + 1) % pattern == 0 else window for index in range(count)]


def _by_kind(config: JsonObject, kinds: list[JsonValue]) -> list[int] | None:
    window = number(config, *_WINDOW, "attention_chunk_size")
    found = []
    for kind in map(str, kinds[:_MANY_LAYERS]):
        if kind in _FULL:
            found.append(0)
        elif kind in _WINDOWED:
            found.append(window or 0)
        elif kind in _WITHOUT:
            found.append(_NOTHING)
        else:
            return None
    return found


def _attention_layers(config: JsonObject, count: int) -> frozenset[int] | None:
    """Which layers of a hybrid model attend; None where it is none of the known ones."""
    for key in ("attn_layer_indices", "full_attn_idxs"):
        named = config.get(key)
        if isinstance(named, list):
            return frozenset(index for index in named if isinstance(index, int))
    kinds = config.get("attn_type_list")
    if isinstance(kinds, list):
        return _where(kinds)
    period = number(config, "attn_layer_period")
    if period is not None:
        offset = config.get("attn_layer_offset")
        start = offset if isinstance(offset, int) else 0
        return frozenset(index for index in range(count) if index % period == start % period)
    interval = number(config, "full_attention_interval")
    if interval is not None:
        return frozenset(index for index in range(count) if (index + 1) % interval == 0)
    if number(config, "state_size", "ssm_state_size") and number(config, *_HEADS) is None:
        return frozenset()
    return None


def _where(flags: Iterable[JsonValue]) -> frozenset[int]:
    return frozenset(index for index, flag in enumerate(flags) if flag == 1)
