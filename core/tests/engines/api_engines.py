"""Engines of servers, opened on a server of loopback, and what they are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.tests.engines.misbehaving_server import Server

from evalctl.engines.api import anthropic, openai
from evalctl.engines.api.engine import ApiEngine
from evalctl.engines.api.options import AnthropicOptions, OpenaiOptions
from evalctl.protocols import ModelRef
from evalctl.records import Message, Prompt

Opener = Callable[..., ApiEngine]


def open_openai(server: Server, name: str = "m", **options: object) -> ApiEngine:
    ref = ModelRef(name=f"openai:{name}", path=f"{name}@http://127.0.0.1:{server.port}/v1")
    return openai.open_engine(ref, OpenaiOptions.model_validate(options))


def open_anthropic(server: Server, name: str = "m", **options: object) -> ApiEngine:
    ref = ModelRef(name=f"anthropic:{name}", path=f"{name}@http://127.0.0.1:{server.port}")
    return anthropic.open_engine(ref, AnthropicOptions.model_validate(options))


OPENERS = {"openai": open_openai, "anthropic": open_anthropic}


@contextmanager
def opened(opener: Opener, server: Server, **options: object) -> Iterator[ApiEngine]:
    engine = opener(server, **options)
    try:
        yield engine
    finally:
        engine.close()


def prompts(count: int, **changes: object) -> Iterator[Prompt]:
    for number in range(count):
        turns = (Message(role="system", content="Be brief."), Message(role="user", content="2+2?"))
        given = {"dataset": "d", "sample_id": str(number), "messages": turns, **changes}
        yield Prompt.model_validate(given)
