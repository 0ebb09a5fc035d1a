"""A Mistral with AWQ weights, and the same weights as plain numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from core.tests.engines.conftest import train_tokenizer

if TYPE_CHECKING:
    from torch import Tensor

GROUP = 128
"""Weights that share a scale and a zero."""
ORDER = (0, 2, 4, 6, 1, 3, 5, 7)
"""Which column each four bits of a word hold. Source: AutoAWQ, `awq/utils/packing_utils.py`."""


def write_awq(folder: Path) -> Path:
    """Write it with a tokenizer; return the folder."""
    import torch
    from safetensors.torch import save_file
    from transformers import MistralConfig, MistralForCausalLM

    tokenizer = train_tokenizer(template=None)
    torch.manual_seed(7)
    config = MistralConfig(
        vocab_size=len(tokenizer) // 8 * 8 + 8,
        hidden_size=2 * GROUP,
        intermediate_size=2 * GROUP,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=256,
        sliding_window=None,
        initializer_range=0.2,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        pad_token_id=tokenizer.pad_token_id,
    )
    state: dict[str, Tensor] = {}
    for name, weight in MistralForCausalLM(config).half().state_dict().items():
        if name.endswith("_proj.weight"):
            state |= quantized(name.removesuffix("weight"), weight.float())
        else:
            state[name] = weight.contiguous()
    folder.mkdir(parents=True)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    stated = {"quant_method": "awq", "zero_point": True, "group_size": GROUP, "bits": 4}
    whole = {
        **config.to_dict(),
        "architectures": ["MistralForCausalLM"],
        "dtype": "float16",
        "quantization_config": {**stated, "version": "gemm"},
    }
    (folder / "config.json").write_text(json.dumps(whole))
    tokenizer.save_pretrained(folder)
    return folder


def quantized(prefix: str, weight: Tensor) -> dict[str, Tensor]:
    """Return weights `[out, in]` in 4 bits, with scales and zeros, as AutoAWQ has them."""
    groups = weight.t().reshape(weight.shape[1] // GROUP, GROUP, -1)
    least, most = groups.amin(1), groups.amax(1)
    scales = ((most - least) / 15).clamp(min=1e-5).half()
    zeros = (-least / scales.float()).round().clamp(0, 15)
    steps = (groups / scales.float()[:, None] + zeros[:, None]).round().clamp(0, 15)
    return {
        f"{prefix}qweight": packed(steps.reshape(weight.shape[1], -1)),
        f"{prefix}qzeros": packed(zeros),
        f"{prefix}scales": scales,
    }


def packed(steps: Tensor) -> Tensor:
    """Return rows of 4-bit numbers, eight to a word."""
    import torch

    words = torch.zeros(steps.shape[0], steps.shape[1] // 8, dtype=torch.int32)
    for place, column in enumerate(ORDER):
        words |= steps[:, column::8].to(torch.int32) << (4 * place)
    return words
