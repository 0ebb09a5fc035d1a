"""Models on servers: each misbehaviour costs patience and never a sample."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from core.tests.engines import misbehaving_server as server_acts
from core.tests.engines.api_engines import (
    OPENERS,
    Opener,
    open_anthropic,
    open_openai,
    opened,
    prompts,
)
from core.tests.engines.misbehaving_server import Act, Exchange, Server, answer, refuse, serving

from evalctl.errors import EngineStoppedError, ModelError
from evalctl.records import Generation, Message, Prompt, Sampling
from evalctl.run.turns import Conversations


@pytest.fixture(params=OPENERS, autouse=True)
def opener(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Opens one of the engines; back-off is there, and short."""
    monkeypatch.setattr("evalctl.engines.api.retrying.FIRST_SECONDS", 0.002)
    return OPENERS[request.param]


def ids(generations: list[Generation]) -> list[str]:
    return sorted(generation.sample_id for generation in generations)


def test_an_answer_comes_with_its_tokens_and_times(opener: Opener) -> None:
    with serving() as server, opened(opener, server) as engine:
        (given,) = engine.generate(prompts(1))
    assert given.completions[0].text.startswith("The answer is 4.")
    assert (given.completions[0].finish_reason, given.completions[0].output_tokens) == ("stop", 3)
    assert given.prompt_tokens == 7
    assert given.first_token_seconds is not None
    assert 0 < given.first_token_seconds <= given.seconds


RECOVERED: dict[str, tuple[Act, ...]] = {
    "429": (refuse(429, retry_after="0"),) * 3,
    "500": (refuse(500),),
    "503": (refuse(503),),
    "529": (refuse(529, code="overloaded_error"),),
    "hanging": (server_acts.hang,),
    "hanging midway": (server_acts.hang_midway,),
    "a cut stream": (server_acts.cut,),
    "a closed connection": (server_acts.close_at_once,),
    "malformed JSON": (server_acts.malformed,),
    "another form": (server_acts.misshapen,),
    "a web page": (server_acts.html,),
    "one after the other": (refuse(500), server_acts.cut, refuse(429, retry_after_ms="1")),
}


@pytest.mark.parametrize("trouble", RECOVERED)
def test_a_passing_trouble_loses_and_doubles_nothing(opener: Opener, trouble: str) -> None:
    acts = RECOVERED[trouble]
    options = {"timeout_seconds": 0.3 if "hanging" in trouble else 10.0}
    with serving(*acts) as server, opened(opener, server, **options) as engine:
        given = list(engine.generate(prompts(4)))
    assert ids(given) == ["0", "1", "2", "3"]
    assert [generation.error for generation in given] == [None] * 4
    assert {generation.completions[0].text for generation in given} == {"The answer is 4."}
    # The documented price of a trouble: one more request for each.
    assert len(server.asked) == 4 + len(acts)


def test_a_sample_whose_attempts_are_spent_is_a_failure_of_the_engine(opener: Opener) -> None:
    with (
        serving(*[refuse(500, "boom")] * 3) as server,
        opened(opener, server, max_attempts=3, max_concurrency=1) as engine,
    ):
        given = list(engine.generate(prompts(2)))
    assert [bool(generation.error) for generation in given] == [True, False]
    assert str(given[0].error) == "given up after 3 attempts: the server said 500: boom"


def test_a_prompt_that_is_refused_is_not_sent_again(opener: Opener) -> None:
    with (
        serving(refuse(400, "prompt is too long")) as server,
        opened(opener, server, max_concurrency=1) as engine,
    ):
        given = list(engine.generate(prompts(3)))
    assert [generation.error for generation in given] == [
        "the server said 400: prompt is too long",
        None,
        None,
    ]
    assert len(server.asked) == 3


def test_parameters_are_left_out_where_a_server_refuses_them(opener: Opener) -> None:
    sampling = Sampling(temperature=0.5, top_p=0.9, top_k=5, stop=("X",))
    with serving() as server, opened(opener, server, omit="temperature, top_k,stop") as engine:
        list(engine.generate(prompts(1, sampling=sampling)))
    sent = server.asked[0].body
    assert sent["top_p"] == 0.9
    assert {"temperature", "top_k", "stop", "stop_sequences"} & set(sent) == set()


SCHEMA = '{"type": "object", "properties": {"n": {"type": "integer"}}}'


