"""What goes into an estimate of memory: a model's figures and the engine's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import JsonValue

from evalctl.memory.cache_shape import CacheShape, JsonObject, cache_shape, number, text_config
from evalctl.memory.weights import (
    DTYPE_BYTES,
    Weights,
    cache_element_bytes,
    dtype_in_force,
    stays_quantized,
    weights_of_files,
    weights_of_parameters,
)
from evalctl.protocols import ModelKind

_LARGEST_OPTION = 1e9
"""No option is larger in earnest; `inf` is a number too."""


@dataclass(frozen=True)
class ModelFigures:
    """What is known of a model without loading it. Whatever is not known is None."""

    path: str
    """Folder or hub id."""
    weight_bytes: int | None = None
    """Size of its weight files."""
    parameters: int | None = None
    """How many, all experts included."""
    context_length: int | None = None
    """Tokens that it was made for."""
    config: JsonObject | None = None
    """Its config.json."""
    kind: ModelKind = "decoder"
    """Its kind: what reads a text and writes none keeps no cache."""


class SequenceLength(NamedTuple):
    """How long one sequence is."""

    prompt_tokens: int
    """Read at once."""
    new_tokens: int
    """Written one by one."""


@dataclass(frozen=True)
class Settings:
    """How an engine will hold a model."""

    engine: str
    """Name of the engine."""
    options: Mapping[str, JsonValue]
    """Its options; those of vllm and transformers are understood, with the same meaning in any."""
    longest: SequenceLength | None = None
    """The longest sequence that is to be expected; None takes the whole context, all of it prompt.
    """

    def whole(self, name: str, default: int) -> int:
        """Return an option that is a positive whole number."""
        value = self.options.get(name)
        is_number = isinstance(value, int) and not isinstance(value, bool) and value > 0
        return value if is_number and isinstance(value, int) else default

    def real(self, name: str) -> float | None:
        """Return an option that is a positive number; None where it is not set, or no size."""
        value = self.options.get(name)
        is_number = isinstance(value, int | float) and 0 < value < _LARGEST_OPTION
        return float(value) if is_number and isinstance(value, int | float) else None

    @property
    def context_asked(self) -> int | None:
        """The context that was asked for; None leaves it to the engine."""
        return self.whole("max_model_len", 0) or None

    @property
    def sequences(self) -> int:
        """Sequences that are worked on at once."""
        return self.whole("max_num_seqs" if self.engine == "vllm" else "batch_size", 1)


@dataclass(frozen=True)
class Parts:
    """What takes memory, one by one."""

    weights: Weights | None
    """None where neither files nor the number of parameters are known."""
    shape: CacheShape | None
    """None where the configuration is not here or does not tell."""
    element_bytes: float
    """Of one number of the cache."""
    context: int | None
    """Tokens of one sequence at most, as the engine's options and the model have it."""
    activation_bytes_per_token: int
    """While a prompt is read; 0 where unknown."""
    vocabulary: int
    """Size of it; 0 where unknown."""

    @property
    def keeps_nothing(self) -> bool:
        """Whether it is known that no sequence has a cache."""
        return self.shape is not None and not self.shape.layers

    def cache_bytes(self, tokens: int) -> int:
        """Return the size of the cache of one sequence; 0 where unknown."""
        return int(self.shape.elements(tokens) * self.element_bytes) if self.shape else 0


def parts_of(model: ModelFigures, settings: Settings) -> Parts:
    """Return what a model's memory is made of under an engine's settings."""
    config = model.config
    dtype = dtype_in_force(settings.options, config, settings.engine)
    asked = settings.options.get("quantization")
    weights = None
    if model.weight_bytes:
        weights = weights_of_files(model.weight_bytes, config, dtype, asked)
    elif model.parameters:
        path = model.path if stays_quantized(model.path, settings.engine) else ""
        weights = weights_of_parameters(model.parameters, path, dtype, asked)
    text = text_config(config) if config else {}
    stated = model.context_length
    wanted = settings.context_asked
    return Parts(
        weights=weights,
        shape=_shape(model, text, settings),
        element_bytes=cache_element_bytes(config, dtype),
        context=wanted or stated,
        activation_bytes_per_token=_activation(text, DTYPE_BYTES[dtype]),
        vocabulary=number(text, "vocab_size") or 0,
    )


def _shape(model: ModelFigures, text: JsonObject, settings: Settings) -> CacheShape | None:
    """Return what is kept for a sequence; vLLM has a cache for all models but encoders' layers."""
    if model.kind == "encoder" and (settings.engine != "vllm" or _is_bidirectional(text)):
        return CacheShape((), 1)
    return cache_shape(text, is_latent=settings.engine == "vllm") if model.config else None


def _is_bidirectional(config: JsonObject) -> bool:
    """Return whether layers read a text in both directions, as far as a configuration tells.

    Encoders' configurations say how many types of token there are, or that they are no decoder.
    """
    return "type_vocab_size" in config or config.get("is_decoder") is False


def _activation(config: JsonObject, element_bytes: float) -> int:
    """Return what one token of a prompt takes on its way through a layer.

    8 vectors as wide as the model and 4 as wide as its feed-forward part: the residual, queries,
    keys, values, the attention's output, both halves of a gated unit, with their copies. Fitted to
    the peak of a model of 50 million parameters that read 16 prompts of 601 tokens in transformers,
    and then right within 4 % for one of 300 million (docs/estimates.md); layers come one after the
    other, so their number does not count. The widths are those of one expert where there are many.
    """
    hidden = number(config, "hidden_size", "n_embd", "d_model") or 0
    inner = number(config, "intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size")
    return int((8 * hidden + 4 * (inner or 4 * hidden)) * element_bytes)
