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
        ("Following weights were not initialized from checkpoint", "weight files do not belong"),
        ("Cannot find any model weights with `x`", "no weights"),
    ],
)
def test_what_a_library_says_becomes_advice_on_one_line(said: str, advice: str) -> None:
    message = str(model_error("tiny", "vllm", said, lower="x"))
    assert message.startswith("model tiny: vllm cannot load it: ")
    assert advice in message
    assert "\n" not in message
