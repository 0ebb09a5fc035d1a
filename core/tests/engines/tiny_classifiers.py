"""Tiny classifiers with random weights, and what they give one text at a time without our code."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from evalctl.records import Prompt

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

WORDS = [
    "the",
    "a",
    "cat",
    "dog",
    "sat",
    "on",
    "mat",
    "i",
    "like",
    "you",
    "people",
    "are",
    "great",
    "all",
    "sing",
    "dance",
    ".",
    ",",
    "!",
    "?",
]
CONTEXT = 48
SHAPE = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": CONTEXT,
    "initializer_range": 0.4,
    "pad_token_id": 0,
}
BEHIND_PADDING = {"max_position_embeddings": CONTEXT + 1}
"""RoBERTa's positions begin behind the padding's index, here 0."""
KINDS: dict[str, dict[str, object]] = {
    "Bert": {},
    "Roberta": BEHIND_PADDING,
    "DistilBert": {"dim": 64, "hidden_dim": 64, "n_layers": 2, "n_heads": 2},
    "DebertaV2": {"relative_attention": True, "pos_att_type": ["p2c", "c2p"]},
    "ModernBert": {"global_attn_every_n_layers": 2, "local_attention": 16},
    "Electra": {"embedding_size": 64},
    "Llama": {"num_key_value_heads": 2},
    "Qwen2": {"num_key_value_heads": 2},
    "GPT2": {"n_embd": 64, "n_layer": 2, "n_head": 2, "n_positions": CONTEXT},
    "XLNet": {"d_model": 64, "n_layer": 2, "n_head": 2, "d_inner": 64},
}
UNKNOWN = {"XLNet": ("max_position_embeddings",)}
"""What a kind's configuration refuses."""
LABELS = ("hate", "nothate", "unsure")


def tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer of whole words."""
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    core = Tokenizer(
        models.WordLevel({w: n for n, w in enumerate([*special, *WORDS])}, unk_token="[UNK]")
    )
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    core.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = ("pad", "unk", "cls", "sep", "mask")
    marks = {f"{name}_token": mark for name, mark in zip(names, special, strict=True)}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=core, **marks)


def write_classifier(folder: Path, kind: str, **changes: object) -> Path:
    """Write a classifier of three labels with its tokenizer."""
    import torch
    import transformers

    torch.manual_seed(5)
    words = tokenizer()
    labels = {"id2label": dict(enumerate(LABELS)), "label2id": {x: n for n, x in enumerate(LABELS)}}
    shape = {**SHAPE, "vocab_size": len(words), **labels, **KINDS[kind], **changes}
    given = {name: value for name, value in shape.items() if name not in UNKNOWN.get(kind, ())}
    config = getattr(transformers, f"{kind}Config")(**given)
    model = transformers.AutoModelForSequenceClassification.from_config(config)
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def prompts(count: int, longest: int = 30) -> list[Prompt]:
    """Return texts of different length."""
    chance = random.Random(3)
    texts = [
        " ".join(chance.choice(WORDS) for _ in range(1 + (7 * n) % longest)) for n in range(count)
    ]
    return [Prompt(dataset="d", sample_id=str(n), text=text) for n, text in enumerate(texts)]


def plain(folder: Path, asked: list[Prompt], *, multi: bool = False) -> dict[str, list[float]]:
    """Return the probabilities of each text, one plain pass after the other."""
    import torch
    import transformers

    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        folder, dtype=torch.float32
    ).eval()
    words = transformers.AutoTokenizer.from_pretrained(folder)
    found = {}
    for prompt in asked:
        ids = words(prompt.text, truncation=True, max_length=CONTEXT)["input_ids"]
        with torch.inference_mode():
            logits = model(input_ids=torch.tensor([ids])).logits[0].double()
        found[prompt.sample_id] = (logits.sigmoid() if multi else logits.softmax(-1)).tolist()
    return found
