"""What a plan makes of models that cannot do what a dataset needs, before anything is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from core.tests.test_registry import A, B

from evalctl import EngineOptions, ModelError, ModelFacts, ModelRef
from evalctl.assembly import Contribution, assemble
from evalctl.engines.plugin import evalctl_engines
from evalctl.plan import RunSpec, make
from evalctl.plugins import Loaded
from evalctl_biomedical.plugin import evalctl_categories


def look(model: ModelRef, options: EngineOptions) -> ModelFacts:
    """Know nothing of a model, as of one that is to be fetched."""
    return ModelFacts()


@pytest.fixture
def installed() -> Loaded:
    """The category, with engines that look at no files."""
    (category,) = evalctl_categories()
    engines = [spec.model_copy(update={"check": look}) for spec in evalctl_engines()]
    registry, refused = assemble(
        [Contribution(A, engines=tuple(engines)), Contribution(B, categories=(category,))]
    )
    assert not refused
    return Loaded(registry, ())


def ask(data: Path, model: str, *datasets: str) -> RunSpec:
    named = {"datasets": datasets} if datasets else {"categories": ("biomedical",)}
    return RunSpec(models=(model,), data_folders=(data,), samples=2, cache=False, **named)


@pytest.mark.parametrize("model", ["bio_clinicalbert", "pubmedbert_large"])
@pytest.mark.parametrize("dataset", ["pubmedqa", "bioasq"])
def test_an_encoder_is_not_asked_for_text_or_log_likelihoods(
    model: str, dataset: str, installed: Loaded, benchmark_data: Path
) -> None:
    with pytest.raises(ModelError, match="model of the kind encoder can be asked to"):
        make(ask(benchmark_data, model, dataset), installed)


def test_an_encoder_decoder_is_told_what_to_ask_it_instead(
    installed: Loaded, benchmark_data: Path
) -> None:
    with pytest.raises(ModelError, match="pubmedqa_written asks for it in words"):
        make(ask(benchmark_data, "clinical_t5_large", "pubmedqa"), installed)


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        ("clinical_t5_large", ["pubmedqa_written", "bioasq", "bioasq_ideal", "mediqa", "chemprot"]),
        ("biogpt", ["pubmedqa", "bioasq", "bioasq_ideal", "mediqa", "chemprot"]),
        ("biogpt_large", ["pubmedqa", "bioasq", "bioasq_ideal", "mediqa", "chemprot"]),
    ],
)
def test_in_the_category_each_model_gets_what_it_can_answer(
    model: str, asked: list[str], installed: Loaded, benchmark_data: Path
) -> None:
    plan = make(ask(benchmark_data, model), installed)
    assert sorted(dataset.name for dataset in plan.models[0].datasets) == sorted(asked)


def test_a_local_t5_is_known_by_its_files(benchmark_data: Path, tmp_path: Path) -> None:
    (category,) = evalctl_categories()
    registry, _ = assemble(
        [
            Contribution(A, engines=tuple(evalctl_engines())),
            Contribution(B, categories=(category,)),
        ]
    )
    config = {"architectures": ["T5ForConditionalGeneration"], "model_type": "t5"}
    (tmp_path / "config.json").write_text(json.dumps({**config, "is_encoder_decoder": True}))
    (tmp_path / "tokenizer.json").write_text('{"model": {}}')
    (tmp_path / "pytorch_model.bin").write_bytes(b"PK\x03\x04")
    asked = ask(benchmark_data, f"transformers:{tmp_path}", "pubmedqa")
    with pytest.raises(
        ModelError, match="a T5ForConditionalGeneration can be asked to `embed`, `generate`"
    ):
        make(asked, Loaded(registry, ()))
