"""The key-value cache of published models, worked out by hand from their configurations."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from evalctl.memory.cache_shape import cache_shape

LLAMA_3_1_8B: Mapping[str, JsonValue] = {
    "model_type": "llama",
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
}
DEEPSEEK_V2_LITE: Mapping[str, JsonValue] = {
    "num_hidden_layers": 27,
    "num_attention_heads": 16,
    "num_key_value_heads": 16,
    "hidden_size": 2048,
    "kv_lora_rank": 512,
    "qk_rope_head_dim": 64,
    "qk_nope_head_dim": 128,
    "v_head_dim": 128,
}
TWO_BYTES = 2


def bytes_per_token(config: Mapping[str, JsonValue], *, is_latent: bool = True) -> int:
    shape = cache_shape(config, is_latent=is_latent)
    assert shape is not None
    return shape.elements_per_token * TWO_BYTES


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (LLAMA_3_1_8B, 131_072),  # 2 * 32 layers * 8 heads * 128 * 2 bytes
        (  # Qwen2.5-7B: 2 * 28 * 4 * 128 * 2
            {
                "hidden_size": 3584,
                "num_hidden_layers": 28,
                "num_attention_heads": 28,
                "num_key_value_heads": 4,
                "sliding_window": 131_072,
                "use_sliding_window": False,
            },
            57_344,
        ),
        (  # Qwen3-8B states its heads' size: 2 * 36 * 8 * 128 * 2
            {
                "hidden_size": 4096,
                "num_hidden_layers": 36,
                "num_attention_heads": 32,
                "num_key_value_heads": 8,
                "head_dim": 128,
            },
            147_456,
        ),
        ({"n_embd": 768, "n_layer": 12, "n_head": 12}, 36_864),  # GPT-2: 2 * 12 * 768 * 2
        (  # Falcon-7B, one head for all: 2 * 32 * 1 * 64 * 2
            {
                "hidden_size": 4544,
                "num_hidden_layers": 32,
                "num_attention_heads": 71,
                "multi_query": True,
            },
            8_192,
        ),
        ({"text_config": LLAMA_3_1_8B, "model_type": "llava"}, 131_072),
    ],
)
def test_each_token_adds_keys_and_values_of_every_kept_head(
    config: Mapping[str, JsonValue], expected: int
) -> None:
    assert bytes_per_token(config) == expected


def test_latent_attention_keeps_its_compressed_form_in_vllm() -> None:
    assert bytes_per_token(DEEPSEEK_V2_LITE) == 27 * (512 + 64) * 2


def test_latent_attention_is_expanded_in_transformers() -> None:
    assert bytes_per_token(DEEPSEEK_V2_LITE, is_latent=False) == 27 * 16 * (128 + 64 + 128) * 2


@pytest.mark.parametrize(
    ("changes", "full", "windowed"),
    [
        ({"sliding_window": 4096}, 0, 32),  # Mistral
        ({"sliding_window": None}, 32, 0),
        ({"sliding_window": 4096, "model_type": "gemma2"}, 16, 16),
        ({"sliding_window": 4096, "sliding_window_pattern": 4}, 8, 24),
        (
            {
                "sliding_window": 4096,
                "layer_types": ["sliding_attention", "full_attention"] * 16,
            },
            16,
            16,
        ),
        ({"layer_types": ["linear_attention"] * 24 + ["full_attention"] * 8}, 8, 0),
        ({"attn_layer_period": 8, "attn_layer_offset": 4}, 4, 0),  # Jamba
        ({"full_attention_interval": 4}, 8, 0),  # Qwen3-Next
        ({"num_kv_shared_layers": 12}, 20, 0),
    ],
)
def test_windows_bound_the_cache_and_other_layers_keep_none(
    changes: Mapping[str, JsonValue], full: int, windowed: int
) -> None:
    shape = cache_shape({**LLAMA_3_1_8B, **changes})
    assert shape is not None
    each = 2 * 8 * 128
    assert shape.elements(10_000) == each * (full * 10_000 + windowed * 4096)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"num_hidden_layers": 32},
        {**LLAMA_3_1_8B, "num_hidden_layers": "many"},
        {**LLAMA_3_1_8B, "num_hidden_layers": True},
        {**LLAMA_3_1_8B, "num_hidden_layers": 10**9},
        {**LLAMA_3_1_8B, "num_attention_heads": -1},
        {**LLAMA_3_1_8B, "block_configs": [{}]},
        {**LLAMA_3_1_8B, "layer_types": ["a new kind"] * 32},
        {**LLAMA_3_1_8B, "layer_types": [["full_attention"], {}, None]},
        {**DEEPSEEK_V2_LITE, "qk_rope_head_dim": None},
    ],
)
def test_a_layout_that_is_not_understood_is_unknown_and_not_guessed(
    config: Mapping[str, JsonValue],
) -> None:
    assert cache_shape(config) is None
