"""Tiny models with random weights, made once per session; no network, no fixed files."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evalctl.records import Prompt, Sampling

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

with suppress(ImportError):
    # It takes the place of distutils, and vLLM's import of it fails in a process in which another
    # test has had the standard library's.
    import setuptools  # noqa: F401

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WORDS = (
    *("the", "a", "cat", "dog", "sat", "on", "mat", "house", "river", "runs", "fast", "slow"),
    *("seven", "three", "plus", "minus", "equals", "answer", "question", "yes", "no", "maybe"),
    *("because", "therefore", "number", "apple", "tree", "sky", "blue", "green", "red", "of"),
)
CONTEXT = 256

MakePrompts = Callable[..., list[Prompt]]
Scores = Callable[[Path, Prompt], list[tuple[float, int, bool]]]


def sentence(generator: random.Random, length: int) -> str:
    """Return `length` random words as a sentence."""
    return " ".join(generator.choice(WORDS) for _ in range(length)) + "."


def train_tokenizer(
    *, template: str | None, extra: tuple[str, ...] = ()
) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer of about 600 tokens, trained in memory."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<pad>", *extra]
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    generator = random.Random(0)
    core.train_from_iterator([sentence(generator, 12) for _ in range(400)], trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<|endoftext|>", pad_token="<pad>"
    )
    tokenizer.chat_template = template
    return tokenizer


def write_model(folder: Path, kind: str, tokenizer: PreTrainedTokenizerFast) -> Path:
    """Write a 2-layer model of random float32 weights with its tokenizer."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(7)
    shape = {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "max_position_embeddings": CONTEXT,
        "eos_token_id": tokenizer.eos_token_id,
        "bos_token_id": None,
        "pad_token_id": tokenizer.pad_token_id,
        "initializer_range": 0.3,
        "tie_word_embeddings": False,
    }
    if kind == "llama":
        model = LlamaForCausalLM(LlamaConfig(**shape))
    else:
        model = Qwen2ForCausalLM(Qwen2Config(**shape))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    """Where a hosted engine's output goes."""
    return tmp_path / "logs" / "engine.log"


@pytest.fixture
def small_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The modules beside this file can be imported by child processes."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


@pytest.fixture(scope="session")
def llama_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama without a chat template."""
    pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("models") / "llama"
    return write_model(folder, "llama", train_tokenizer(template=None))


@pytest.fixture(scope="session")
def qwen_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Qwen2 with a chat template, `<think>` markers being special tokens."""
    pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("models") / "qwen"
    tokenizer = train_tokenizer(template=TEMPLATE, extra=("<think>", "</think>"))
    return write_model(folder, "qwen2", tokenizer)


@pytest.fixture(scope="session")
def make_prompts() -> MakePrompts:
    """Makes prompts of different lengths, each with its own seed."""

    def make(count: int, sampling: Sampling, n: int = 1) -> list[Prompt]:
        generator = random.Random(1)
        return [
            Prompt(
                dataset="d",
                sample_id=str(index),
                text=sentence(generator, 3 + index % 11),
                sampling=sampling,
                n=n,
                seed=1000 + index,
            )
            for index in range(count)
        ]

    return make


@pytest.fixture(scope="session")
def choice_prompts() -> list[Prompt]:
    """Contexts short and long, doubled, ending in spaces, empty; one continuation is empty.

    Two have continuations of one token alone, one of them twice.
    """
    generator = random.Random(2)
    texts = [sentence(generator, length) for length in (3, 40, 127, 128, 130, 200, 201)]
    texts += [texts[4], texts[0] + "  ", "", texts[5]]
    given = [(" yes", " no maybe the", "seven", "")] * len(texts)
    texts += [texts[5], texts[1]]
    given += [(" cat", " dog", " cat", " mat"), (" the", " a")]
    return [
        Prompt(dataset="d", sample_id=str(index), text=text, continuations=continuations)
        for index, (text, continuations) in enumerate(zip(texts, given, strict=True))
    ]


@pytest.fixture(scope="session")
def reference_scores() -> Scores:
    """Computes log-likelihoods one at a time with plain transformers, without our code."""

    def score(folder: Path, prompt: Prompt) -> list[tuple[float, int, bool]]:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        bare = prompt.text.rstrip()
        context = tokenizer.encode(bare)
        results = []
        for continuation in prompt.continuations:
            whole = tokenizer.encode(prompt.text + continuation)
            wanted = whole[len(context) :]
            start = context or [tokenizer.eos_token_id]
            with torch.no_grad():
                logits = model(torch.tensor([start + wanted])).logits[0]
            rows = torch.log_softmax(logits[len(start) - 1 : -1].double(), -1)
            picked = [float(row[token]) for row, token in zip(rows, wanted, strict=True)]
            greedy = all(
                int(row.argmax()) == token for row, token in zip(rows, wanted, strict=True)
            )
            results.append((sum(picked), len(wanted), greedy))
        return results

    return score