@pytest.mark.parametrize("omit", ["", "json_schema"])
def test_a_json_schema_is_sent_in_openais_form_unless_it_is_left_out(omit: str) -> None:
    sampling = Sampling(json_schema=SCHEMA)
    with serving() as server, opened(open_openai, server, omit=omit) as engine:
        list(engine.generate([*prompts(1, sampling=sampling)]))
    sent = server.asked[0].body.get("response_format")
    told = {"name": "answer", "schema": json.loads(SCHEMA), "strict": True}
    assert sent == (None if omit else {"type": "json_schema", "json_schema": told})


ODD_ANSWERS = {
    "empty": (answer(""), "", "stop"),
    "cut off by the limit": (answer("The", "length"), "The", "length"),
    "a refusal": (answer("I", "content_filter"), "I", "stop"),
}


@pytest.mark.parametrize("kind", ODD_ANSWERS)
def test_odd_answers_are_answers(opener: Opener, kind: str) -> None:
    act, text, reason = ODD_ANSWERS[kind]
    with serving(act) as server, opened(opener, server) as engine:
        (given,) = engine.generate(prompts(1))
    assert given.error is None
    assert (given.completions[0].text, given.completions[0].finish_reason) == (text, reason)
    assert len(server.asked) == 1


async def think(exchange: server_acts.Exchange) -> None:
    """Reason before the answer, in each protocol's own field."""
    first, *rest = server_acts.told(exchange, "4", "stop")
    thought: dict[str, object] = {"choices": [{"index": 0, "delta": {"reasoning_content": "2+2"}}]}
    if exchange.is_anthropic:
        delta = {"type": "thinking_delta", "thinking": "2+2"}
        thought = {"type": "content_block_delta", "index": 0, "delta": delta}
    await exchange.begin_stream()
    await exchange.events(*([first, thought] if exchange.is_anthropic else [thought, first]), *rest)


def test_reasoning_stands_beside_the_answer(opener: Opener) -> None:
    with serving(think) as server, opened(opener, server) as engine:
        (given,) = engine.generate(prompts(1))
    (completion,) = given.completions
    assert (completion.text, completion.reasoning) == ("4", "2+2")


LOST: dict[str, tuple[Act, int]] = {
    "refused": (refuse(500), 0),
    "told to wait": (refuse(429, retry_after="0"), 0),
    "given up by a gateway": (refuse(504), 1),
    "closed": (server_acts.close_at_once, 1),
    "cut": (server_acts.cut, 1),
    "hanging": (server_acts.hang, 1),
    "malformed": (server_acts.malformed, 1),
}


@pytest.mark.parametrize("trouble", LOST)
def test_a_request_that_may_have_to_be_paid_is_counted(opener: Opener, trouble: str) -> None:
    act, count = LOST[trouble]
    timeout = 1.0 if trouble == "hanging" else 30.0
    with serving(act) as server, opened(opener, server, timeout_seconds=timeout) as engine:
        (given,) = engine.generate(prompts(1))
    assert (given.error, given.lost_requests) == (None, count)


def test_a_sample_that_is_given_up_counts_what_it_lost(opener: Opener) -> None:
    with (
        serving(server_acts.cut, server_acts.cut) as server,
        opened(opener, server, max_attempts=2) as engine,
    ):
        (given,) = engine.generate(prompts(1))
    assert given.error is not None
    assert given.lost_requests == 2


def test_a_server_that_sends_on_and_on_is_left(opener: Opener) -> None:
    with serving(server_acts.babble) as server, opened(opener, server) as engine:
        given = list(engine.generate(prompts(1)))
    assert "sends on and on" in str(given[0].error)
    assert given[0].lost_requests == 1


def test_requests_under_way_are_bounded(opener: Opener) -> None:
    with serving() as server, opened(opener, server, max_concurrency=3) as engine:
        given = list(engine.generate(prompts(20)))
    assert len(given) == 20
    assert server.most_at_once <= 3


def test_while_it_is_measured_so_many_requests_are_under_way(opener: Opener) -> None:
    plainly = answer()

    async def slowly(exchange: Exchange) -> None:
        await asyncio.sleep(0.02)
        await plainly(exchange)

    with serving(then=slowly) as server, opened(opener, server, max_concurrency=16) as engine:
        given = list(engine.measure(prompts(20), 2))
    assert len(given) == 20
    assert server.most_at_once == 2
    assert all(one.first_token_seconds is not None for one in given)


