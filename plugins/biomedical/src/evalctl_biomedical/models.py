"""The models that suit biomedicine, each asked as its card says.

Parameter counts follow from the configurations' shapes. Revisions are hub commits that public
projects have pinned or kept; None where none was found.
"""

from __future__ import annotations

from evalctl import Convention, ModelSpec, Preset, vllm_presets

_INSTRUCT = "[INST] {instruction} [/INST]"
"""Source: the card of Mistral-7B-Instruct-v0.1, which BioMistral-7B was trained on from."""

_ALPACA = (
    "Below is an instruction that describes a task, paired with an input that provides further "
    "context. Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{instruction}\n\n### Response:\n"
)
"""Source: kbressem/medAlpaca, `prompt_templates/medalpaca.json`, which the models were trained
with; questions carry their context with them, so that there is no further input."""

_VICUNA = (
    "A chat between a curious user and an artificial intelligence assistant. The assistant gives "
    "helpful, detailed, and polite answers to the user's questions. "
    "USER: {instruction} ASSISTANT:"
)
"""Source: bowang-lab/clinical-camel: trained and asked by FastChat, whose conversations of that
time have this form (`fastchat/conversation.py`, `vicuna_v1.1`)."""


def _transformers(batch_size: int, **options: int) -> dict[str, Preset]:
    """Return settings for transformers; a larger batch is quicker where memory allows it."""
    return {
        "balanced": Preset(engine="transformers", options={"batch_size": batch_size, **options}),
        "performance": Preset(
            engine="transformers", options={"batch_size": 4 * batch_size, **options}
        ),
    }


MODELS = (
    ModelSpec(
        name="biomistral_7b",
        title="BioMistral-7B, AWQ: weights of 4 bits",
        path="BioMistral/BioMistral-7B-AWQ-QGS128-W4-GEMM",
        revision="6739b645fb6a30dd9029c06b0bb477a47736648d",
        is_instruct=True,
        parameters=7_241_732_096,
        context_length=32_768,
        engine="vllm",
        convention=Convention(chat="never", wrap=_INSTRUCT),
        presets=vllm_presets(4096, dtype="float16"),
        priority="high",
        specialization_weight=1.0,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="biomistral_7b_unquantized",
        title="BioMistral-7B",
        path="BioMistral/BioMistral-7B",
        revision="9a11e1ffa817c211cbb52ee1fb312dc6b61b40a5",
        is_instruct=True,
        parameters=7_241_732_096,
        context_length=32_768,
        engine="vllm",
        convention=Convention(chat="never", wrap=_INSTRUCT),
        presets=vllm_presets(4096),
        priority="medium",
        specialization_weight=1.0,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="biomedlm_7b",
        title="BioMedLM: in spite of its name here a GPT-2 of 2.6 billion parameters",
        path="stanford-crfm/BioMedLM",
        revision="3e1a0abb814b8398bc34b4b6680ecf2c26d6a66f",
        parameters=2_594_247_680,
        context_length=1024,
        engine="vllm",
        presets=vllm_presets(1024),
        priority="medium",
        specialization_weight=0.9,
        licence="BigScience BLOOM RAIL 1.0",
    ),
    ModelSpec(
        name="medalpaca_7b",
        title="MedAlpaca 7b",
        path="medalpaca/medalpaca-7b",
        revision="fbb41b75d5a46ba405d496db1083a6f1d3df72a2",
        is_instruct=True,
        parameters=6_738_415_616,
        context_length=2048,
        engine="vllm",
        convention=Convention(chat="never", wrap=_ALPACA),
        presets=vllm_presets(2048, dtype="float16"),
        priority="medium",
        specialization_weight=0.9,
        licence="Creative Commons, without saying which",
    ),
    ModelSpec(
        name="medalpaca_13b",
        title="MedAlpaca 13b",
        path="medalpaca/medalpaca-13b",
        is_instruct=True,
        parameters=13_015_864_320,
        context_length=2048,
        engine="vllm",
        convention=Convention(chat="never", wrap=_ALPACA),
        presets=vllm_presets(2048, dtype="float16"),
        priority="medium",
        specialization_weight=0.9,
        licence="Creative Commons, without saying which",
    ),
    ModelSpec(
        name="clinical_camel_70b",
        title="Clinical Camel 70B",
        path="wanglab/ClinicalCamel-70B",
        is_instruct=True,
        parameters=68_976_648_192,
        context_length=4096,
        engine="vllm",
        convention=Convention(chat="never", wrap=_VICUNA),
        presets=vllm_presets(4096, dtype="float16", gpus=4),
        priority="low",
        specialization_weight=0.9,
        licence="Llama 2 Community License",
    ),
    ModelSpec(
        name="biogpt",
        title="BioGPT",
        path="microsoft/biogpt",
        revision="eb0d815e95434dc9e3b78f464e52b899bee7d923",
        parameters=346_763_264,
        context_length=1024,
        engine="transformers",
        presets=_transformers(16),
        priority="medium",
        specialization_weight=0.9,
        licence="MIT",
    ),
    ModelSpec(
        name="biogpt_large",
        title="BioGPT-Large",
        path="microsoft/BioGPT-Large",
        revision="c6a5136a91c5e3150d9f05ab9d33927a3210a22e",
        parameters=1_571_188_800,
        context_length=2048,
        engine="transformers",
        presets=_transformers(8),
        priority="medium",
        specialization_weight=0.9,
        licence="MIT",
    ),
    ModelSpec(
        name="bio_clinicalbert",
        title="Bio_ClinicalBERT: an encoder of clinical notes",
        path="emilyalsentzer/Bio_ClinicalBERT",
        revision="d5892b39a4adaed74b92212a44081509db72f87b",
        kind="encoder",
        parameters=108_310_272,
        context_length=512,
        engine="transformers",
        presets=_transformers(32),
        priority="low",
        specialization_weight=0.8,
        licence="MIT",
    ),
    ModelSpec(
        name="pubmedbert_large",
        title="BiomedBERT large, formerly PubMedBERT: an encoder of abstracts",
        path="microsoft/BiomedNLP-BiomedBERT-large-uncased-abstract",
        revision="f18ff5ec008285849e7c467b2618262b0def6238",
        kind="encoder",
        parameters=335_141_888,
        context_length=512,
        engine="transformers",
        presets=_transformers(16),
        priority="low",
        specialization_weight=0.8,
        licence="MIT",
    ),
    ModelSpec(
        name="clinical_t5_large",
        title="Clinical-T5-Large: trained on clinical notes alone, to fill in spans",
        path="xyla/Clinical-T5-Large",
        revision="8c62bd7dfddedc289c7cf945f452cb467415edb9",
        kind="encoder_decoder",
        parameters=737_668_096,
        context_length=512,
        engine="transformers",
        # Its positions are relative: more than the 512 tokens of its training can be read.
        presets=_transformers(16, max_model_len=1024),
        priority="low",
        specialization_weight=0.6,
        licence="MIT as its card states; the original on PhysioNet is for credentialed users",
    ),
)
