"""What loading any model with transformers has in common. Imports torch and transformers lazily."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from evalctl.engines.transformers_options import TransformersOptions
from evalctl.errors import ModelError
from evalctl.protocols import EngineInfo, ModelRef

UNKNOWN_CONTEXT = 2048
"""Tokens, for the few models whose configuration does not say."""


def source_of(model: ModelRef, options: TransformersOptions) -> dict[str, Any]:
    """Return where `from_pretrained` finds a model, and what it may run."""
    return {
        "revision": model.revision,
        "trust_remote_code": options.trust_remote_code,
        "local_files_only": model.is_local,
    }


def refuse_missing(model: ModelRef, missing: Collection[str]) -> None:
    """Raise ModelError where transformers had to fill weights at random."""
    if missing:
        raise ModelError(
            f"model {model.name}: its weight files do not belong to its config.json: "
            f"{len(missing)} weights are missing, the first is {min(missing)}; download it again"
        )


def device_of(wanted: str) -> str:
    """Return the device that an option means.

    Raises:
        ModelError: It is not on this machine.
    """
    import torch

    has = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return next((name for name, is_there in has.items() if is_there), "cpu")
    if not has.get(wanted, True):
        raise ModelError(f"engine transformers: device={wanted} is not on this machine; take auto")
    return wanted


def context_of(
    model: ModelRef,
    options: TransformersOptions,
    stated: int | None,
    *,
    is_relative: bool = False,
) -> int:
    """Return the context in force, from what the model's configuration states.

    Args:
        model: The model.
        options: What was asked for.
        stated: Tokens that it was made for; None where it does not say.
        is_relative: Whether it takes more as well, its positions being relative.

    Raises:
        ModelError: More was asked for.
    """
    if stated is None:
        return options.max_model_len or UNKNOWN_CONTEXT
    wanted = options.max_model_len
    if wanted is not None and wanted > stated and not is_relative:
        raise ModelError(
            f"model {model.name}: max_model_len {wanted} is more than the {stated} tokens that it "
            "was made for; lower it"
        )
    return wanted or stated


def info_of(loaded: Any, device: str, context: int, options: TransformersOptions) -> EngineInfo:  # noqa: ANN401  transformers types no loaded model
    """Return what is loaded, and how."""
    import torch
    import transformers

    return EngineInfo(
        name="transformers",
        versions={
            "torch": str(torch.__version__),
            "transformers": str(transformers.__version__),
        },
        context_length=context,
        dtype=str(loaded.dtype).removeprefix("torch."),
        device=torch.cuda.get_device_name() if device == "cuda" else device,
        settings={"batch_size": options.batch_size},
    )
