"""Models that see, tiny and with random weights: Qwen2-VL, Donut and LayoutLMv3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_QWEN = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>")
_QWEN_MEDIA = ("<|image_pad|>", "<|video_pad|>")
_BART = ("<s>", "<pad>", "</s>", "<unk>")
_DONUT = ("<s_docvqa>", "<s_question>", "</s_question>", "<s_answer>", "</s_answer>")


def write_qwen(path: Path, *, max_pixels: int = 28 * 28 * 16, context: int = 2048) -> Path:
    """Write a Qwen2-VL that makes at most 16 tokens of an image."""
    import torch
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    special = (*_QWEN, *_QWEN_MEDIA)
    tokenizer = _tokenizer(special, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    tokenizer.chat_template = _TEMPLATE
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,  # of 32: vLLM's attention on a CPU knows none smaller
        "num_key_value_heads": 1,
        "intermediate_size": 128,
        "max_position_embeddings": context,
        "rope_parameters": {
            "rope_type": "default",
            "mrope_section": [4, 6, 6],
            "rope_theta": 10000.0,
        },
        "bos_token_id": None,
        "eos_token_id": special.index("<|im_end|>"),
        "pad_token_id": 0,
        "initializer_range": 0.3,
    }
    vision = {"depth": 2, "embed_dim": 32, "num_heads": 4, "hidden_size": 64, "mlp_ratio": 2}
    config = Qwen2VLConfig(
        text_config=text,
        vision_config=vision | {"initializer_range": 0.3},
        image_token_id=special.index("<|image_pad|>"),
        video_token_id=special.index("<|video_pad|>"),
        vision_start_token_id=special.index("<|vision_start|>"),
        vision_end_token_id=special.index("<|vision_end|>"),
    )
    torch.manual_seed(1)
    Qwen2VLForConditionalGeneration(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    pixels = Qwen2VLImageProcessorPil(min_pixels=56 * 56, max_pixels=max_pixels)
    pixels.save_pretrained(path)
    return path


def write_donut(path: Path, *, context: int = 512) -> Path:
    """Write a Donut that sees a page at 64 x 64 pixels."""
    import torch
    from transformers import (
        DonutSwinConfig,
        MBartConfig,
        VisionEncoderDecoderConfig,
        VisionEncoderDecoderModel,
    )
    from transformers.models.donut.image_processing_pil_donut import DonutImageProcessorPil

    tokenizer = _tokenizer(
        (*_BART, *_DONUT), bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )
    encoder = DonutSwinConfig(
        image_size=[64, 64],
        patch_size=4,
        depths=[1, 1],
        num_heads=[2, 2],
        embed_dim=16,
        window_size=4,
        initializer_range=0.3,
    )
    decoder = MBartConfig(
        vocab_size=len(tokenizer),
        d_model=32,
        decoder_layers=2,
        decoder_attention_heads=2,
        decoder_ffn_dim=64,
        max_position_embeddings=context,
        is_decoder=True,
        add_cross_attention=True,
        init_std=0.3,
    )
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(encoder, decoder)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = 0, 1, 2
    torch.manual_seed(1)
    VisionEncoderDecoderModel(config=config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    DonutImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(path)
    return path


def write_layoutlm(path: Path, *, context: int = 128) -> Path:
    """Write a LayoutLMv3 with a head for questions, that reads so many tokens at once."""
    import torch
    from tokenizers import pre_tokenizers
    from transformers import (
        LayoutLMv3Config,
        LayoutLMv3ForQuestionAnswering,
        LayoutLMv3Tokenizer,
    )
    from transformers.models.layoutlmv3.image_processing_pil_layoutlmv3 import (
        LayoutLMv3ImageProcessorPil,
    )

    signs = (*_BART, "<mask>", *sorted(pre_tokenizers.ByteLevel.alphabet()))
    vocabulary = {sign: number for number, sign in enumerate(signs)}
    config = LayoutLMv3Config(
        vocab_size=len(vocabulary),
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=context + 2,
        coordinate_size=8,
        shape_size=8,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        initializer_range=0.3,
    )
    torch.manual_seed(1)
    LayoutLMv3ForQuestionAnswering(config).save_pretrained(path)
    LayoutLMv3Tokenizer(vocab=vocabulary, merges=[]).save_pretrained(path)
    LayoutLMv3ImageProcessorPil(apply_ocr=False).save_pretrained(path)
    return path


def _tokenizer(special: tuple[str, ...], **roles: str) -> Any:  # noqa: ANN401
    """Return a tokenizer with a token for each byte, after the special ones."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    signs = (*special, *sorted(pre_tokenizers.ByteLevel.alphabet()))
    vocabulary = {sign: number for number, sign in enumerate(signs)}
    bare = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=bare, additional_special_tokens=list(special), **roles
    )
