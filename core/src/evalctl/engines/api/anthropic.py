"""Anthropic's own library, for Claude and for servers that speak its protocol."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import anthropic
from anthropic import AsyncAnthropic, AsyncStream

from evalctl.engines.api.address import ANTHROPIC, Address, find_key
from evalctl.engines.api.client import HopelessError, RefusedError, Reply, ServerFacts
from evalctl.engines.api.engine import ApiEngine
from evalctl.engines.api.gathering import Answer, Stopwatch
from evalctl.engines.api.options import AnthropicOptions
from evalctl.engines.api.showing import Block, content_of
from evalctl.engines.api.transport import VendorErrors, troubles_told
from evalctl.images import EncodedImage
from evalctl.protocols import ModelRef
from evalctl.records import FinishReason, Message, Prompt

ERRORS = VendorErrors(
    anthropic.APIStatusError,
    anthropic.APITimeoutError,
    anthropic.APIConnectionError,
    anthropic.APIError,
)
_FINISHES: Mapping[str, FinishReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
}
VERSION = "2023-06-01"
"""Of the protocol: the last one that lets a request say how tokens are drawn; 2026-10-21 refuses
temperature, top_p and top_k, and evaluations want the first of them."""
NO_REPLY = "(no reply)"
NO_KEY = "none"
"""The library wants something to send; servers without keys take anything."""


def open_engine(model: ModelRef, options: AnthropicOptions) -> ApiEngine:
    """Return the engine for a model on a server.

    Raises:
        ModelError: The server is not there, has no such model, or takes no such key.
    """
    address = Address.read(model, ANTHROPIC)
    key = find_key(address, ANTHROPIC, options.key_variable)
    return ApiEngine(model, options, partial(AnthropicClient, address, options, key), key)


class AnthropicClient:
    """A model on a server that speaks Anthropic's protocol."""

    is_single = True
    """Whether a request has one completion alone."""

    def __init__(self, address: Address, options: AnthropicOptions, key: str) -> None:
        """Make the library's client, which does no retries of its own."""
        self._address = address
        self._options = options
        self._client = AsyncAnthropic(
            api_key=key or NO_KEY,
            base_url=address.url,
            timeout=options.timeout_seconds,
            max_retries=0,
            default_headers={"anthropic-version": VERSION},
        )

    async def look(self) -> ServerFacts:
        """Ask for the model; a server that tells of none is believed to have it."""
        versions = {"anthropic": anthropic.__version__}
        try:
            with troubles_told(ERRORS):
                await self._client.models.retrieve(self._address.model)
        except HopelessError as trouble:
            if self._address.is_vendors or trouble.status not in {404, 405}:
                raise HopelessError(f"{self._address.host}: {trouble.reason}") from None
        return ServerFacts(versions)

    async def complete(self, prompt: Prompt) -> Reply:
        """Return the completion of a prompt, streamed.

        The library's own types are passed by (`cast_to=object`), as in `openai.py`.
        """
        watch, answer = Stopwatch(), Answer(prompt.sampling.max_tokens)
        prompt_tokens = output_tokens = 0
        with troubles_told(ERRORS):
            stream = await self._client.post(
                "/v1/messages",
                cast_to=object,
                body={**await self._request(prompt), "stream": True},
                stream=True,
                stream_cls=AsyncStream[Any],
            )
            async for event in stream:
                match event["type"]:
                    case "message_start":
                        prompt_tokens = _prompt_tokens(event["message"]["usage"])
                    case "content_block_delta":
                        watch.note()
                        _take(event["delta"], answer)
                    case "message_delta":
                        output_tokens = event["usage"]["output_tokens"]
                        reason = event["delta"].get("stop_reason") or "end_turn"
                        answer.finish_reason = _FINISHES.get(reason, "stop")
            completion = answer.completion(output_tokens)
        return Reply((completion,), (), prompt_tokens, watch.first_seconds)

    async def choose(self, prompt: Prompt) -> Reply:
        """Refuse: the protocol has no log-likelihoods."""
        raise RefusedError("Anthropic's protocol gives no log-likelihoods")

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _content(self, turn: Message) -> str | list[Block]:
        """Return what a turn says; the protocol refuses empty replies, which models do give."""
        if turn.role == "assistant" and not turn.content.strip():
            return NO_REPLY
        return await content_of(turn, _image_block, self._options.max_image_pixels)

    async def _request(self, prompt: Prompt) -> dict[str, Any]:
        """Return a request; unsaid is what stands at the vendor's own default."""
        sampling, stop = prompt.sampling, list(prompt.sampling.stop)
        text = Message(role="user", content=prompt.text, images=prompt.images)
        turns = prompt.messages or (text,)
        system = "\n\n".join(turn.content for turn in turns if turn.role == "system")
        given: dict[str, Any] = {"temperature": sampling.temperature}
        if sampling.top_p != 1.0:
            given["top_p"] = sampling.top_p
        if sampling.top_k:
            given["top_k"] = sampling.top_k
        omitted = self._options.omitted
        return {
            "model": self._address.model,
            "max_tokens": sampling.max_tokens,
            "messages": [
                {"role": turn.role, "content": await self._content(turn)}
                for turn in turns
                if turn.role != "system"
            ],
            **({"system": system} if system else {}),
            **({"stop_sequences": stop} if stop and "stop" not in omitted else {}),
            **{key: value for key, value in given.items() if key not in omitted},
        }


def _image_block(image: EncodedImage) -> Block:
    """Return an image as the protocol has it."""
    source = {"type": "base64", "media_type": image.media_type, "data": image.data}
    return {"type": "image", "source": source}


def _take(delta: Mapping[str, Any], answer: Answer) -> None:
    """Take a piece of an answer."""
    if delta["type"] == "text_delta":
        answer.add(delta["text"])
    elif delta["type"] == "thinking_delta":
        answer.add(delta["thinking"], is_thought=True)


def _prompt_tokens(usage: Mapping[str, Any]) -> int:
    """All that was read, whether or not the server had it in a cache."""
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return sum(usage.get(name) or 0 for name in names)
