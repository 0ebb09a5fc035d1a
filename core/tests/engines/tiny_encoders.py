"""Tiny models with random weights that give vectors, and their vectors by a plain pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.tests.engines.tiny_classifiers import CONTEXT, KINDS, SHAPE, tokenizer

from evalctl.records import Prompt

HEADS = {
    "Bert": "ForMaskedLM",
    "Roberta": "ForMaskedLM",
    "DistilBert": "Model",
    "ModernBert": "ForMaskedLM",
    "Longformer": "ForMaskedLM",
    "Llama": "ForCausalLM",
    "GPT2": "LMHeadModel",
    "BioGpt": "ForCausalLM",
    "T5": "ForConditionalGeneration",
    "Bart": "ForConditionalGeneration",
}
MORE: dict[str, dict[str, object]] = {
    "Longformer": {"max_position_embeddings": CONTEXT + 1, "attention_window": 8},
    "BioGpt": {},
    "T5": {"d_model": 64, "d_kv": 32, "num_heads": 2, "num_layers": 2, "d_ff": 64},
    "Bart": {
        "d_model": 64,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
        "encoder_ffn_dim": 64,
        "decoder_ffn_dim": 64,
    },
}
UNKNOWN = {"T5": ("initializer_range", "max_position_embeddings"), "Bart": ("initializer_range",)}
"""What a kind's configuration has another word for."""


def write_encoder(folder: Path, kind: str, *, head: str = "") -> Path:
    """Write a model with its tokenizer; by default with the head of its kind."""
    import torch
    import transformers

    torch.manual_seed(5)
    words = tokenizer()
    shape = {**SHAPE, "vocab_size": len(words), **(KINDS | MORE)[kind]}
    given = {name: value for name, value in shape.items() if name not in UNKNOWN.get(kind, ())}
    given |= {"decoder_start_token_id": 0, "eos_token_id": 3, "bos_token_id": 2}
    config = getattr(transformers, f"{kind}Config")(**given)
    getattr(transformers, f"{kind}{head or HEADS[kind]}")(config).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def plain_vectors(folder: Path, asked: list[Prompt], *, pooling: str = "mean") -> dict[str, Any]:
    """Return the vectors of texts, one plain pass after the other, as lists."""
    import torch
    import transformers

    model: Any = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    model = model.get_encoder() if model.config.is_encoder_decoder else model
    words = transformers.AutoTokenizer.from_pretrained(folder)
    found = {}
    for prompt in asked:
        ids = torch.tensor([words(prompt.text, truncation=True, max_length=CONTEXT)["input_ids"]])
        given = {"input_ids": ids}
        if model.config.model_type == "longformer":
            given["global_attention_mask"] = (torch.arange(ids.shape[1]) == 0).long().unsqueeze(0)
        with torch.inference_mode():
            last = model(**given).last_hidden_state[0]
        found[prompt.sample_id] = (last.mean(0) if pooling == "mean" else last[0]).tolist()
    return found
