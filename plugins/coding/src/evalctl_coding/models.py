"""The models that suit writing code.

Parameter counts are totals, by the shapes in the models' configurations. Revisions are the hub
commits that public evaluations pin; the README says where they were found.
"""

from __future__ import annotations

from evalctl import Convention, ModelSpec, vllm_presets

MODELS = (
    ModelSpec(
        name="qwen3_8b",
        title="Qwen3-8B",
        path="Qwen/Qwen3-8B",
        revision="b968826d9c46dd6066d109eabc6255188de91218",
        is_instruct=True,
        may_reason=True,
        parameters=8_190_735_360,
        context_length=40_960,
        engine="vllm",
        presets=vllm_presets(8192),
        priority="high",
        specialization_weight=0.7,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="qwen3_14b",
        title="Qwen3-14B",
        path="Qwen/Qwen3-14B",
        revision="40c069824f4251a91eefaf281ebe4c544efd3e18",
        is_instruct=True,
        may_reason=True,
        parameters=14_768_307_200,
        context_length=40_960,
        engine="vllm",
        presets=vllm_presets(8192),
        priority="high",
        specialization_weight=0.75,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="codestral_22b",
        title="Codestral 22B v0.1",
        path="mistralai/Codestral-22B-v0.1",
        revision="8f5fe23af91885222a1563283c87416745a5e212",
        is_instruct=True,
        parameters=22_247_282_688,
        context_length=32_768,
        engine="vllm",
        presets=vllm_presets(8192),
        priority="medium",
        specialization_weight=0.9,
        licence="Mistral AI Non-Production License",
    ),
    ModelSpec(
        name="qwen3_coder_30b",
        title="Qwen3-Coder-30B-A3B-Instruct",
        path="Qwen/Qwen3-Coder-30B-A3B-Instruct",
        revision="b2cff646eb4bb1d68355c01b18ae02e7cf42d120",
        is_instruct=True,
        parameters=30_532_122_624,
        active_parameters=3_353_032_704,
        context_length=262_144,
        engine="vllm",
        presets=vllm_presets(8192, gpus=2),
        priority="high",
        specialization_weight=1.0,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="deepseek_coder_16b",
        title="DeepSeek-Coder-V2-Lite-Instruct",
        path="deepseek-ai/DeepSeek-Coder-V2-Lite-Instruct",
        revision="e434a23f91ba5b4923cf6c9d9a238eb4a08e3a11",
        is_instruct=True,
        parameters=15_706_484_224,
        active_parameters=2_400_000_000,
        context_length=163_840,
        engine="vllm",
        presets=vllm_presets(8192),
        priority="medium",
        specialization_weight=0.95,
        licence="DeepSeek Model License",
    ),
    ModelSpec(
        name="qwen25_7b",
        title="Qwen2.5-7B-Instruct",
        path="Qwen/Qwen2.5-7B-Instruct",
        revision="a09a35458c702b33eeacc393d103063234e8bc28",
        is_instruct=True,
        parameters=7_615_616_512,
        context_length=32_768,
        engine="vllm",
        convention=Convention(
            system="You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
        ),
        presets=vllm_presets(8192),
        priority="medium",
        specialization_weight=0.5,
        licence="Apache-2.0",
    ),
)
