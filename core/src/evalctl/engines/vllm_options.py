"""What `--engine-option` may set for the vLLM engine. Imports nothing heavy."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from evalctl.specs import ImageOptions

Dtype = Literal["auto", "float32", "bfloat16", "float16"]


class VllmOptions(ImageOptions):
    """Options of the vLLM engine."""

    speed_options: ClassVar[frozenset[str]] = frozenset({"max_num_seqs", "engine_process"})

    dtype: Dtype = "auto"
    """Of the weights in memory; `auto` is the checkpoint's own."""
    max_model_len: int | None = Field(default=None, ge=8)
    """Tokens of prompt and completion together; None takes as many as model and memory allow."""
    max_num_seqs: int = Field(default=256, ge=1)
    """Sequences that are worked on at once."""
    gpu_memory_utilization: float = Field(default=0.9, gt=0.0, le=1.0)
    """Share of the GPU's memory that weights and key-value cache may take; without a meaning on a
    CPU."""
    kv_cache_gib: float | None = Field(default=None, gt=0.0)
    """Size of the key-value cache; None means 1 GiB on a CPU, and what is free on a GPU."""
    tensor_parallel_size: int = Field(default=1, ge=1)
    """GPUs that one model is spread over."""
    quantization: str | None = None
    """How weights are quantised (`awq`, `fp8` …); None follows the checkpoint."""
    enforce_eager: bool | None = None
    """Whether nothing is compiled ahead; None compiles on a GPU and not on a CPU."""
    multi_label: bool | None = None
    """Whether each of a classifier's labels has a probability of its own, so that a text can have
    several; None is as its config.json says."""
    trust_remote_code: bool = False
    """Whether Python code that comes with the model may run."""
    load_format: Literal["auto", "safetensors", "pt", "dummy"] = "auto"
    """How weights are read; `dummy` fills them at random, for trying out speed and memory."""
    engine_process: bool | None = None
    """Whether vLLM puts its core into one more process; None does so on a GPU and not on a CPU."""
    first_token_times: bool = False
    """Whether the time to the first token is measured, which costs some speed."""
