"""OpenAI's own library, for OpenAI and every server that speaks its protocol.

Conversations go to `/chat/completions`, texts to `/completions`; log-likelihoods are those of an
echoed text, which vLLM and others serve and OpenAI itself no longer does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import openai
from openai import AsyncOpenAI, AsyncStream
from openai.types.completion_choice import CompletionChoice, Logprobs
from pydantic import JsonValue

from evalctl.engines.api.address import OPENAI, Address, find_key
from evalctl.engines.api.client import AgainError, HopelessError, RefusedError, Reply, ServerFacts
from evalctl.engines.api.engine import ApiEngine
from evalctl.engines.api.gathering import Answer, Stopwatch, shared_out
from evalctl.engines.api.options import OpenaiOptions
from evalctl.engines.api.showing import Block, content_of
from evalctl.engines.api.transport import VendorErrors, troubles_told
from evalctl.errors import UnknownNameError
from evalctl.images import EncodedImage
from evalctl.protocols import ModelRef
from evalctl.records import Completion, Continuation, FinishReason, Message, Prompt

ERRORS = VendorErrors(
    openai.APIStatusError, openai.APITimeoutError, openai.APIConnectionError, openai.APIError
)
_FINISHES: Mapping[str, FinishReason] = {"length": "length"}
_CUT = frozenset({"error", "abort"})
"""Ends of servers that had trouble of their own."""
NO_KEY = "none"
"""The library wants something to send; servers without keys take anything."""
Take = Callable[[Mapping[str, Any], Answer], None]
"""Takes what one piece of a stream says of one completion."""


def open_engine(model: ModelRef, options: OpenaiOptions) -> ApiEngine:
    """Return the engine for a model on a server.

    Raises:
        ModelError: The server is not there, has no such model, or takes no such key.
    """
    address = Address.read(model, OPENAI)
    key = find_key(address, OPENAI, options.key_variable)
    return ApiEngine(model, options, partial(OpenaiClient, address, options, key), key)


class OpenaiClient:
    """A model on an OpenAI-compatible server."""

    is_single = False
    """Whether a request has one completion alone."""

    def __init__(self, address: Address, options: OpenaiOptions, key: str) -> None:
        """Make the library's client, which does no retries of its own."""
        self._address = address
        self._options = options
        self._client = AsyncOpenAI(
            api_key=key or NO_KEY,
            base_url=address.url,
            timeout=options.timeout_seconds,
            max_retries=0,
        )

    async def look(self) -> ServerFacts:
        """Ask for the list of models; a server without one is believed to have the model."""
        versions = {"openai": openai.__version__}
        try:
            with troubles_told(ERRORS):
                served = [model async for model in self._client.models.list()]
        except HopelessError as trouble:
            if trouble.status in {404, 405}:
                return ServerFacts(versions)
            raise HopelessError(f"{self._address.host}: {trouble.reason}") from None
        for model in served:
            if model.id == self._address.model:
                length = (model.model_extra or {}).get("max_model_len")
                return ServerFacts(versions, length if isinstance(length, int) else None)
        if not served:
            return ServerFacts(versions)
        names = [model.id for model in served]
        unknown = UnknownNameError("model", self._address.model, names)
        raise HopelessError(f"{self._address.host}: {unknown}")

    async def complete(self, prompt: Prompt) -> Reply:
        """Return the completions of a prompt, streamed."""
        with troubles_told(ERRORS):
            if prompt.messages:
                return await self._converse(prompt)
            return await self._continue(prompt)

    async def choose(self, prompt: Prompt) -> Reply:
        """Return the log-likelihoods of a prompt's continuations, all in one request."""
        if prompt.messages:
            raise RefusedError("log-likelihoods are those of a text; run with chat=never")
        bare = prompt.text.rstrip()
        with troubles_told(ERRORS):
            answer = await self._client.completions.create(
                model=self._address.model,
                prompt=[prompt.text + each for each in prompt.continuations],
                echo=True,
                logprobs=1,
                max_tokens=0,
                temperature=0.0,
            )
        by_index = {choice.index: choice for choice in answer.choices}
        if sorted(by_index) != list(range(len(prompt.continuations))):
            raise AgainError("the server gave other continuations than it was asked for")
        return Reply(
            continuations=tuple(
                _continuation(by_index[index], len(bare)) for index in range(len(by_index))
            ),
            prompt_tokens=answer.usage.prompt_tokens if answer.usage else 0,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _converse(self, prompt: Prompt) -> Reply:
        limit = self._options.token_limit
        if limit == "auto":
            limit = "max_completion_tokens" if self._address.is_vendors else "max_tokens"
        request: dict[str, Any] = {
            "messages": [await self._turn(turn) for turn in prompt.messages],
            limit: prompt.sampling.max_tokens,
            **self._drawing(prompt),
        }
        schema = prompt.sampling.json_schema
        if schema and "json_schema" not in self._options.omitted:
            named = {"name": "answer", "schema": json.loads(schema), "strict": True}
            request["response_format"] = {"type": "json_schema", "json_schema": named}
        return await self._gather("/chat/completions", request, prompt, _take_delta)

    async def _turn(self, turn: Message) -> dict[str, object]:
        content = await content_of(turn, _image_block, self._options.max_image_pixels)
        return {"role": turn.role, "content": content}

    async def _continue(self, prompt: Prompt) -> Reply:
        if prompt.images:
            raise RefusedError("images are shown in conversations; run with chat=auto")
        request = {
            "prompt": prompt.text,
            "max_tokens": prompt.sampling.max_tokens,
            **self._drawing(prompt),
        }
        return await self._gather("/completions", request, prompt, _take_text)

    async def _gather(
        self, path: str, request: Mapping[str, Any], prompt: Prompt, take: Take
    ) -> Reply:
        """Return what is streamed.

        The library's own types are passed by (`cast_to=object`): it builds them anew for each
        piece, without looking whether they fit, which takes more time than all else here.
        """
        watch = Stopwatch()
        answers = [Answer(prompt.sampling.max_tokens) for _ in range(prompt.n)]
        usage: Mapping[str, Any] = {}
        stream = await self._client.post(
            path,
            cast_to=object,
            body={**request, "stream": True},
            stream=True,
            stream_cls=AsyncStream[Any],
        )
        async for chunk in stream:
            usage = chunk.get("usage") or usage
            for choice in chunk.get("choices") or ():
                answer = answers[choice["index"]]
                take(choice, answer)
                _end(answer, choice.get("finish_reason"))
                if answer.n_pieces:
                    watch.note()
        parts = shared_out(
            usage.get("completion_tokens") or 0, [answer.n_pieces for answer in answers]
        )
        completions: tuple[Completion, ...] = tuple(
            answer.completion(tokens) for answer, tokens in zip(answers, parts, strict=True)
        )
        return Reply(completions, (), usage.get("prompt_tokens") or 0, watch.first_seconds)

    def _drawing(self, prompt: Prompt) -> dict[str, Any]:
        """Return what a request says besides its text."""
        sampling = prompt.sampling
        given: dict[str, JsonValue] = {"temperature": sampling.temperature}
        if sampling.top_p != 1.0:
            given["top_p"] = sampling.top_p
        if sampling.temperature > 0.0:
            given["seed"] = prompt.seed % (1 << 31)
        if sampling.stop:
            given["stop"] = list(sampling.stop)
        if sampling.top_k:
            given["top_k"] = sampling.top_k  # no parameter of OpenAI's own
        if prompt.n > 1:
            given["n"] = prompt.n
        kept = {name: value for name, value in given.items() if name not in self._options.omitted}
        return {
            "model": self._address.model,
            "stream_options": {"include_usage": True},
            **kept,
        }


def _image_block(image: EncodedImage) -> Block:
    """Return an image as the protocol has it."""
    url = f"data:{image.media_type};base64,{image.data}"
    return {"type": "image_url", "image_url": {"url": url}}


def _take_delta(choice: Mapping[str, Any], answer: Answer) -> None:
    """Take a piece of a conversation."""
    delta = choice.get("delta") or {}
    thought = delta.get("reasoning_content") or delta.get("reasoning") or ""
    answer.add(str(thought), is_thought=True)
    answer.add(delta.get("content") or delta.get("refusal") or "")


def _take_text(choice: Mapping[str, Any], answer: Answer) -> None:
    """Take a piece of a text."""
    answer.add(choice.get("text") or "")


def _end(answer: Answer, reason: str | None) -> None:
    if reason in _CUT:
        raise AgainError(f"the server ended the answer with {reason!r}")
    if reason is not None:
        answer.finish_reason = _FINISHES.get(reason, "stop")


def _continuation(choice: CompletionChoice, boundary: int) -> Continuation:
    """Return what the tokens behind a boundary (in characters) add up to.

    A token that reaches over the boundary counts as the continuation's.
    """
    found: Logprobs | None = choice.logprobs
    if found is None or not found.token_logprobs or not found.text_offset or not found.tokens:
        raise RefusedError("the server gives no log-probabilities of a prompt's tokens")
    logprob, tokens, is_greedy = 0.0, 0, True
    tops = found.top_logprobs or []
    for index, (offset, token) in enumerate(zip(found.text_offset, found.tokens, strict=True)):
        own = found.token_logprobs[index]
        if own is None or offset + len(token) <= boundary:
            continue
        logprob += own
        tokens += 1
        best = max(tops[index].values(), default=own) if index < len(tops) and tops[index] else own
        is_greedy = is_greedy and own >= best
    if not tokens:
        raise RefusedError("the server gives no log-probabilities of the continuation's tokens")
    return Continuation(logprob=logprob, tokens=tokens, is_greedy=is_greedy)
