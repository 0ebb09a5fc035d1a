"""Models of the category's architectures, tiny and with random weights."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from core.tests.engines.quantized import save_awq

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

CONTEXT = 4096


def _biogpt(tokens: dict[str, int]) -> PreTrainedModel:
    from transformers import BioGptConfig, BioGptForCausalLM

    config = BioGptConfig(**tokens, **_BERT_LIKE, hidden_act="gelu")
    return BioGptForCausalLM(config)


def _gpt2(tokens: dict[str, int]) -> PreTrainedModel:
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(
        GPT2Config(
            **tokens,
            n_embd=32,
            n_layer=2,
            n_head=2,
            n_positions=CONTEXT,
            initializer_range=0.3,
            scale_attn_by_inverse_layer_idx=True,
        )
    )


def _llama(tokens: dict[str, int]) -> PreTrainedModel:
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(LlamaConfig(**tokens, **_BERT_LIKE, num_key_value_heads=2))


def _mistral(tokens: dict[str, int]) -> PreTrainedModel:
    from transformers import MistralConfig, MistralForCausalLM

    config = MistralConfig(**tokens, **_BERT_LIKE, num_key_value_heads=1, sliding_window=256)
    return MistralForCausalLM(config)


def _wide_mistral(tokens: dict[str, int]) -> PreTrainedModel:
    from transformers import MistralConfig, MistralForCausalLM

    wide = {**_BERT_LIKE, "hidden_size": 128, "intermediate_size": 128}
    return MistralForCausalLM(MistralConfig(**tokens, **wide, num_key_value_heads=1))


def _t5(tokens: dict[str, int]) -> PreTrainedModel:
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(
        **tokens,
        decoder_start_token_id=tokens["pad_token_id"],
        d_model=32,
        d_ff=64,
        d_kv=16,
        num_layers=2,
        num_heads=2,
        initializer_factor=3.0,
    )
    config.n_positions = CONTEXT
    return T5ForConditionalGeneration(config)


_BERT_LIKE = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": CONTEXT,
    "initializer_range": 0.3,
}
KINDS: dict[str, Callable[[dict[str, int]], PreTrainedModel]] = {
    "biogpt": _biogpt,
    "gpt2": _gpt2,
    "llama": _llama,
    "mistral": _mistral,
    "mistral_awq": _wide_mistral,
    "t5": _t5,
}


def write_model(folder: Path, kind: str) -> Path:
    """Write one with the reference model's tokenizer; return the folder."""
    import torch
    from transformers import AutoTokenizer

    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
        str(files("evalctl_reference") / "checkpoint")
    )
    torch.manual_seed(3)
    tokens = {
        "vocab_size": len(tokenizer),
        "eos_token_id": tokenizer.eos_token_id,
        "bos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    model = KINDS[kind](tokens)
    save = save_awq if kind.endswith("_awq") else type(model).save_pretrained
    save(model, folder)
    tokenizer.save_pretrained(folder)
    return folder
