"""Models for general purposes, each asked as its card says.

Parameter counts follow from the configurations' shapes. Revisions are hub commits that public
projects have pinned or kept.
"""

from __future__ import annotations

from evalctl import ModelSpec, Preset


def _presets(gpus: int, max_model_len: int) -> dict[str, Preset]:
    common = {"dtype": "bfloat16", "max_model_len": max_model_len}
    spread = {"tensor_parallel_size": gpus} if gpus > 1 else {}
    fast = {"gpu_memory_utilization": 0.95, "max_num_seqs": 512}
    return {
        "balanced": Preset(engine="vllm", options={**common, **spread}),
        "performance": Preset(engine="vllm", options={**common, **spread, **fast}),
    }


MODELS = (
    ModelSpec(
        name="llama31_8b",
        title="Llama-3.1-8B-Instruct",
        path="meta-llama/Llama-3.1-8B-Instruct",
        revision="0e9e39f249a16976918f6564b8830bc894c89659",
        is_instruct=True,
        parameters=8_030_261_248,
        context_length=131_072,
        engine="vllm",
        presets=_presets(1, 8192),
        priority="high",
        specialization_weight=0.8,
        licence="Llama 3.1 Community",
    ),
    ModelSpec(
        name="mistral_7b",
        title="Mistral-7B-Instruct-v0.3",
        path="mistralai/Mistral-7B-Instruct-v0.3",
        revision="e0bc86c23ce5aae1db576c8cca6f06f1f73af2db",
        is_instruct=True,
        parameters=7_248_023_552,
        context_length=32_768,
        engine="vllm",
        presets=_presets(1, 8192),
        priority="high",
        specialization_weight=0.7,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="mistral_nemo_12b",
        title="Mistral-Nemo-Instruct-2407",
        path="mistralai/Mistral-Nemo-Instruct-2407",
        revision="04d8a90549d23fc6bd7f642064003592df51e9b3",
        is_instruct=True,
        parameters=12_247_782_400,
        context_length=131_072,
        engine="vllm",
        presets=_presets(1, 8192),
        priority="medium",
        specialization_weight=0.7,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="olmo2_13b",
        title="OLMo-2-1124-13B-Instruct",
        path="allenai/OLMo-2-1124-13B-Instruct",
        revision="3a5c85baefbb1896a54d56fe2e76c0395627ddf4",
        is_instruct=True,
        parameters=13_716_198_400,
        context_length=4096,
        engine="vllm",
        presets=_presets(1, 4096),
        priority="medium",
        specialization_weight=0.7,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="yi_9b",
        title="Yi-9B",
        path="01-ai/Yi-9B",
        revision="2af40f9fdd3ad4a56ddeb52a21e3f9c720d82353",
        parameters=8_829_407_232,
        context_length=4096,
        engine="vllm",
        presets=_presets(1, 4096),
        priority="low",
        specialization_weight=0.5,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="yi_1_5_34b",
        title="Yi-1.5-34B-Chat",
        path="01-ai/Yi-1.5-34B-Chat",
        revision="fa4ffba162f20948bf77c2a30eca952bf0812b7f",
        is_instruct=True,
        parameters=34_388_917_248,
        context_length=4096,
        engine="vllm",
        presets=_presets(2, 4096),
        priority="medium",
        specialization_weight=0.7,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="gemma2_9b",
        title="gemma-2-9b-it",
        path="google/gemma-2-9b-it",
        revision="11c9b309abf73637e4b6f9a3fa1e92e615547819",
        is_instruct=True,
        parameters=9_241_705_984,
        context_length=8192,
        engine="vllm",
        presets=_presets(1, 8192),
        priority="high",
        specialization_weight=0.7,
        licence="Gemma",
    ),
)
