"""Classifiers in vLLM agree with transformers; a real engine is started for each model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from core.tests.engines.tiny_classifiers import CONTEXT, LABELS, plain, prompts, write_classifier

from evalctl.engines.host import HostedEngine, Listener
from evalctl.engines.plugin import evalctl_engines
from evalctl.engines.vllm_options import VllmOptions
from evalctl.protocols import ModelRef
from evalctl.records import Prompt

pytestmark = pytest.mark.vllm
pytest.importorskip("vllm")
SIX = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
SHAPES: dict[str, dict[str, Any]] = {
    "Bert": {
        "id2label": dict(enumerate(SIX)),
        "label2id": {label: number for number, label in enumerate(SIX)},
        "problem_type": "multi_label_classification",
    },
    "Qwen2": {},
}


@pytest.mark.parametrize("kind", SHAPES)
def test_probabilities_are_those_of_transformers(kind: str, tmp_path: Path, log_path: Path) -> None:
    folder = write_classifier(tmp_path / kind, kind, **SHAPES[kind])
    asked = [*prompts(40), Prompt(dataset="d", sample_id="long", text="the cat sat " * 40)]
    spec = next(engine for engine in evalctl_engines() if engine.name == "vllm")
    engine = HostedEngine.open(
        spec,
        ModelRef(name="tiny", path=str(folder), kind="encoder", is_local=True),
        VllmOptions(max_num_seqs=8, kv_cache_gib=0.1),
        log_path=log_path,
        listener=Listener(lambda phase: None),
    )

    found = {one.sample_id: one for one in engine.classify(asked)}
    info = engine.info
    engine.close()

    expected = plain(folder, asked, multi=kind == "Bert")
    names = SIX if kind == "Bert" else LABELS
    assert set(found) == set(expected)
    for sample_id, one in found.items():
        assert tuple(one.labels) == names
        assert list(one.labels.values()) == pytest.approx(expected[sample_id], abs=1e-3)
    assert (found["long"].is_prompt_cut, found["long"].prompt_tokens) == (True, CONTEXT)
    assert sum(one.is_prompt_cut for one in found.values()) == 1
    assert (info.dtype, info.context_length) == ("float32", CONTEXT)
