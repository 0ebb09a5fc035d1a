"""A probe ends in time, whatever the engine does, and tells what it saw."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from core.tests.engines.hosting import SMALL, is_alive

from evalctl.engines.host import HostedEngine
from evalctl.errors import EngineError, ModelError
from evalctl.estimates import probe as probing
from evalctl.estimates.probe import NEW_TOKENS, Probe, probe
from evalctl.plan import PlannedModel
from evalctl.protocols import ModelFacts, ModelRef
from evalctl.records import Prompt, Sampling
from evalctl.specs import EngineOptions

pytestmark = pytest.mark.usefixtures("small_engines")


def probed(behaviour: str, phases: list[str] | None = None, count: int = 16) -> Probe:
    model = PlannedModel(
        ref=ModelRef(name="small", path=behaviour),
        spec=None,
        engine=SMALL,
        options=EngineOptions(),
        facts=ModelFacts(),
        datasets=(),
    )
    heard = phases if phases is not None else []
    return probe(model, prompts(count), "generate", heard.append)


def prompts(count: int) -> Sequence[tuple[Prompt, int]]:
    sampling = Sampling(max_tokens=10 * NEW_TOKENS)
    return [
        (Prompt(dataset="d", sample_id=str(number), text="x", n=3, sampling=sampling), 1)
        for number in range(count)
    ]


def test_a_probe_tells_what_it_saw() -> None:
    phases: list[str] = []
    found = probed("echo", phases)
    assert (found.report.prompts, found.report.answered) == (16, 16)
    assert found.report.load_seconds > 0
    assert found.report.peak_memory_bytes is not None
    assert 5_000_000 < found.report.peak_memory_bytes < 1_000_000_000
    assert phases[-1] == "asking 16 prompts"


def test_a_probe_that_takes_too_long_ends_with_what_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probing, "SECONDS", 2.5)
    began = time.monotonic()
    found = probed("slow")
    assert found.report.prompts == 16
    assert 1 <= found.report.answered < 16
    assert time.monotonic() - began < 15


def test_an_engine_that_never_answers_is_ended_with_its_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probing, "SECONDS", 0.5)
    started: list[int] = []
    kill = HostedEngine.kill
    monkeypatch.setattr(
        HostedEngine, "kill", lambda engine: (started.append(engine.pid), kill(engine))
    )
    found = probed("deaf")
    assert found.report.answered == 0
    assert found.tokens_per_second is None
    assert [is_alive(pid) for pid in started] == [False]


def test_an_engine_that_dies_by_itself_is_an_error() -> None:
    with pytest.raises(EngineError):
        probed("killed at eleven")


def test_a_model_that_cannot_be_loaded_is_the_users_error() -> None:
    with pytest.raises(ModelError, match="no such folder"):
        probed("model error")


@pytest.mark.parametrize(
    ("tokens", "mean", "spread"),
    [((100, 100, 100, 100), 100, 0.1), ((50, 150), 100, 0.9), ((80,), 80, 0.5)],
)
def test_few_or_uneven_answers_make_the_range_wide(
    tokens: tuple[int, ...], mean: float, spread: float
) -> None:
    from evalctl.estimates.probe import _length
    from evalctl.records import Completion, Generation

    answers = [
        Generation(
            dataset="d", sample_id="1", completions=(Completion(text="", output_tokens=count),)
        )
        for count in tokens
    ]
    found = _length(answers, "d", 256)
    assert found is not None
    assert (found.mean, found.spread, found.is_cut) == (mean, pytest.approx(spread), False)
