"""Small models, whose accuracy is held against what they take.

Parameter counts follow from the configurations' shapes. Revisions are hub commits that public
projects have pinned.
"""

from __future__ import annotations

from evalctl import ModelSpec, vllm_presets

MODELS = (
    ModelSpec(
        name="qwen25_0_5b",
        title="Qwen2.5-0.5B-Instruct",
        path="Qwen/Qwen2.5-0.5B-Instruct",
        revision="7ae557604adf67be50417f59c2c2f167def9a775",
        is_instruct=True,
        parameters=494_032_768,
        context_length=32_768,
        engine="vllm",
        presets=vllm_presets(4096),
        priority="high",
        specialization_weight=0.8,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="qwen25_3b",
        title="Qwen2.5-3B-Instruct",
        path="Qwen/Qwen2.5-3B-Instruct",
        revision="aa8e72537993ba99e69dfaafa59ed015b17504d1",
        is_instruct=True,
        parameters=3_085_938_688,
        context_length=32_768,
        engine="vllm",
        presets=vllm_presets(4096),
        priority="medium",
        specialization_weight=0.7,
        licence="Qwen Research",
    ),
    ModelSpec(
        name="phi35_mini",
        title="Phi-3.5-mini-instruct",
        path="microsoft/Phi-3.5-mini-instruct",
        revision="2fe192450127e6a83f7441aef6e3ca586c338b77",
        is_instruct=True,
        parameters=3_821_079_552,
        context_length=131_072,
        engine="vllm",
        presets=vllm_presets(4096),
        priority="medium",
        specialization_weight=0.7,
        licence="MIT",
    ),
)
