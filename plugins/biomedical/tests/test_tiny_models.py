"""Each kind of model that the category has is loaded and asked its datasets' real rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from plugins.biomedical.tests.tiny_models import KINDS, write_model

from evalctl import DatasetSpec, Engine, ModelRef, Sampling
from evalctl.engines.transformers import open_engine
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.plan import load_dataset
from evalctl.plan.datasets import Part
from evalctl.proving.gold import planned_for_check
from evalctl.results import SampleResult
from evalctl.scoring import ScoringPool
from evalctl_biomedical.datasets import DATASETS

pytest.importorskip("torch")
pytest.importorskip("transformers")

SHORT = Sampling(max_tokens=6)
BY_NAME = {spec.name: spec for spec in DATASETS}
ASKED = {
    "biogpt": ("pubmedqa", "bioasq"),
    "gpt2": ("pubmedqa", "bioasq"),
    "llama": ("pubmedqa", "mediqa_rqe", "chemprot_letters", "bioasq", "bioasq_ideal"),
    "mistral": ("pubmedqa", "mediqa"),
    "mistral_awq": ("pubmedqa", "bioasq", "mediqa", "chemprot"),
    "t5": ("pubmedqa_written", "chemprot"),
}


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    folder = tmp_path_factory.mktemp("tiny")
    opened = {}
    for kind in KINDS:
        path = write_model(folder / kind, kind)
        model = ModelRef(name=kind, path=str(path), is_local=True)
        opened[kind] = open_engine(model, TransformersOptions(dtype="float32", batch_size=4))
    yield opened
    for engine in opened.values():
        engine.close()


def results(engine: Engine, spec: DatasetSpec, data: Path) -> list[SampleResult]:
    """Ask two rows and score what comes back."""
    loaded = load_dataset(spec, "biomedical", [data], Part(limit=2))
    asked = {one.sample.id: one for one in planned_for_check(loaded).prompts(seed=0)}
    prompts = [one.prompt.model_copy(update={"sampling": SHORT}) for one in asked.values()]
    ask = engine.choose if spec.needs == "choose" else engine.generate
    pool = ScoringPool()
    found = [
        result
        for generation in ask(prompts)
        for result in pool.score(asked[generation.sample_id], generation)
    ]
    pool.close()
    return found


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, names in ASKED.items() for name in names],
)
def test_each_architecture_answers_real_rows(
    kind: str, name: str, engines: dict[str, Engine], benchmark_data: Path
) -> None:
    spec = BY_NAME[name]
    found = results(engines[kind], spec, benchmark_data)

    assert len(found) == 2
    assert [result.generation.error for result in found] == [None, None]
    given = [score for result in found for scores in result.scores.values() for score in scores]
    assert given
    assert not any(score.failed for score in given)
