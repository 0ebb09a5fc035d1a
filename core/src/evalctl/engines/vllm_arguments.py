"""How vLLM is told to open a model, by its kind. Imports nothing heavy."""

from __future__ import annotations

import os
from typing import Any

from evalctl.engines.vllm_options import VllmOptions
from evalctl.protocols import ModelRef

CPU_KV_CACHE_GIB = 1.0
"""Small, because a CPU's memory is shared with everything else on the machine."""

_GIB = 1 << 30
ENCODERS = frozenset({"BertModel"})
"""Architectures that vLLM gives vectors of: those that were tried. Of a checkpoint with a head its
loader may pass over weights whose names it does not know, and say nothing."""


def arguments(model: ModelRef, options: VllmOptions, *, is_cpu: bool) -> dict[str, Any]:
    """Return how vLLM opens a model that writes."""
    gib = options.kv_cache_gib
    if gib is None and is_cpu and not os.environ.get("VLLM_CPU_KVCACHE_SPACE"):
        gib = CPU_KV_CACHE_GIB
    return {
        "model": model.path,
        "revision": model.revision,
        "tokenizer_revision": model.revision,
        "dtype": options.dtype,
        # -1 lets vLLM take the longest context that its cache can hold.
        "max_model_len": -1 if options.max_model_len is None else options.max_model_len,
        "max_num_seqs": options.max_num_seqs,
        "gpu_memory_utilization": options.gpu_memory_utilization,
        "kv_cache_memory_bytes": None if gib is None else int(gib * _GIB),
        "tensor_parallel_size": options.tensor_parallel_size,
        "quantization": options.quantization,
        "enforce_eager": is_cpu if options.enforce_eager is None else options.enforce_eager,
        "trust_remote_code": options.trust_remote_code,
        "load_format": options.load_format,
        "use_tqdm_on_load": False,
        # A prompt in pieces makes vLLM wind its sampling generator back, which torch's generators
        # for CPUs cannot: "CPU Generator does not use offset" (`GPUModelRunner._bookkeeping_sync`).
        "enable_chunked_prefill": False if is_cpu else None,
        "enable_prefix_caching": True,
        "mm_processor_cache_gb": 0,  # what was read of an image is let go with its prompt
        "disable_log_stats": not options.first_token_times,
        "seed": 0,
    }


def for_pooling(options: VllmOptions, *, is_cpu: bool) -> dict[str, Any]:
    """Return what is otherwise where the model is a classifier or an encoder.

    By itself vLLM makes 16 bits of a checkpoint's 32, which a CPU gains nothing by.
    """
    is_open = options.dtype == "auto" and is_cpu
    return {
        "runner": "pooling",
        "enable_prefix_caching": False,
        **({"dtype": "float32"} if is_open else {}),
    }


def for_encoders(options: VllmOptions) -> dict[str, Any]:
    """Return what is otherwise, beside `for_pooling`, where vectors of texts are wanted."""
    return {"convert": "embed", "pooler_config": {"pooling_type": options.pooling.upper()}}
