"""Models made for scientific text: encoders, which write nothing.

A model that writes is asked through prompts with `--model`. Parameter counts follow from the
configurations' shapes, task heads left out. Revisions are hub commits that public projects have
kept.
"""

from __future__ import annotations

from evalctl import ModelSpec, Preset

_PRESETS = {
    "balanced": Preset(engine="transformers", options={"dtype": "float32"}),
    "performance": Preset(engine="transformers", options={"dtype": "bfloat16"}),
}

MODELS = (
    ModelSpec(
        name="scibert_base",
        title="SciBERT, scivocab, uncased",
        path="allenai/scibert_scivocab_uncased",
        revision="24f92d32b1bfb0bcaf9ab193ff3ad01e87732fc1",
        kind="encoder",
        parameters=109_918_464,
        context_length=512,
        engine="transformers",
        presets=_PRESETS,
        priority="high",
        specialization_weight=0.9,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="specter2_base",
        title="SPECTER2, base model without adapters",
        path="allenai/specter2_base",
        revision="3447645e1def9117997203454fa4495937bfbd83",
        kind="encoder",
        parameters=109_918_464,
        context_length=512,
        engine="transformers",
        presets=_PRESETS,
        priority="high",
        specialization_weight=1.0,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="longformer_large",
        title="Longformer, large, 4,096 tokens",
        path="allenai/longformer-large-4096",
        kind="encoder",
        parameters=434_600_960,
        context_length=4096,
        engine="transformers",
        presets=_PRESETS,
        priority="medium",
        specialization_weight=0.6,
        licence="Apache-2.0",
    ),
)
