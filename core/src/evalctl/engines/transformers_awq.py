"""Weights of 4 bits as AutoAWQ stores them, unpacked into plain ones. Imports torch lazily.

So a model with such weights runs wherever torch does, a CPU without kernels for them included. It
takes the memory of the weights that it was made from, and computes what kernels compute: a weight
is its step less the zero, times the scale.
Source: AutoAWQ, `awq/utils/packing_utils.py` and `awq/modules/linear/gemm.py`; Lin et al. 2023,
"AWQ: Activation-aware Weight Quantization", arXiv 2306.00978.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalctl.engines import weight_files
from evalctl.engines.model_config import find_model
from evalctl.engines.quantized import check_packed
from evalctl.errors import ModelError
from evalctl.protocols import ModelRef

if TYPE_CHECKING:
    from torch import Tensor

_WEIGHT_FILES = ["*.safetensors", "*.safetensors.index.json"]


def load_unpacked(model: ModelRef, config: Any, dtype: Any) -> tuple[Any, dict[str, Any]]:  # noqa: ANN401  transformers' and torch's
    """Return a model with its weights unpacked, and what was found of them.

    Args:
        model: The model.
        config: Its configuration in transformers.
        dtype: Of the weights, once they are unpacked; `auto` is the checkpoint's.

    Raises:
        ModelError: Its weights are not whole, or do not belong to its configuration.
    """
    import transformers

    name = config.architectures[0]
    kind = getattr(transformers, name, None)
    if kind is None:
        raise ModelError(
            f"model {model.name}: {name} with AWQ weights brings Python code of its own, which is "
            "not run with them; take the engine vllm or the model without quantisation"
        )
    del config.quantization_config
    weights = read_weights(model)
    loaded, report = kind.from_pretrained(
        None, config=config, state_dict=weights, dtype=dtype, output_loading_info=True
    )
    if unknown := report["unexpected_keys"]:
        raise ModelError(
            f"model {model.name}: {len(unknown)} of its AWQ weights have no place in {name}, the "
            f"first is {min(unknown)}; take the engine vllm or the model without quantisation"
        )
    return loaded, report


def read_weights(model: ModelRef) -> dict[str, Tensor]:
    """Return all weights of a model, the packed ones unpacked, by name.

    They are fetched from the hub where they are not here.

    Raises:
        ModelError: The packed ones are not whole.
    """
    from huggingface_hub import snapshot_download
    from safetensors.torch import load_file

    folder = find_model(model.path, model.revision) or Path(
        snapshot_download(model.path, revision=model.revision, allow_patterns=_WEIGHT_FILES)
    )
    files = weight_files.find(folder, model.name)
    check_packed(model.name, files)
    found: dict[str, Tensor] = {}
    for path in files.paths:
        found |= load_file(path)
    for name in [name for name in found if name.endswith(".qweight")]:
        layer = name.removesuffix("qweight")
        parts = [found.pop(f"{layer}{part}") for part in ("qweight", "qzeros", "scales")]
        found[f"{layer}weight"] = unpacked(*parts)
    return found


def unpacked(weights: Tensor, zeros: Tensor, scales: Tensor) -> Tensor:
    """Return a layer's weights, `[out, in]`, in the dtype of its scales.

    Args:
        weights: Their steps, `[in, out / 8]`.
        zeros: Which step is zero, `[groups, out / 8]`.
        scales: What a step is worth, `[groups, out]`; a group are neighbours along `in`.
    """
    steps, zero = _steps(weights), _steps(zeros)
    grouped = steps.view(scales.shape[0], -1, scales.shape[1]) - zero[:, None]
    return (grouped * scales[:, None]).flatten(0, 1).t().contiguous()


def _steps(words: Tensor) -> Tensor:
    """Return rows of words as rows of numbers in 0..15, as 8 bits.

    The first four of a word's halves of bytes, from the lowest, are the even ones of eight
    neighbouring columns, the others the odd ones.
    """
    import torch

    octets = words.contiguous().view(torch.uint8)
    halves = torch.stack((octets & 15, octets >> 4), dim=-1).view(torch.int8)
    return halves.flatten(1).unflatten(1, (-1, 2, 4)).transpose(2, 3).flatten(1)
