"""Registers the reference model, whose weights are in this package's `checkpoint` folder."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from evalctl import Convention, ModelSpec, Preset, hookimpl

NOTICE = (
    "`reference` is the small reference model that ships with evalctl. It shows how the tool "
    "works; its score is no measure of any real model."
)


@hookimpl
def evalctl_models() -> Iterable[ModelSpec]:
    """Return the reference model."""
    return (
        ModelSpec(
            name="reference",
            title="evalctl reference model (arithmetic word problems)",
            path=str(files("evalctl_reference") / "checkpoint"),
            parameters=3_809_024,
            context_length=2048,
            engine="transformers",
            convention=Convention(chat="never", shots=0),
            presets={
                "balanced": Preset(
                    engine="transformers", options={"dtype": "float32", "batch_size": 64}
                ),
                "vllm": Preset(engine="vllm", options={"dtype": "float32"}),
            },
            priority="low",
            specialization_weight=0.0,
            licence="Apache-2.0",
            categories=(
                "math",
                "coding",
                "general",
                "safety",
                "biomedical",
                "scientific",
                "efficiency",
            ),
            is_embedded=True,
            notice=NOTICE,
        ),
    )
