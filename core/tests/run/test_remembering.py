"""What a run keeps of its models' answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from core.tests.cache.making import answer, model_at, prompt

from evalctl.cache import GenerationCache
from evalctl.engines.api.options import OpenaiOptions
from evalctl.protocols import ModelKind
from evalctl.records import Sampling
from evalctl.run.remembering import Memory
from evalctl.specs import EngineOptions

DRAWN, GREEDY = Sampling(temperature=0.5), Sampling()
OMITTED = OpenaiOptions(omit="temperature")


@pytest.mark.parametrize(
    ("kind", "options", "sampling", "is_kept"),
    [
        ("api", OpenaiOptions(), GREEDY, True),
        ("api", OpenaiOptions(), DRAWN, False),
        ("api", OMITTED, GREEDY, False),
        ("api", EngineOptions(), DRAWN, False),
        ("decoder", EngineOptions(), DRAWN, True),
    ],
)
def test_of_a_server_only_greedy_answers_are_kept(
    tmp_path: Path, kind: ModelKind, options: EngineOptions, sampling: Sampling, is_kept: bool
) -> None:
    (tmp_path / "model").mkdir()
    path = "m@http://host" if kind == "api" else tmp_path / "model"
    model = model_at(path, options, kind=kind)
    asked = prompt(sampling=sampling)
    with Memory(GenerationCache.open(tmp_path / "cache", 1 << 20, warn=print)) as memory:
        memory.keep(model, "generate", asked, answer(lost_requests=3))
        found = memory.find(model, "generate", asked)
    assert (found is not None) == is_kept
    # What was lost was paid by the run that lost it.
    assert found is None or found.lost_requests == 0
