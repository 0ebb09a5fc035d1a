from __future__ import annotations

import pytest

from evalctl.engines.load_errors import last_words, model_error

TRACEBACK = """Traceback (most recent call last):
  File "core.py", line 5, in start
    raise ValueError("No available memory for the cache blocks.")
ValueError: No available memory for the cache blocks.
RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}
"""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (TRACEBACK, "ValueError: No available memory for the cache blocks."),
        (
            "ValidationError: 1 validation error for ModelConfig\n"
            "  Value error, Model architectures ['Foo'] are not supported. [type=value_error]",
            "Model architectures ['Foo'] are not supported.",
        ),
        ("KeyError: 'x'", "KeyError: 'x'"),
        ("  some text\nand more \n", "and more"),
        ("", "no reason given"),
    ],
)
def test_the_line_that_tells_most_is_found(said: str, expected: str) -> None:
    assert last_words(said) == expected


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate",
            "lower max_model_len or x",
        ),
        (TRACEBACK, "lower max_model_len or x"),
        ("Please pass the argument `trust_remote_code=True`", "trust_remote_code=true"),
        ("Model architectures ['Foo'] are not supported for now", "try another engine"),
        ("Bfloat16 is only supported on GPUs with compute", "dtype=float16"),
        (
            "ValueError: Cannot auto-fit max_model_len: not enough GPU memory available to serve "
            "even a single token. Try increasing `gpu_memory_utilization`.",
            "raise kv_cache_gib or lower max_model_len",
        ),
        ("AssertionError: assert loaded_weight.shape[0] == 5", "weight files do not belong"),
        ("Following weights were not initialized from checkpoint", "weight files do not belong"),
        ("Cannot find any model weights with `x`", "no weights"),
    ],
)
def test_what_a_library_says_becomes_advice_on_one_line(said: str, advice: str) -> None:
    message = str(model_error("tiny", "vllm", said, lower="x"))
    assert message.startswith("model tiny: vllm cannot load it: ")
    assert advice in message
    assert "\n" not in message


def test_an_unknown_architecture_is_named_with_near_ones_and_not_all_of_them() -> None:
    said = (
        "1 validation error for ModelConfig\n  Value error, Model architectures "
        "['LamaForCausalLM'] are not supported for now. Supported architectures: "
        f"dict_keys(['LlamaForCausalLM', {', '.join(repr(f'X{i}') for i in range(300))}])"
        " [type=value_error]"
    )
    assert str(model_error("tiny", "vllm", said, version="0.32.0")) == (
        "model tiny: vllm cannot load it: architecture LamaForCausalLM is not one that vllm 0.32.0 "
        "supports (near ones are LlamaForCausalLM); try another engine or a newer version"
    )


def test_the_librarys_own_advice_does_not_stand_beside_ours() -> None:
    said = "ValueError: 2 GiB KV cache is needed. Try increasing `gpu_memory_utilization` now."
    assert "utilization" not in str(model_error("tiny", "vllm", said, lower="max_num_seqs"))
