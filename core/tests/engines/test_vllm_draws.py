"""In a file of its own: closing an engine ends what another one in this process stands on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from evalctl.engines.vllm import open_engine
from evalctl.engines.vllm_options import VllmOptions
from evalctl.protocols import ModelRef
from evalctl.records import Generation, Prompt, Sampling

pytest.importorskip("vllm")
pytestmark = pytest.mark.vllm


def texts(generations: Iterable[Generation]) -> dict[str, list[str]]:
    """Return the texts by sample."""
    return {g.sample_id: [completion.text for completion in g.completions] for g in generations}


def test_seeded_draws_hold_where_a_batch_cannot_take_all_prompts(llama_folder: Path) -> None:
    prompts = [
        Prompt(
            dataset="d",
            sample_id=str(index),
            text=f"{index} " + "the cat sat on a mat " * (index % 7 + 20),
            sampling=Sampling(temperature=1.0, max_tokens=8),
            n=4,
            seed=index,
        )
        for index in range(60)
    ]
    model = ModelRef(name="llama", path=str(llama_folder), is_local=True)
    found: list[dict[str, list[str]]] = []
    for gib in (0.25, 0.004):  # the second holds some 4,000 tokens, so that some are preempted
        options = VllmOptions(dtype="float32", kv_cache_gib=gib)
        engine = open_engine(model, options)
        generations = list(engine.generate(prompts))
        assert sum(generation.prompt_tokens for generation in generations) > 2 * 4096
        found += [texts(generations), texts(engine.generate(reversed(prompts)))]
        engine.close()
    assert all(len(set(completions)) > 1 for completions in found[0].values())
    assert found[1:] == found[:1] * 3


def test_answers_are_held_to_a_json_schema(llama_folder: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"label": {"enum": ["cat", "dog"]}},
        "required": ["label"],
        "additionalProperties": False,
    }
    sampling = Sampling(temperature=1.0, max_tokens=60, json_schema=json.dumps(schema))
    prompts = [
        Prompt(dataset="d", sample_id=str(seed), text="the", sampling=sampling, seed=seed)
        for seed in range(30)
    ]
    engine = open_engine(
        ModelRef(name="llama", path=str(llama_folder), is_local=True),
        VllmOptions(dtype="float32", kv_cache_gib=0.25),
    )

    given = [generation.completions[0] for generation in engine.generate(prompts)]
    engine.close()

    # Weights are random: some write the spaces that JSON allows until the limit ends them.
    whole = [json.loads(one.text) for one in given if one.finish_reason == "stop"]
    assert {one["label"] for one in whole} == {"cat", "dog"}
    assert all(one.keys() == {"label"} for one in whole)
    assert all(one.text.startswith("{") for one in given)
