"""What can run quantised weights here, told before they are loaded. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from evalctl.engines.model_config import find_model, read_config
from evalctl.errors import ModelError
from evalctl.protocols import ModelRef

CPU_KERNEL = "cpu_gemm_wna16"
"""What multiplies weights of 4 bits on a CPU. Source: vLLM 0.32, `_custom_ops.py`: the library for
CPUs with AVX-512 has it, that for AVX2 has not, and generation fails at the first token."""

_OF_FOUR_BITS = frozenset(("awq", "gptq"))


def kernel_problem(model: ModelRef, *, has_kernel: bool) -> str:
    """Return why vLLM on a CPU cannot run a model's weights; nothing where it can.

    Args:
        model: The model.
        has_kernel: Whether the CPU multiplies weights of 4 bits.
    """
    folder = find_model(model.path, model.revision)
    method = stated_method(read_config(folder) if folder else None)
    if has_kernel or method not in _OF_FOUR_BITS:
        return ""
    other = "the engine transformers, which unpacks them, " if method == "awq" else ""
    return (
        f"model {model.name}: its weights are quantised ({method}), and vllm multiplies such "
        f"weights on a CPU with AVX-512 alone, which this one lacks; take {other}a GPU, another "
        "machine, or the model without quantisation"
    )


def stated_method(config: Mapping[str, JsonValue] | None) -> str:
    """Return how a model's weights are quantised, as its configuration says; nothing where not."""
    stated = (config or {}).get("quantization_config")
    return str(stated.get("quant_method", "")) if isinstance(stated, Mapping) else ""


def is_unpacked(model: str, config: Mapping[str, JsonValue]) -> bool:
    """Return whether transformers is given a model's weights unpacked, as they are AutoAWQ's.

    Raises:
        ModelError: They are, but in a form that is not read.
    """
    stated = config.get("quantization_config")
    if not isinstance(stated, Mapping) or stated_method(config) != "awq":
        return False
    bits = stated.get("bits", stated.get("w_bit", 4))
    version = str(stated.get("version", "gemm")).lower()
    if (bits, version) != (4, "gemm"):
        raise ModelError(
            f"model {model}: its AWQ weights have {bits} bits in the form {version!r}, and the "
            "engine transformers reads 4 bits in the form 'gemm' alone; take the engine vllm or "
            "the model without quantisation"
        )
    return True
