"""How a run ends whose server refuses all that follows: with all that was answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from core.tests.engines import misbehaving_server as server_acts
from core.tests.engines.api_engines import (
    OPENERS,
    Opener,
    open_anthropic,
    opened,
    prompts,
)
from core.tests.engines.misbehaving_server import Exchange, refuse, serving

from evalctl.engines.api.engine import MOST_LOST, MOST_REFUSED, ApiEngine
from evalctl.engines.phases import listening
from evalctl.errors import EngineStoppedError
from evalctl.records import Generation, Prompt


@pytest.fixture(params=OPENERS, autouse=True)
def opener(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Opens one of the engines; back-off is there, and short."""
    monkeypatch.setattr("evalctl.engines.api.retrying.FIRST_SECONDS", 0.002)
    return OPENERS[request.param]


def test_a_server_that_is_gone_ends_the_run_and_not_sample_after_sample(opener: Opener) -> None:
    with (
        serving(then=refuse(500, "boom")) as server,
        opened(opener, server, max_attempts=2, max_concurrency=1) as engine,
        pytest.raises(EngineStoppedError, match="samples in a row given up"),
    ):
        list(engine.generate(prompts(100)))
    assert len(server.asked) == 2 * MOST_LOST


HOPELESS = {
    "a key": refuse(401, "Incorrect API key provided: sk-abcdefghijkl"),
    "a permission": refuse(403, "not yours"),
    "a quota": refuse(429, "You exceeded your current quota", code="insufficient_quota"),
    "a bill": refuse(400, "Your credit balance is too low"),
    "a long wait": refuse(429, "come back tomorrow", retry_after="86400"),
}


@pytest.mark.parametrize("refusal", HOPELESS)
def test_what_no_patience_mends_ends_the_run_at_once(opener: Opener, refusal: str) -> None:
    with (
        serving(then=HOPELESS[refusal]) as server,
        opened(opener, server, max_concurrency=1) as engine,
        pytest.raises(EngineStoppedError) as raised,
    ):
        list(engine.generate(prompts(50)))
    assert len(server.asked) == 1
    assert "sk-abc" not in str(raised.value)


def taken(engine: ApiEngine, asked: Iterator[Prompt]) -> Iterator[Generation]:
    """Yield what comes before the run ends."""
    with pytest.raises(EngineStoppedError, match="the server said 401"):
        yield from engine.generate(asked)


async def answer_slowly(exchange: Exchange) -> None:
    """Begin to answer, and come to the end a while later."""
    await exchange.begin_stream()
    first, *others = server_acts.told(exchange, "The answer is 4.", "stop")
    await exchange.events(first)
    await asyncio.sleep(0.5)
    await exchange.events(*others, *([] if exchange.is_anthropic else ["[DONE]"]))


def test_answers_under_way_are_taken_before_a_refused_key_ends_the_run(opener: Opener) -> None:
    with (
        serving(*[answer_slowly] * 3, then=refuse(401)) as server,
        opened(opener, server, max_concurrency=4) as engine,
    ):
        given = list(taken(engine, prompts(50)))
    assert len(given) == 3
    assert {one.completions[0].text for one in given} == {"The answer is 4."}
    assert len(server.asked) == 4


def test_an_answer_that_does_not_come_after_the_end_is_counted_as_lost(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evalctl.engines.api.engine.FAREWELL_SECONDS", 0.2)
    with (
        serving(server_acts.hang_midway, then=refuse(401)) as server,
        opened(opener, server, max_concurrency=2) as engine,
    ):
        given = list(taken(engine, prompts(50)))
    assert [(one.error, one.lost_requests) for one in given] == [("the server said 401: no", 1)]


def test_nobody_waits_to_ask_again_once_a_key_is_refused(opener: Opener) -> None:
    began = time.monotonic()
    with (
        serving(refuse(429, retry_after="60"), then=refuse(401)) as server,
        opened(opener, server, max_concurrency=2) as engine,
    ):
        given = list(taken(engine, prompts(50)))
    assert given == []
    assert time.monotonic() - began < 20


def test_completions_of_one_prompt_that_came_before_the_end_are_counted() -> None:
    with (
        serving(*[answer_slowly] * 2, then=refuse(401)) as server,
        opened(open_anthropic, server, max_concurrency=3) as engine,
    ):
        (given,) = taken(engine, prompts(1, n=3))
    assert given.error == "not all of its completions could be asked for"
    assert given.lost_requests == 2


def test_it_is_told_how_many_requests_are_waited_for(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evalctl.engines.api.stream.PULSE_SECONDS", 0.1)
    said: list[str] = []
    with (
        serving(then=answer_slowly) as server,
        opened(opener, server) as engine,
        listening(said.append),
    ):
        list(engine.generate(prompts(3)))
    assert "the server works on 3 requests" in said


def test_a_server_that_refuses_all_requests_is_asked_a_few(opener: Opener) -> None:
    with (
        serving(then=refuse(400, "temperature is deprecated")) as server,
        opened(opener, server, max_concurrency=1) as engine,
        pytest.raises(EngineStoppedError, match="temperature is deprecated; a parameter"),
    ):
        list(engine.generate(prompts(500)))
    assert len(server.asked) == MOST_REFUSED
