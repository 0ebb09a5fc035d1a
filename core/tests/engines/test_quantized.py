"""AWQ in vLLM: served where this machine can, refused with the reason where it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from core.tests.engines.quantized import write_awq

from evalctl.engines.local_model import check
from evalctl.engines.quantized import kernel_problem
from evalctl.engines.vllm_options import VllmOptions
from evalctl.errors import ModelError
from evalctl.protocols import ModelRef
from evalctl.records import Prompt, Sampling

OPTIONS = VllmOptions(max_num_seqs=4, kv_cache_gib=0.25)


def ref(folder: Path) -> ModelRef:
    return ModelRef(name="tiny", path=str(folder), is_local=True)


@pytest.mark.parametrize(
    ("method", "has_kernel", "is_refused"),
    [
        ("awq", False, True),
        ("gptq", False, True),
        ("awq", True, False),
        ("fp8", False, False),
        (None, False, False),
    ],
)
def test_weights_of_four_bits_need_a_kernel_on_a_cpu(
    tmp_path: Path, method: str | None, has_kernel: bool, is_refused: bool
) -> None:
    stated = {"quantization_config": {"quant_method": method}} if method else {}
    (tmp_path / "config.json").write_text(json.dumps(stated))
    problem = kernel_problem(ref(tmp_path), has_kernel=has_kernel)
    assert ("AVX-512" in problem) == is_refused


def test_a_model_that_is_not_here_is_not_refused() -> None:
    model = ModelRef(name="far", path="someone/far-away")
    assert kernel_problem(model, has_kernel=False) == ""


@pytest.fixture(scope="module")
def awq(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("transformers")
    return write_awq(tmp_path_factory.mktemp("awq") / "mistral")


def test_an_awq_checkpoint_is_recognised(awq: Path) -> None:
    facts = check(ref(awq), OPTIONS)
    assert (facts.architecture, facts.kind) == ("MistralForCausalLM", "decoder")
    assert facts.weight_bytes is not None
    assert facts.weight_bytes < 2_000_000


def outcome(folder: Path) -> str:
    """Return what came of asking it: how it says it is quantised, or why it was refused."""
    from evalctl.engines.vllm import open_engine

    try:
        engine = open_engine(ref(folder), OPTIONS)
    except ModelError as error:
        return str(error)
    prompt = Prompt(dataset="d", sample_id="1", text="the cat", sampling=Sampling(max_tokens=4))
    (generation,) = engine.generate([prompt])
    engine.close()
    return generation.error or str(engine.info.settings["quantization"])


@pytest.mark.vllm
def test_an_awq_mistral_is_served_or_refused_before_it_is_loaded(awq: Path) -> None:
    pytest.importorskip("vllm")
    found = outcome(awq)
    from evalctl.engines.vllm import has_kernel

    assert found == ("awq" if has_kernel() else kernel_problem(ref(awq), has_kernel=False))
