"""Whether vLLM can run quantised weights here, before they are loaded. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping

from evalctl.engines.model_config import find_model, read_config
from evalctl.protocols import ModelRef

CPU_KERNEL = "cpu_gemm_wna16"
"""What multiplies weights of 4 bits on a CPU. Source: vLLM 0.32, `_custom_ops.py`: the library for
CPUs with AVX-512 has it, that for AVX2 has not, and generation fails at the first token."""

_OF_FOUR_BITS = frozenset(("awq", "gptq"))


def kernel_problem(model: ModelRef, *, has_kernel: bool) -> str:
    """Return why a CPU cannot run a model's weights; nothing where it can.

    Args:
        model: The model.
        has_kernel: Whether the CPU multiplies weights of 4 bits.
    """
    method = _quantization(model)
    if has_kernel or method not in _OF_FOUR_BITS:
        return ""
    return (
        f"model {model.name}: its weights are quantised ({method}), and vllm multiplies such "
        "weights on a CPU with AVX-512 alone, which this one lacks; take a GPU, another machine, "
        "or the model without quantisation"
    )


def _quantization(model: ModelRef) -> str:
    """Return how a model's weights are quantised, as its configuration says; nothing where not."""
    folder = find_model(model.path, model.revision)
    config = read_config(folder) if folder else None
    stated = config.get("quantization_config") if config else None
    return str(stated.get("quant_method", "")) if isinstance(stated, Mapping) else ""
