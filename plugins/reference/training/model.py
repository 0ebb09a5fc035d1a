"""The reference model's shape, its tokenizer and the files of its checkpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

VOCABULARY = 1024
END, PAD = "<eos>", "<pad>"
END_ID, PAD_ID = 0, 1
# One digit a token, with or without the space before it; so no number is ever a single token.
PIECES = r" ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s"
SHARED_SETTINGS = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "hidden_act",
    "rms_norm_eps",
    "rope_parameters",
    "max_position_embeddings",
    "tie_word_embeddings",
    "bos_token_id",
    "eos_token_id",
    "pad_token_id",
)


def build_config() -> Qwen2Config:
    """Six layers, 256 wide: 3.8 million parameters, 7.6 MB as bfloat16."""
    return Qwen2Config(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=512,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        use_cache=True,
        bos_token_id=END_ID,
        eos_token_id=END_ID,
        pad_token_id=PAD_ID,
    )


def build_model() -> Qwen2ForCausalLM:
    """A model with random weights, in float32."""
    return Qwen2ForCausalLM(build_config())


def build_tokenizer(corpus: Iterable[str]) -> Tokenizer:
    """A byte-level BPE tokenizer learnt from the corpus."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def to_llama(model: nn.Module) -> LlamaForCausalLM:
    """The same model under the name of Llama, whose layers differ only in a bias, here zero.

    transformers 5 replaces the pre-tokenizer of every checkpoint that is named `qwen2` by that of
    the Qwen2 models (`MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS` in `tokenization_auto.py`), and
    so would split numbers otherwise than in training. Llama checkpoints keep their own.
    """
    shape = build_config().to_dict()
    kept = {key: shape[key] for key in SHARED_SETTINGS}
    copy = LlamaForCausalLM(LlamaConfig(**kept, attention_bias=True))
    for layer in copy.model.layers:
        nn.init.zeros_(layer.self_attn.o_proj.bias)
    outcome = copy.load_state_dict(model.state_dict(), strict=False)
    strangers = [key for key in outcome.missing_keys if not key.endswith("o_proj.bias")]
    if strangers or outcome.unexpected_keys:
        raise ValueError(f"weights do not fit: {strangers + outcome.unexpected_keys}")
    return copy


def save_checkpoint(model: nn.Module, tokenizer: Tokenizer, folder: Path) -> None:
    """Write the weights as bfloat16, the configuration and the tokenizer, with no chat template."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = to_llama(model).to(torch.bfloat16)
    copy.generation_config.do_sample = False
    copy.save_pretrained(folder)
    # safetensors makes a file that only its owner may read, which a wheel would carry on.
    (folder / "model.safetensors").chmod(0o644)
    tokenizer.save(str(folder / "tokenizer.json"))
    # `PreTrainedTokenizerFast` is the name that every transformers release since 4.0 knows.
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END,
        "pad_token": PAD,
        "model_max_length": 2048,
        "clean_up_tokenization_spaces": False,
    }
    text = json.dumps(settings, indent=2) + "\n"
    (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")