def test_many_completions_of_one_sample_come_together(opener: Opener) -> None:
    with serving() as server, opened(opener, server) as engine:
        (given,) = engine.generate(prompts(1, n=3))
        requests = {"openai": 1, "anthropic": 3}[engine.info.name]
    assert [completion.text for completion in given.completions] == ["The answer is 4."] * 3
    assert sum(completion.output_tokens for completion in given.completions) == 3 * requests
    assert given.prompt_tokens == 7 * requests
    assert len(server.asked) == requests


def test_prompts_are_taken_as_they_are_needed(opener: Opener) -> None:
    taken = []

    def noted() -> Iterator[Prompt]:
        for prompt in prompts(100):
            taken.append(prompt)
            yield prompt

    with serving() as server, opened(opener, server, max_concurrency=4) as engine:
        stream = engine.generate(noted())
        next(stream)
        assert len(taken) <= 8


def test_a_server_that_is_not_there_is_a_mistake_of_the_user(opener: Opener) -> None:
    with serving() as server:
        pass
    with pytest.raises(ModelError) as raised, opened(opener, server) as engine:
        list(engine.generate(prompts(1)))
    assert "no connection to the server" in str(raised.value)


def test_no_key_is_sent_to_a_server_that_it_was_not_made_for(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.setenv(name, "sk-very-secret-key")
    with serving() as server, opened(opener, server) as engine:
        list(engine.generate(prompts(1)))
    assert "secret" not in repr(server.asked[0].headers)


def test_a_named_variable_holds_the_key(opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_KEY", "abcd1234")
    act = refuse(401, "abcd1234 is not a key")
    with (
        serving(answer(), act) as server,
        opened(opener, server, key_variable="OTHER_KEY", max_concurrency=1) as engine,
    ):
        assert "abcd1234" not in str(engine.info)
        with pytest.raises(EngineStoppedError, match=r"401: \[key\] is not a key"):
            list(engine.generate(prompts(2)))
    assert "abcd1234" in repr(server.asked[0].headers)


def talk(sample_id: str = "0", text: str = "") -> Prompt:
    messages = () if text else (Message(role="user", content="2+2?"),)
    return Prompt(
        dataset="d",
        sample_id=sample_id,
        messages=messages,
        text=text,
        later_turns=("Doubled?",),
        around_turns=("\n\nUser: ", "\nYou:") if text else (),
    )


def said(server: Server) -> list[list[tuple[str, str]]]:
    bodies = [exchange.body["messages"] for exchange in server.asked]
    return [[(turn["role"], turn["content"]) for turn in turns] for turns in bodies]


@pytest.mark.parametrize("trouble", ["429", "a cut stream", "malformed JSON"])
def test_a_later_turn_is_asked_after_the_reply_whatever_troubles(
    opener: Opener, trouble: str
) -> None:
    acts = (answer("It is 4."), *RECOVERED[trouble], answer("It is 8."))
    with serving(*acts) as server, opened(opener, server) as engine:
        (given,) = Conversations().hold(engine.generate, [talk()])
    first = [("user", "2+2?")]
    whole = [*first, ("assistant", "It is 4."), ("user", "Doubled?")]
    assert said(server) == [first, *[whole] * (len(acts) - 1)]
    assert (given.completions[0].earlier, given.completions[0].text) == (("It is 4.",), "It is 8.")
    assert (given.prompt_tokens, given.completions[0].output_tokens) == (14, 6)


def test_an_empty_reply_does_not_end_a_conversation(opener: Opener) -> None:
    with (
        serving(answer("", end="content_filter")) as server,
        opened(opener, server) as engine,
    ):
        (given,) = Conversations().hold(engine.generate, [talk()])
    (_, (role, reply), _) = said(server)[1]
    # Anthropic's protocol takes no empty reply.
    assert (role, reply) == ("assistant", "(no reply)" if opener is open_anthropic else "")
    assert (given.error, given.completions[0].earlier) == (None, ("",))


def test_a_later_turn_that_is_refused_fails_the_sample_alone(opener: Opener) -> None:
    async def act(exchange: Exchange) -> None:
        turns = exchange.body["messages"]
        is_first = isinstance(turns, list) and (len(turns) == 1 or "happy" in str(turns))
        await (answer("happy") if is_first else refuse(400, "too long"))(exchange)

    with serving(then=act) as server, opened(opener, server, max_concurrency=1) as engine:
        server.acts = [answer("luckless")]
        given = list(Conversations().hold(engine.generate, [talk("0"), talk("1")]))
    by_id = {one.sample_id: one for one in given}
    assert str(by_id["0"].error).startswith("turn 2 of 2: the server said 400: too long")
    assert by_id["0"].lost_requests >= 1
    assert by_id["1"].error is None
