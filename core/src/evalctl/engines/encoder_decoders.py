"""Which models read a text with an encoder and write one with a decoder. Imports nothing heavy.

Prompt and completion do not share their context: each may have the whole of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

_RELATIVE = frozenset(("t5", "mt5", "umt5", "longt5", "switch_transformers"))
"""Kinds of model whose positions are relative: trained with one length, they read others."""
_ABSOLUTE = frozenset(
    (
        *("bart", "mbart", "pegasus", "bigbird_pegasus", "led", "marian", "m2m_100", "nllb-moe"),
        *("blenderbot", "blenderbot-small", "prophetnet", "mvp", "plbart", "fsmt", "t5gemma"),
    )
)


def writes_text(architecture: str, config: Mapping[str, JsonValue]) -> bool:
    """Return whether a model is an encoder-decoder from text to text.

    Those that hear or see (Whisper, Donut) and parts of one (T5EncoderModel) are not.
    """
    return reads_text(config) and architecture.endswith(("ForConditionalGeneration", "MTModel"))


def reads_text(config: Mapping[str, JsonValue]) -> bool:
    """Return whether a model is of a kind that reads a text, whatever of it is there."""
    return config.get("model_type") in _RELATIVE | _ABSOLUTE


def is_relative(config: Mapping[str, JsonValue]) -> bool:
    """Return whether a model's positions are relative, so that its context has no firm end."""
    return config.get("model_type") in _RELATIVE
