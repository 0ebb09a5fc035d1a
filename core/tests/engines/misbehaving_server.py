"""A server on loopback that speaks both protocols, and misbehaves as it is told to."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

Body = Mapping[str, object]
Act = Callable[["Exchange"], Awaitable[None]]
"""What is done with one request."""


@dataclass
class Exchange:
    """One request, and the way to answer it."""

    path: str
    headers: Mapping[str, str]
    body: Body
    _writer: asyncio.StreamWriter

    @property
    def is_anthropic(self) -> bool:
        return self.path.endswith("/messages")

    async def send(self, status: int, body: str, **headers: str) -> None:
        head = {"content-type": "application/json", "content-length": str(len(body.encode()))}
        head["connection"] = "close"  # which `serve` does; a client must not count on it
        head |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {status} x", *(f"{k}: {v}" for k, v in head.items()), "", body]
        self._writer.write("\r\n".join(lines).encode())
        await self._writer.drain()

    async def begin_stream(self) -> None:
        self._writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        await self._writer.drain()

    async def events(self, *events: object) -> None:
        for event in events:
            data = event if isinstance(event, str) else json.dumps(event)
            kind = event["type"] if isinstance(event, dict) and "type" in event else ""
            self._writer.write((f"event: {kind}\n" if kind else "").encode())
            self._writer.write(f"data: {data}\n\n".encode())
            await self._writer.drain()


def told(exchange: Exchange, text: str, end: str | None) -> list[object]:
    """Return the events of a streamed answer, in the protocol of the request."""
    if exchange.is_anthropic:
        usage = {"input_tokens": 7, "output_tokens": 1}
        start = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "m"}
        delta = {"type": "text_delta", "text": text}
        events: list[object] = [
            {"type": "message_start", "message": {**start, "usage": usage}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}},
            *({"type": "content_block_delta", "index": 0, "delta": delta} for _ in text[:1]),
        ]
        if end is None:
            return events
        reason = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}[end]
        ended = {"type": "message_delta", "delta": {"stop_reason": reason}}
        return [*events, {**ended, "usage": {"output_tokens": 3}}, {"type": "message_stop"}]
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    events = [
        {**chunk, "choices": [{"index": index, "delta": {"content": piece}}]}
        for index in range(int(str(exchange.body.get("n", 1))))
        for piece in (text[:2], text[2:])
        if piece
    ]
    if end is None:
        return events
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    last = [
        {"index": index, "delta": {}, "finish_reason": end}
        for index in range(int(str(exchange.body.get("n", 1))))
    ]
    return [*events, {**chunk, "choices": last}, {**chunk, "choices": [], "usage": usage}]


def answer(text: str = "The answer is 4.", end: str = "stop") -> Act:
    """Answer well."""

    async def act(exchange: Exchange) -> None:
        await exchange.begin_stream()
        await exchange.events(*told(exchange, text, end))
        if not exchange.is_anthropic:
            await exchange.events("[DONE]")

    return act


def refuse(status: int, message: str = "no", code: str = "", **headers: str) -> Act:
    """Refuse with a status."""

    async def act(exchange: Exchange) -> None:
        error = {"message": message, "type": code or "error", "code": code or None}
        await exchange.send(status, json.dumps({"type": "error", "error": error}), **headers)

    return act


async def hang(exchange: Exchange) -> None:
    """Take the request and say nothing."""
    await asyncio.sleep(30)


async def hang_midway(exchange: Exchange) -> None:
    """Begin to answer, and fall silent."""
    await exchange.begin_stream()
    await exchange.events(*told(exchange, "The ans", None))
    await asyncio.sleep(30)


async def cut(exchange: Exchange) -> None:
    """Begin to answer, and close the connection."""
    await exchange.begin_stream()
    await exchange.events(*told(exchange, "The ans", None))


async def close_at_once(exchange: Exchange) -> None:
    """Close the connection without a word."""


async def malformed(exchange: Exchange) -> None:
    """Stream what is no JSON."""
    await exchange.begin_stream()
    await exchange.events('{"choices": [{"ind')


async def misshapen(exchange: Exchange) -> None:
    """Stream JSON of another form."""
    await exchange.begin_stream()
    events = [{"choices": [{"index": 9, "delta": {"content": "x"}}]}, {"type": "message_start"}]
    await exchange.events(*events)


async def html(exchange: Exchange) -> None:
    """Answer as a proxy that is in the way."""
    await exchange.send(200, "<html>sign in</html>", content_type="text/html")


async def babble(exchange: Exchange) -> None:
    """Stream without end."""
    await exchange.begin_stream()
    for _ in range(1_000):
        await exchange.events(*told(exchange, "x" * 65_536, None))


@dataclass
class Server:
    """What a server was told to do, and what it was asked."""

    acts: list[Act] = field(default_factory=list)
    """What it does with the next requests, in order; afterwards it answers well."""
    then: Act = field(default_factory=answer)
    models: Sequence[str] | None = ("m",)
    """What it lists; None for a server without a list."""
    asked: list[Exchange] = field(default_factory=list)
    most_at_once: int = 0
    _at_once: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            exchange = await _read(reader, writer)
            if exchange is not None:
                await self._act(exchange)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _act(self, exchange: Exchange) -> None:
        if not exchange.body:
            if self.models is None:
                return await exchange.send(404, "{}")
            rows = [{"id": name, "object": "model", "created": 1} for name in self.models]
            return await exchange.send(200, json.dumps({"object": "list", "data": rows}))
        self.asked.append(exchange)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await (self.acts.pop(0) if self.acts else self.then)(exchange)
        finally:
            self._at_once -= 1
        return None


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange | None:
    line = (await reader.readline()).decode().split()
    if len(line) < 2:
        return None
    headers = {}
    while entry := (await reader.readline()).decode().strip():
        name, _, value = entry.partition(":")
        headers[name.lower()] = value.strip()
    sent = await reader.readexactly(int(headers.get("content-length", "0")))
    return Exchange(line[1], headers, json.loads(sent) if sent else {}, writer)


@contextmanager
def serving(*acts: Act, **changes: object) -> Iterator[Server]:
    """Serve on a free port of loopback until the block ends."""
    server = Server(list(acts), **changes)  # type: ignore[arg-type]  # fields by name
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(server.serve, "127.0.0.1", 0))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(listening.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        for work in asyncio.all_tasks(loop):
            work.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
