"""Models for images: one that talks about them, one that reads pages, one that reads words.

Parameter counts follow from the configurations' shapes.
"""

from __future__ import annotations

from evalctl import Convention, ModelSpec, Preset

_A_MEGAPIXEL = 1280 * 28 * 28
_A_QUARTER = 320 * 28 * 28

MODELS = (
    ModelSpec(
        name="qwen2_vl_7b",
        title="Qwen2-VL 7B Instruct",
        path="Qwen/Qwen2-VL-7B-Instruct",
        kind="vision_language",
        is_instruct=True,
        parameters=8_291_375_616,
        context_length=32_768,
        engine="transformers",
        presets={
            "balanced": Preset(
                engine="transformers",
                options={"dtype": "bfloat16", "max_image_pixels": _A_MEGAPIXEL, "batch_size": 4},
            ),
            "performance": Preset(
                engine="transformers",
                options={"dtype": "bfloat16", "max_image_pixels": _A_QUARTER, "batch_size": 8},
            ),
            "quality": Preset(
                engine="transformers", options={"dtype": "bfloat16", "batch_size": 1}
            ),
        },
        priority="high",
        specialization_weight=0.9,
        licence="Apache-2.0",
    ),
    ModelSpec(
        name="donut_base",
        title="Donut, base, for questions about documents",
        path="naver-clova-ix/donut-base-finetuned-docvqa",
        kind="document",
        parameters=200_417_400,
        context_length=128,
        engine="transformers",
        convention=Convention(
            chat="never",
            wrap="<s_docvqa><s_question>{instruction}</s_question><s_answer>",
            is_bare=True,
        ),
        presets={"balanced": Preset(engine="transformers", options={"batch_size": 4})},
        priority="medium",
        specialization_weight=0.8,
        licence="MIT",
        datasets=("docvqa", "chartqa", "multimodal_sample"),
    ),
    ModelSpec(
        name="layoutlmv3_base",
        title="LayoutLMv3, base, for questions about documents (MP-DocVQA)",
        path="rubentito/layoutlmv3-base-mpdocvqa",
        kind="document",
        parameters=125_919_874,
        context_length=512,
        engine="transformers",
        convention=Convention(chat="never"),
        presets={"balanced": Preset(engine="transformers", options={"dtype": "float32"})},
        priority="medium",
        specialization_weight=0.8,
        licence="not stated; made from a model under CC-BY-NC-SA-4.0",
        datasets=("docvqa_words", "multimodal_sample_words"),
    ),
)
