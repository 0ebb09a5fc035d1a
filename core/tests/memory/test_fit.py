"""Whether models fit, with figures worked out by hand."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from evalctl.memory import (
    Device,
    Memory,
    MemoryEstimate,
    ModelFigures,
    SequenceLength,
    Settings,
    estimate_memory,
)
from evalctl.memory.weights import weights_of_files, weights_of_parameters

G = 10**9
LLAMA: dict[str, JsonValue] = {
    "dtype": "bfloat16",
    "hidden_size": 4096,
    "intermediate_size": 14_336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128_256,
}
EIGHT_B = ModelFigures("meta/Llama-3.1-8B", 16 * G, 8 * G, 131_072, LLAMA)
TINY = ModelFigures(
    "tiny",
    101_000_000,
    None,
    4096,
    {
        "dtype": "bfloat16",
        "hidden_size": 512,
        "intermediate_size": 1408,
        "num_hidden_layers": 6,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "vocab_size": 32_000,
    },
)


def gpus(count: int, total: int = 80 * G, free: int = 80 * G) -> Memory:
    devices = (Device(total, free),) * count
    return Memory("GPU", total * count, free * count, 0, devices)


def ram(free: int, total: int = 24 * G, swap: int = 0) -> Memory:
    return Memory("RAM", total, free, swap)


def vllm(model: ModelFigures, memory: Memory | None, **options: JsonValue) -> MemoryEstimate:
    return estimate_memory(model, Settings("vllm", {"max_num_seqs": 256, **options}), memory)


def transformers(
    model: ModelFigures,
    memory: Memory,
    longest: SequenceLength | None = None,
    **options: JsonValue,
) -> MemoryEstimate:
    settings = Settings("transformers", {"batch_size": 16, **options}, longest)
    return estimate_memory(model, settings, memory)


def test_vllm_shares_what_is_left_of_a_gpu_between_sequences() -> None:
    found = vllm(EIGHT_B, gpus(1), max_model_len=8192)
    activation = 8192 * (8 * 4096 + 4 * 14_336) * 2 + 8 * 128_256 * 256
    cache = 72 * G - 16 * G - G - activation
    assert found.cache_bytes_per_token == 131_072
    assert found.cache_bytes == cache
    assert found.sequences_that_fit == cache // (8192 * 131_072) == 49
    assert found.verdict == "fits_fewer"


def test_vllm_needs_room_for_one_sequence_of_the_context_that_was_asked_for() -> None:
    wants = {"max_model_len": 131_072}  # 17.2 GB of cache beside 16 GB of weights
    assert vllm(EIGHT_B, gpus(1, 24 * G, 24 * G), **wants).verdict == "does_not_fit"
    assert vllm(EIGHT_B, gpus(1, 24 * G, 24 * G)).verdict != "does_not_fit"


def test_a_model_is_spread_over_as_many_gpus_as_asked_for() -> None:
    seventy = ModelFigures("meta/Llama-3.1-70B", None, 70 * G, 131_072, None)
    assert vllm(seventy, gpus(4), tensor_parallel_size=1).verdict == "does_not_fit"
    assert vllm(seventy, gpus(4), tensor_parallel_size=4).verdict == "fits"
    found = vllm(seventy, gpus(2), tensor_parallel_size=4)
    assert found.reason == "tensor_parallel_size is 4, and it has 2 GPUs"


def test_a_latent_cache_is_held_whole_by_every_gpu() -> None:
    config = {**LLAMA, "kv_lora_rank": 512, "qk_rope_head_dim": 64}
    model = ModelFigures("deepseek", 16 * G, None, 8192, config)
    found = vllm(model, gpus(2), tensor_parallel_size=2)
    assert found.cache_bytes is not None
    once = 8192 * 32 * (512 + 64) * 2
    assert found.sequences_that_fit == found.cache_bytes // (2 * once)


def test_a_gpu_that_others_use_is_told_before_vllm_refuses_it() -> None:
    found = vllm(EIGHT_B, gpus(1, 80 * G, 60 * G))
    assert found.verdict == "tight"
    assert "gpu_memory_utilization=0.9 of a GPU, 72 GB, and 60 GB are free" in found.reason


def test_vllm_in_ram_takes_its_cache_whole() -> None:
    found = vllm(TINY, ram(20 * G), max_model_len=2048)
    assert found.cache_bytes == 1 << 30
    assert found.least_bytes == 101_000_000 + (1 << 30)
    assert found.verdict == "fits_fewer"
    assert found.sequences_that_fit == (1 << 30) // (2048 * 6144) == 85


def test_vllm_in_ram_refuses_a_context_that_its_cache_cannot_hold() -> None:
    found = vllm(EIGHT_B, ram(24 * G), max_model_len=16_384)
    assert found.verdict == "does_not_fit"
    assert "16,384 tokens needs a cache of 2.1 GB, and it is 1.1 GB" in found.reason
    assert vllm(EIGHT_B, ram(24 * G), max_model_len=16_384, kv_cache_gib=2.0).verdict != (
        "does_not_fit"
    )


def test_a_cache_without_a_sensible_size_is_as_if_not_asked_for() -> None:
    assert vllm(TINY, ram(20 * G), kv_cache_gib=float("inf")).cache_bytes == 1 << 30


def test_a_batch_of_transformers_is_weights_cache_and_one_layer() -> None:
    found = transformers(TINY, ram(20 * G), SequenceLength(601, 64))
    cache = 16 * 665 * 2 * 6 * 4 * 64 * 2
    layer = 16 * (601 * (8 * 512 + 4 * 1408) * 2 + 8 * 32_000)
    assert found.cache_bytes == cache
    assert found.expected_bytes == 101_000_000 + 490_000_000 + cache + layer
    assert found.verdict == "fits"


def test_transformers_works_on_fewer_where_a_whole_batch_has_no_room() -> None:
    found = transformers(TINY, ram(G), SequenceLength(4000, 96))
    assert found.verdict == "fits_fewer"
    assert found.sequences_that_fit is not None
    assert 1 <= found.sequences_that_fit < 16


def test_between_the_least_and_the_expected_need_it_is_tight_and_not_refused() -> None:
    assert transformers(TINY, ram(500_000_000)).verdict == "tight"
    assert transformers(TINY, ram(100_000_000)).verdict == "does_not_fit"


def test_the_reason_has_the_numbers() -> None:
    found = transformers(TINY, ram(50_000_000, swap=10_000_000))
    assert found.reason == (
        "about 101 MB are needed, and it has 24 GB of RAM, 50 MB of it free, and 10 MB of swap"
    )


def test_an_emptied_machine_is_judged_by_all_that_it_has() -> None:
    busy = ram(50_000_000)
    assert transformers(TINY, busy).verdict == "does_not_fit"
    assert transformers(TINY, busy.emptied()).verdict == "fits"
    assert vllm(EIGHT_B, gpus(1, 80 * G, 10 * G)).verdict == "does_not_fit"
    assert vllm(EIGHT_B, gpus(1, 80 * G, 10 * G).emptied()).verdict == "fits_fewer"


def test_swap_counts_before_anything_is_refused() -> None:
    assert transformers(TINY, ram(100_000_000, swap=G)).verdict != "does_not_fit"


def test_converted_weights_are_there_twice_for_a_moment() -> None:
    found = transformers(TINY, ram(20 * G), SequenceLength(16, 16), dtype="float32")
    assert found.weights_bytes == 202_000_000
    assert found.working_bytes == 490_000_000 + 101_000_000


def test_vllm_halves_32_bit_checkpoints_and_transformers_does_not() -> None:
    model = ModelFigures("x", 4 * G, None, 2048, {**LLAMA, "dtype": "float32"})
    assert vllm(model, gpus(1)).weights_bytes == 2 * G
    assert transformers(model, gpus(1)).weights_bytes == 4 * G


@pytest.mark.parametrize(
    ("path", "asked", "least"),
    [
        ("org/Model-7B", None, 14 * G),
        ("org/Model-7B-AWQ", None, 3.5 * G),
        ("org/Model-7B-GPTQ-Int8", None, 7 * G),
        ("org/Model-7B", "fp8", 7 * G),
        ("org/Model-7B", "bitsandbytes", 3.5 * G),
    ],
)
def test_parameters_times_their_bytes(path: str, asked: str | None, least: float) -> None:
    assert weights_of_parameters(7 * G, path, "bfloat16", asked).least_bytes == least


def test_transformers_unpacks_awq_and_nothing_else() -> None:
    packed, other = (ModelFigures(f"org/Model-7B-{end}", None, 7 * G) for end in ("AWQ", "GPTQ"))
    assert transformers(packed, gpus(1)).weights_bytes == 14 * G
    assert transformers(other, gpus(1)).weights_bytes == vllm(other, gpus(1)).weights_bytes
    assert vllm(packed, gpus(1)).weights_bytes == vllm(other, gpus(1)).weights_bytes


def test_quantised_files_count_as_they_are() -> None:
    config: dict[str, JsonValue] = {"dtype": "float16", "quantization_config": {"bits": 4}}
    assert weights_of_files(5 * G, config, "float32", None).expected_bytes == 5 * G


def test_what_is_unknown_is_never_refused() -> None:
    giant = ModelFigures("x", 10**15)
    assert vllm(giant, None).verdict == "unknown"
    assert vllm(ModelFigures("org/never-seen"), ram(1)).verdict == "unknown"


def test_a_model_without_its_configuration_says_that_the_cache_is_left_out() -> None:
    found = vllm(ModelFigures("org/Model-7B", None, 7 * G, 4096), gpus(1))
    assert found.cache_bytes_per_token is None
    assert "the key-value cache is not counted: its config.json is not here" in found.guesses


def test_another_engine_is_judged_by_its_weights_alone() -> None:
    model = ModelFigures("toy", None, 10**15)
    found = estimate_memory(model, Settings("toy_engine", {}), ram(20 * G))
    assert found.verdict == "does_not_fit"
    assert found.reason.startswith("about 2000000 GB are needed")


BERT: dict[str, JsonValue] = {
    "architectures": ["BertForSequenceClassification"],
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "vocab_size": 30_522,
    "type_vocab_size": 2,
    "max_position_embeddings": 512,
}
CLASSIFIER = ModelFigures("toxic-bert", None, 109_486_854, 512, BERT, "encoder")
QWEN_CLASSIFIER = ModelFigures("guard", 16 * G, None, 8192, LLAMA, "encoder")


@pytest.mark.parametrize("engine", ["transformers", "vllm"])
def test_an_encoder_keeps_no_cache(engine: str) -> None:
    found = estimate_memory(CLASSIFIER, Settings(engine, {}), ram(8 * G))

    assert (found.verdict, found.cache_bytes, found.cache_bytes_per_token) == ("fits", 0, 0)
    assert found.weights_bytes == 4 * 109_486_854  # 32 bits in RAM
    assert not any("cache" in guess for guess in found.guesses)


def test_an_encoder_that_is_not_here_is_known_to_keep_none() -> None:
    unknown = ModelFigures("toxic-bert", None, 109_486_854, 512, None, "encoder")

    found = estimate_memory(unknown, Settings("transformers", {}), gpus(1))

    assert (found.cache_bytes, found.weights_bytes) == (0, 2 * 109_486_854)


def test_a_decoder_with_a_classifier_keeps_a_cache_in_vllm_alone() -> None:
    there = estimate_memory(QWEN_CLASSIFIER, Settings("vllm", {}), gpus(1))
    here = estimate_memory(QWEN_CLASSIFIER, Settings("transformers", {}), gpus(1))

    assert (there.cache_bytes or 0) > 0
    assert here.cache_bytes == 0


def test_a_dtype_that_was_asked_for_is_taken() -> None:
    asked = estimate_memory(CLASSIFIER, Settings("transformers", {"dtype": "bfloat16"}), ram(8 * G))

    assert asked.weights_bytes == 2 * 109_486_854
