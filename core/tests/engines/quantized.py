"""Models with AWQ weights, and the same weights as plain numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.tests.engines.conftest import train_tokenizer

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

GROUP = 128
"""Weights that share a scale and a zero, where there are so many."""
ORDER = (0, 2, 4, 6, 1, 3, 5, 7)
"""Which column each four bits of a word hold. Source: AutoAWQ, `awq/utils/packing_utils.py`."""


class Quantized(NamedTuple):
    """A layer's weights in 4 bits, as AutoAWQ has them, and the plain ones that they stand for."""

    weights: Tensor
    """`[in, out / 8]`."""
    zeros: Tensor
    """`[groups, out / 8]`."""
    scales: Tensor
    """`[groups, out]`."""
    plain: Tensor
    """`[out, in]`."""


def write_awq(folder: Path) -> Path:
    """Write a Mistral with AWQ weights and a tokenizer; return the folder.

    The model of the same weights as plain numbers is beside it, in a folder that ends in `-plain`.
    """
    import torch
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
    model = MistralForCausalLM(config).half()
    save_awq(model, folder)
    model.save_pretrained(plain_of(folder))
    for each in (folder, plain_of(folder)):
        tokenizer.save_pretrained(each)
    return folder


def plain_of(folder: Path) -> Path:
    """Return the folder of the same weights as plain numbers."""
    return folder.with_name(f"{folder.name}-plain")


def save_awq(model: PreTrainedModel, folder: Path) -> None:
    """Write a model with its layers' weights in 4 bits, and give it the weights they stand for."""
    from safetensors.torch import save_file

    state: dict[str, Tensor] = {}
    weights = model.half().state_dict()
    for name, weight in weights.items():
        if not name.endswith("_proj.weight"):
            state[name] = weight.contiguous()
            continue
        layer = name.removesuffix("weight")
        made = quantized(weight.float())
        state[f"{layer}qweight"], state[f"{layer}qzeros"] = made.weights, made.zeros
        state[f"{layer}scales"] = made.scales
        weight.copy_(made.plain)
    folder.mkdir(parents=True)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    stated = {"quant_method": "awq", "zero_point": True, "group_size": GROUP, "bits": 4}
    whole = {
        **model.config.to_dict(),
        "architectures": [type(model).__name__],
        "dtype": "float16",
        "quantization_config": {**stated, "version": "gemm"},
    }
    (folder / "config.json").write_text(json.dumps(whole))


def quantized(weight: Tensor) -> Quantized:
    """Return weights `[out, in]` in 4 bits."""
    size = min(GROUP, weight.shape[1])
    groups = weight.t().reshape(weight.shape[1] // size, size, -1)
    least, most = groups.amin(1), groups.amax(1)
    scales = ((most - least) / 15).clamp(min=1e-5).half()
    zeros = (-least / scales.float()).round().clamp(0, 15)
    steps = (groups / scales.float()[:, None] + zeros[:, None]).round().clamp(0, 15)
    plain = ((steps - zeros[:, None]) * scales.float()[:, None]).reshape(weight.shape[1], -1)
    rows = steps.reshape(weight.shape[1], -1)
    return Quantized(packed(rows), packed(zeros), scales, plain.t().half().contiguous())


def packed(steps: Tensor) -> Tensor:
    """Return rows of 4-bit numbers, eight to a word."""
    import torch

    words = torch.zeros(steps.shape[0], steps.shape[1] // 8, dtype=torch.int32)
    for place, column in enumerate(ORDER):
        words |= steps[:, column::8].to(torch.int32) << (4 * place)
    return words
