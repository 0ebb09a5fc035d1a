"""Vectors in vLLM agree with transformers; a real engine is started for each model."""

from __future__ import annotations

from pathlib import Path

import pytest
from core.tests.engines.tiny_classifiers import CONTEXT, prompts
from core.tests.engines.tiny_encoders import plain_vectors, write_encoder

from evalctl.engines.host import HostedEngine, Listener
from evalctl.engines.plugin import evalctl_engines
from evalctl.engines.vllm_options import VllmOptions
from evalctl.protocols import ModelRef
from evalctl.records import Prompt

pytestmark = pytest.mark.vllm
pytest.importorskip("vllm")


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_vectors_are_those_of_transformers(pooling: str, tmp_path: Path, log_path: Path) -> None:
    folder = write_encoder(tmp_path / "bert", "Bert", head="Model")
    asked = [*prompts(40), Prompt(dataset="d", sample_id="long", text="the cat sat " * 40)]
    spec = next(engine for engine in evalctl_engines() if engine.name == "vllm")
    model = ModelRef(name="tiny", path=str(folder), kind="encoder", is_local=True)
    options = VllmOptions.model_validate(
        {"max_num_seqs": 8, "kv_cache_gib": 0.1, "pooling": pooling}
    )
    facts = spec.check(model, options)
    listener = Listener(lambda phase: None)
    engine = HostedEngine.open(spec, model, options, log_path=log_path, listener=listener)

    found = {one.sample_id: one for one in engine.embed(asked)}
    engine.close()

    expected = plain_vectors(folder, asked, pooling=pooling)
    assert (facts.capabilities, set(found)) == (("embed",), set(expected))
    for sample_id, one in found.items():
        assert one.vector == pytest.approx(expected[sample_id], abs=1e-3)
    assert (found["long"].is_prompt_cut, found["long"].prompt_tokens) == (True, CONTEXT)
