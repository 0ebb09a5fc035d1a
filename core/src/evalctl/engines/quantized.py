"""What can run quantised weights here, told before they are loaded. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from evalctl.engines.model_config import AWQ, find_model, quantization_of, read_config
from evalctl.engines.weight_files import Tensor, WeightFiles
from evalctl.errors import ModelError
from evalctl.protocols import ModelRef

CPU_KERNEL = "cpu_gemm_wna16"
"""What multiplies weights of 4 bits on a CPU. Source: vLLM 0.32, `_custom_ops.py`: the library for
CPUs with AVX-512 has it, that for AVX2 has not, and generation fails at the first token."""

_OF_FOUR_BITS = frozenset((AWQ, "gptq"))
_READ = (4, "gemm")
_PARTS = (".qweight", ".qzeros", ".scales")
_REAL = frozenset(("F16", "BF16", "F32"))


def kernel_problem(model: ModelRef, *, has_kernel: bool) -> str:
    """Return why vLLM on a CPU cannot run a model's weights; nothing where it can.

    Args:
        model: The model.
        has_kernel: Whether the CPU multiplies weights of 4 bits.
    """
    folder = find_model(model.path, model.revision)
    config = (read_config(folder) if folder else None) or {}
    method = quantization_of(config)
    if has_kernel or method not in _OF_FOUR_BITS:
        return ""
    other = "the engine transformers, which unpacks them, " if _form(config) == _READ else ""
    return (
        f"model {model.name}: its weights are quantised ({method}), and vllm multiplies such "
        f"weights on a CPU with AVX-512 alone, which this one lacks; take {other}a GPU, another "
        "machine, or the model without quantisation"
    )


def is_unpacked(model: str, config: Mapping[str, JsonValue]) -> bool:
    """Return whether transformers is given a model's weights unpacked, as they are AutoAWQ's.

    Raises:
        ModelError: They are, but in a form that is not read.
    """
    form = _form(config)
    if form is not None and form != _READ:
        raise ModelError(
            f"model {model}: its AWQ weights have {form[0]} bits in the form {form[1]!r}, and the "
            "engine transformers reads 4 bits in the form 'gemm' alone; take the engine vllm on a "
            "GPU, or the model without quantisation"
        )
    return form is not None


def check_packed(model: str, weights: WeightFiles) -> None:
    """Look at the names, types and shapes of AWQ weights, which the files' headers tell.

    Raises:
        ModelError: They are not whole, or do not belong together.
    """
    if any(path.suffix != ".safetensors" for path in weights.paths):
        raise ModelError(
            f"model {model}: AWQ weights are read from *.safetensors alone; convert "
            f"{weights.paths[0].name}, or take a model that has them so"
        )
    found = dict(weights.tensors())
    layers = {name.rpartition(".")[0] for name in found if name.endswith(_PARTS)}
    if not layers:
        raise ModelError(
            f"model {model}: its configuration says that its weights are AWQ's, and none is; the "
            "files do not belong to its config.json: download it again"
        )
    for layer in sorted(layers):
        if wrong := _wrong_with([found.get(f"{layer}{part}") for part in _PARTS]):
            raise ModelError(
                f"model {model}: its AWQ weights are not whole: {layer} {wrong}; download it again"
            )


def _wrong_with(parts: Sequence[Tensor | None]) -> str:
    """Return what is wrong with a layer's weights, zeros and scales; nothing where all is right."""
    lacking = [name for name, part in zip(_PARTS, parts, strict=True) if part is None]
    if lacking:
        return f"has no {', '.join(name[1:] for name in lacking)}"
    weights, zeros, scales = (part for part in parts if part is not None)
    if (weights.dtype, zeros.dtype) != ("I32", "I32") or scales.dtype not in _REAL:
        return f"has numbers of the types {weights.dtype}, {zeros.dtype} and {scales.dtype}"
    shapes = [part.shape for part in (weights, zeros, scales)]
    told = " and ".join(str(list(shape)) for shape in shapes)
    if any(len(shape) != 2 for shape in shapes) or 0 in scales.shape:
        return f"has shapes that do not belong together: {told}"
    (size, words), (groups, zero_words), (scale_groups, columns) = shapes
    is_right = 8 * words == 8 * zero_words == columns and groups == scale_groups
    return "" if is_right and not size % groups else f"has parts of shapes that disagree: {told}"


def _form(config: Mapping[str, JsonValue]) -> tuple[JsonValue, str] | None:
    """Return bits and version of AutoAWQ's weights; None where they are none."""
    stated = config.get("quantization_config")
    if not isinstance(stated, Mapping) or quantization_of(config) != AWQ:
        return None
    bits = stated.get("bits", stated.get("w_bit", 4))
    return bits, str(stated.get("version", "gemm")).lower()
