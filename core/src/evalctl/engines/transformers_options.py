"""What `--engine-option` may set for the transformers engine. Imports nothing heavy."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from evalctl.specs import ImageOptions


class TransformersOptions(ImageOptions):
    """Options of the transformers engine."""

    speed_options: ClassVar[frozenset[str]] = frozenset({"batch_size", "share_contexts"})

    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Of the weights in memory; `auto` is the checkpoint's own, and for classifiers and encoders 32
    bits, or 16 on a GPU."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where it runs; `auto` takes a GPU where there is one."""
    batch_size: int = Field(default=16, ge=1)
    """Sequences that are worked on at once, of 512 tokens where log-likelihoods, labels or
    vectors are wanted; halved where memory does not allow it."""
    share_contexts: bool = True
    """Whether a context is read once for all of its continuations, where the model allows it."""
    max_model_len: int | None = Field(default=None, ge=8)
    """Tokens of prompt and completion together; None is what the model was made for. A longer
    text for a classifier or an encoder is cut."""
    multi_label: bool | None = None
    """Whether each of a classifier's labels has a probability of its own, so that a text can have
    several; None is as its config.json says."""
    pooling: Literal["mean", "cls"] = "mean"
    """What a text's vector is: the mean of its tokens in the last layer, or the first of them."""
    random_weights: bool = False
    """Whether an encoder is filled with random weights, always the same ones, in the place of its
    own: what they reach is what its training is measured against."""
    adapter: str = ""
    """Hub id or folder of an adapter that an encoder is given, where the package `adapters` is
    installed."""
    trust_remote_code: bool = False
    """Whether Python code that comes with the model may run."""
