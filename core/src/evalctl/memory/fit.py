"""Whether a model fits into a machine's memory, and how many sequences at once.

Two figures are kept apart. The *expected* need is what will most likely be used. The *least* need
is what cannot be done without: weights, and the cache that the engine insists on. Only where the
least need does not fit is a model refused, so that nothing is refused that would have run; what
lies between the two is told as a warning.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from evalctl.memory.estimate import FITS_NOT, MemoryEstimate, Verdict, size_text
from evalctl.memory.figures import ModelFigures, Parts, Settings, parts_of
from evalctl.memory.machine import Device, Memory
from evalctl.memory.weights import Weights

RUNTIME_BYTES = {("transformers", "RAM"): 490_000_000, ("vllm", "RAM"): 720_000_000}
"""Of an engine's process without a model: interpreter and libraries. Measured: 485 to 492 MB with
torch 2.13 and transformers 5.19, 716 and 719 MB with vLLM 0.32, all for CPUs."""
GPU_RUNTIME_BYTES = 1_000_000_000
"""On each GPU, for CUDA's context, libraries' work space and what the allocator cannot use. A
round figure that was not measured: nobody had a GPU when it was written."""
VLLM_CPU_CACHE_BYTES = 1 << 30
"""What evalctl has vLLM take for its cache on a CPU unless told otherwise."""
VLLM_STEP_TOKENS = 8192
"""Tokens of prompts in one step of vLLM. Source: vLLM `engine/arg_utils.py`, where 8,192 is the
default of its library use on most GPUs."""
_GIB = 1 << 30


class _Fit(NamedTuple):
    """The part of an estimate that depends on the engine and the place."""

    cache: int | None
    working: int
    least: int
    room: int
    sequences: int | None
    problem: str = ""
    """Why it cannot run, whatever the sizes."""
    warning: str = ""
    """Why it may not run."""


def estimate_memory(
    model: ModelFigures, settings: Settings, memory: Memory | None
) -> MemoryEstimate:
    """Return what a model needs under an engine's settings, and whether this machine has it.

    Args:
        model: What is known of it.
        settings: Engine, options, and how long sequences will be.
        memory: What the machine has; None where that is not known, and nothing is refused.
    """
    settings = _with_dtype(model, settings, memory)
    parts = parts_of(model, settings)
    weights = parts.weights
    if weights is None:
        return MemoryEstimate(
            place=memory.kind if memory else "unknown",
            total_bytes=memory.size_bytes if memory else None,
            free_bytes=memory.free_bytes if memory else None,
            guesses=("its size is not known before it is downloaded",),
        )
    known = _figures(parts, weights, settings)
    if memory is None:
        guess = "this machine's memory is not known"
        least = {"expected_bytes": weights.expected_bytes, "least_bytes": weights.least_bytes}
        return known.model_copy(update=least | {"guesses": (*known.guesses, guess)})
    if settings.engine == "vllm":
        fit = _vllm(parts, weights, settings, memory)
    elif settings.engine == "transformers":
        fit = _transformers(parts, weights, settings, memory)
    else:
        fit = _Fit(None, 0, weights.least_bytes, _room(memory), None)
    return _judged(known, fit, memory, settings)


def _with_dtype(model: ModelFigures, settings: Settings, memory: Memory | None) -> Settings:
    """Return settings with the dtype that engines take for a classifier in RAM: 32 bits."""
    is_open = settings.options.get("dtype", "auto") == "auto"
    if model.kind != "encoder" or memory is None or memory.kind != "RAM" or not is_open:
        return settings
    return replace(settings, options={**settings.options, "dtype": "float32"})


def _figures(parts: Parts, weights: Weights, settings: Settings) -> MemoryEstimate:
    guesses = []
    if weights.source == "parameters":
        guesses.append("weights are counted from the number of parameters")
    if parts.shape is None:
        guesses.append("the key-value cache is not counted: its config.json is not here")
    return MemoryEstimate(
        place="unknown",
        weights_bytes=weights.expected_bytes,
        weights_source=weights.source,
        dtype=weights.dtype,
        cache_bytes_per_token=parts.cache_bytes(1) if parts.shape else None,
        tokens_per_sequence=_length(parts, settings),
        sequences_asked=settings.sequences,
        guesses=tuple(guesses),
    )


def _length(parts: Parts, settings: Settings) -> int | None:
    expected = sum(settings.longest) if settings.longest else None
    known = [n for n in (parts.context, expected) if n is not None]
    return min(known) if known else None


def _judged(known: MemoryEstimate, fit: _Fit, memory: Memory, settings: Settings) -> MemoryEstimate:
    expected = (known.weights_bytes or 0) + (fit.cache or 0) + fit.working
    expected = max(expected, fit.least)
    verdict: Verdict = "fits"
    reason = ""
    if fit.problem or fit.least > fit.room:
        verdict, reason = FITS_NOT, fit.problem or _shortage(fit.least, memory)
    elif fit.warning or (expected > fit.room and not fit.sequences):
        verdict, reason = "tight", fit.warning or _shortage(expected, memory)
    elif fit.sequences is not None and fit.sequences < settings.sequences:
        verdict = "fits_fewer"
    used = settings.whole("tensor_parallel_size", 1) if memory.kind == "GPU" else 0
    devices = memory.devices[:used]
    return known.model_copy(
        update={
            "place": memory.kind,
            "total_bytes": sum(d.total_bytes for d in devices) or memory.size_bytes,
            "free_bytes": sum(d.free_bytes for d in devices) if devices else memory.free_bytes,
            "devices": used,
            "cache_bytes": fit.cache,
            "working_bytes": fit.working,
            "expected_bytes": expected,
            "least_bytes": fit.least,
            "sequences_that_fit": fit.sequences,
            "verdict": verdict,
            "reason": reason,
        }
    )


def _shortage(needed: int, memory: Memory) -> str:
    has = f"{size_text(memory.size_bytes)} of {memory.kind}"
    if len(memory.devices) > 1:
        has += f" on {len(memory.devices)} devices"
    if memory.free_bytes < memory.size_bytes:
        has += f", {size_text(memory.free_bytes)} of it free"
    if memory.swap_bytes:
        has += f", and {size_text(memory.swap_bytes)} of swap"
    return f"about {size_text(needed)} are needed, and it has {has}"


def _room(memory: Memory) -> int:
    return memory.free_bytes + memory.swap_bytes


def _transformers(parts: Parts, weights: Weights, settings: Settings, memory: Memory) -> _Fit:
    """One device; a batch is halved where memory does not allow it, so one sequence is enough."""
    runtime = GPU_RUNTIME_BYTES
    room = memory.devices[0].free_bytes if memory.devices else _room(memory)
    if memory.kind == "RAM":
        runtime = RUNTIME_BYTES["transformers", "RAM"]
    length = _length(parts, settings)
    if parts.shape is None or length is None:
        working = runtime + weights.loading_bytes
        return _Fit(None, working, weights.least_bytes, room, None)
    cache = parts.cache_bytes(length)
    read = min(length, settings.longest.prompt_tokens) if settings.longest else length
    each = read * parts.activation_bytes_per_token + 8 * parts.vocabulary
    left = room - weights.expected_bytes - runtime
    fitting = max(left // max(cache + each, 1), 0)
    count = min(settings.sequences, max(fitting, 1))
    work = max(count * each, weights.loading_bytes)  # conversion is over when the first batch comes
    return _Fit(
        count * cache, runtime + work, weights.least_bytes, room, min(fitting, settings.sequences)
    )


def _vllm(parts: Parts, weights: Weights, settings: Settings, memory: Memory) -> _Fit:
    """Weights beside a cache that all sequences share page by page."""
    if memory.kind == "RAM":
        return _vllm_in_ram(parts, weights, settings, memory)
    count = settings.whole("tensor_parallel_size", 1)
    if count > len(memory.devices):
        have = len(memory.devices)
        problem = f"tensor_parallel_size is {count}, and it has {have} GPU{'s' * (have != 1)}"
        return _Fit(None, 0, weights.least_bytes, memory.size_bytes, None, problem)
    devices = memory.devices[:count]
    share = settings.real("gpu_memory_utilization") or 0.9
    room = min(min(d.free_bytes, int(d.total_bytes * share)) for d in devices) * count
    runtime = GPU_RUNTIME_BYTES * count
    work = VLLM_STEP_TOKENS * parts.activation_bytes_per_token
    work += 8 * parts.vocabulary * settings.sequences
    pool = 0 if parts.keeps_nothing else _asked_cache(settings)
    copies = count / min(count, parts.shape.kv_heads) if parts.shape else 1.0
    least_cache = int(parts.cache_bytes(settings.context_asked or 1) * copies)
    if pool is None:
        pool = max(room - weights.expected_bytes - runtime - work, 0)
        least = weights.least_bytes + least_cache
    else:
        pool, least = pool * count, weights.least_bytes + pool * count
    sequences = _sequences(pool, copies, parts, settings)
    warning = _lack_of_free(devices, share)
    return _Fit(pool, runtime + work, least, room, sequences, warning=warning)


def _lack_of_free(devices: Sequence[Device], share: float) -> str:
    """Return why vLLM will not start: it wants its whole share of each GPU to be free.

    Source: vLLM `v1/worker/utils.py`, `request_memory`.
    """
    for device in devices:
        wanted = device.total_bytes * share
        if device.free_bytes < wanted:
            return (
                f"vllm takes gpu_memory_utilization={share:g} of a GPU, {size_text(wanted)}, and "
                f"{size_text(device.free_bytes)} are free; lower it, or free the GPU"
            )
    return ""


def _vllm_in_ram(parts: Parts, weights: Weights, settings: Settings, memory: Memory) -> _Fit:
    pool = _asked_cache(settings) or _cache_of(os.environ) or VLLM_CPU_CACHE_BYTES
    pool = 0 if parts.keeps_nothing else pool
    needed = parts.cache_bytes(settings.context_asked or 1)
    problem = ""
    if needed > pool:
        problem = (
            f"one sequence of {settings.context_asked:,} tokens needs a cache of "
            f"{size_text(needed)}, and it is {size_text(pool)}; raise kv_cache_gib or lower "
            "max_model_len"
        )
    work = min(VLLM_STEP_TOKENS, 4096) * parts.activation_bytes_per_token
    return _Fit(
        pool,
        RUNTIME_BYTES["vllm", "RAM"] + work,
        weights.least_bytes + pool,
        _room(memory),
        _sequences(pool, 1.0, parts, settings),
        problem,
    )


def _sequences(pool: int, copies: float, parts: Parts, settings: Settings) -> int | None:
    """How many sequences of the length in question the cache holds at once."""
    length = _length(parts, settings)
    if parts.shape is None or length is None:
        return None
    one = int(parts.cache_bytes(length) * copies)
    return min(pool // one, settings.sequences) if one else settings.sequences


def _asked_cache(settings: Settings) -> int | None:
    gib = settings.real("kv_cache_gib")
    return int(gib * _GIB) if gib else None


def _cache_of(environment: Mapping[str, str]) -> int | None:
    """Return what vLLM's own variable for its cache on a CPU asks for; it is in GiB."""
    try:
        return int(float(environment.get("VLLM_CPU_KVCACHE_SPACE", "0")) * _GIB) or None
    except (ValueError, OverflowError):
        return None
