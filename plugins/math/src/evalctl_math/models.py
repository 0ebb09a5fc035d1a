"""The models that suit mathematics, each asked as its card says.

Parameter counts are totals; where a card gives none they follow from the configuration's shapes.
Revisions are the hub commits that public evaluations pin; None where no pinned commit was found.
"""

from __future__ import annotations

from evalctl import Convention, ModelSpec, Preset, vllm_presets

_BOXED = "Please reason step by step, and put your final answer within \\boxed{}."

_ALPACA = (
    "Below is an instruction that describes a task. "
    "Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{instruction}\n\n### Response: Let's think step by step."
)
"""Source: the evaluation scripts named in the README of nlpxucan/WizardLM and meta-math/MetaMath;
both models were trained on this form and answer badly in another."""

_FOUR_GPUS = {
    **vllm_presets(4096, gpus=4),
    "performance": Preset(
        engine="vllm",
        options={
            "dtype": "bfloat16",
            "max_model_len": 4096,
            "tensor_parallel_size": 8,
            "max_num_seqs": 512,
        },
    ),
}

MODELS = (
    ModelSpec(
        name="qwen25_math_7b",
        title="Qwen2.5-Math-7B-Instruct",
        path="Qwen/Qwen2.5-Math-7B-Instruct",
        revision="ef9926d75ab1d54532f6a30dd5e760355eb9aa4d",
        is_instruct=True,
        parameters=7_615_616_512,
        context_length=4096,
        engine="vllm",
        convention=Convention(system=_BOXED, is_bare=True),
        presets=vllm_presets(4096),
        priority="high",
        specialization_weight=1.0,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="deepseek_math_7b",
        title="DeepSeekMath-7B-Instruct",
        path="deepseek-ai/deepseek-math-7b-instruct",
        revision="0a5828f800a36df0fd7f0ed581b983246c0677ff",
        is_instruct=True,
        parameters=6_910_365_696,
        context_length=4096,
        engine="vllm",
        presets=vllm_presets(4096),
        priority="high",
        specialization_weight=1.0,
        licence="DeepSeek Model License",
    ),
    ModelSpec(
        name="wizardmath_70b",
        title="WizardMath-70B-V1.0",
        path="WizardLMTeam/WizardMath-70B-V1.0",
        revision="e089c3f9d2ad9d1acb62425aec3f4126f498f4c5",
        is_instruct=True,
        parameters=68_976_664_576,
        context_length=4096,
        engine="vllm",
        convention=Convention(chat="never", wrap=_ALPACA, is_bare=True),
        presets=_FOUR_GPUS,
        priority="low",
        specialization_weight=0.9,
        licence="Llama 2 Community License",
    ),
    ModelSpec(
        name="metamath_70b",
        title="MetaMath-70B-V1.0",
        path="meta-math/MetaMath-70B-V1.0",
        is_instruct=True,
        parameters=68_976_664_576,
        context_length=4096,
        engine="vllm",
        convention=Convention(chat="never", wrap=_ALPACA, is_bare=True),
        presets=_FOUR_GPUS,
        priority="low",
        specialization_weight=0.9,
        licence="Llama 2 Community License",
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
        presets=vllm_presets(4096),
        priority="medium",
        specialization_weight=0.4,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="granite_3_1_8b",
        title="Granite-3.1-8B-Instruct",
        path="ibm-granite/granite-3.1-8b-instruct",
        revision="4009206d5fc95d2e65a7b7633e159d6e97e25d35",
        is_instruct=True,
        parameters=8_170_848_256,
        context_length=131_072,
        engine="vllm",
        # Its template would otherwise put today's date into the prompt, so that no two days agree.
        convention=Convention(system="You are a helpful assistant."),
        presets=vllm_presets(4096),
        priority="medium",
        specialization_weight=0.3,
        licence="Apache-2.0",
    ),
)
