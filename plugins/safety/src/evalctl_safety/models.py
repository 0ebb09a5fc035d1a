"""Models of safety."""

from __future__ import annotations

from evalctl import ModelSpec, Preset

SAFETY_BERT = ModelSpec(
    name="safety_bert",
    title="Toxic BERT (unitary/toxic-bert)",
    path="unitary/toxic-bert",
    revision="4d6c22e74ba2fdd26bc4f7238f50766b045a0d94",
    kind="encoder",
    parameters=109_486_854,
    context_length=512,
    engine="transformers",
    presets={
        "balanced": Preset(engine="transformers", options={"multi_label": True}),
        "performance": Preset(
            engine="transformers", options={"multi_label": True, "batch_size": 128}
        ),
        "vllm": Preset(engine="vllm", options={"multi_label": True}),
    },
    priority="high",
    specialization_weight=0.9,
    licence="Apache-2.0",
    labels={
        "toxic": "toxic",
        "severe_toxic": "toxic",
        "obscene": "offensive",
        "threat": "toxic",
        "insult": "offensive",
        "identity_hate": "hateful",
    },
)
"""A BERT (base, uncased) with six labels that each have a probability of their own, trained on
Jigsaw's challenge of 2018. It is the most used of its kind, and has a label for each dataset: its
`identity_hate` is what HateCheck calls hateful. The revision is a hub commit that public projects
have pinned."""

CLAUDE_SONNET = ModelSpec(
    name="claude_sonnet",
    title="Claude Sonnet 5.5",
    path="claude-sonnet-5-5",
    kind="api",
    is_instruct=True,
    may_reason=True,
    context_length=1_000_000,
    engine="anthropic",
    priority="medium",
    specialization_weight=0.7,
    licence="Anthropic Commercial Terms of Service",
)
"""Behind Anthropic's own servers: it costs money and is asked where it is named alone."""

MODELS = (SAFETY_BERT, CLAUDE_SONNET)
