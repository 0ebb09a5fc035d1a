"""Models made for scientific text: encoders, which write nothing and are asked the probes.

A model that writes is asked through prompts with `--model`. SPECTER2's card takes the first token's
vector, with the adapter. Parameter counts follow from the
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
        name="scibert_random",
        title="SciBERT's shape and words with random weights: what an encoder gives untrained",
        path="allenai/scibert_scivocab_uncased",
        revision="24f92d32b1bfb0bcaf9ab193ff3ad01e87732fc1",
        kind="encoder",
        parameters=109_918_464,
        context_length=512,
        engine="transformers",
        presets={
            "balanced": Preset(
                engine="transformers", options={"dtype": "float32", "random_weights": True}
            ),
        },
        priority="low",
        specialization_weight=0.0,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="specter2_base",
        title="SPECTER2, with its adapter where the package `adapters` is installed",
        path="allenai/specter2_base",
        revision="3447645e1def9117997203454fa4495937bfbd83",
        kind="encoder",
        parameters=109_918_464,
        context_length=512,
        engine="transformers",
        presets={
            name: Preset(
                engine=preset.engine,
                options={**preset.options, "pooling": "cls", "adapter": "allenai/specter2"},
            )
            for name, preset in _PRESETS.items()
        },
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
