"""The engines `openai` and `anthropic` against bare asyncio clients of the same libraries.

Without `--server` a quick one is started, which streams a short answer a few milliseconds after it
was asked. Both sides ask the same server the same conversations with the same number of requests
under way, in turn; what is printed is the median ratio of requests per second, and that of the
client's processor time, which other work on the machine hardly changes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

from evalctl.engines.host import HostedEngine, Listener
from evalctl.engines.plugin import evalctl_engines
from evalctl.protocols import ModelRef
from evalctl.records import Message, Prompt, Sampling

AIM = 0.9
TOKENS = 16
"""Of an answer of the quick server, each in a piece of its own."""
QUESTION = "Natalia sold clips to 48 of her friends, and then half as many. How many in all? " * 4


class Server(NamedTuple):
    """Who is asked."""

    url: str
    model: str
    engine: str
    """Whose protocol is spoken."""


class Round(NamedTuple):
    """What asking took."""

    rate: float
    """Requests per second."""
    work: float
    """Processor seconds for each, on the client's side."""


def main() -> int:
    """Print requests per second at each concurrency; return 1 where a ratio misses the aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", metavar="MODEL@URL", help="a real one in place of the quick")
    parser.add_argument("--engine", nargs="+", default=list(LIBRARIES), choices=LIBRARIES)
    parser.add_argument("--requests", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[32, 128])
    parser.add_argument("--milliseconds", type=float, default=5.0, help="until it answers")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        asyncio.run(serve(asked.milliseconds / 1000))
        return 0
    with server_of(asked) as (url, model):
        ratios = [
            compare(asked, Server(url, model, engine), each)
            for engine in asked.engine
            for each in asked.concurrency
        ]
    return int(min(ratios) < AIM)


def compare(asked: argparse.Namespace, server: Server, concurrency: int) -> float:
    """Return the median ratio of evalctl's requests per second to a bare client's."""
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as folder, opened(server, concurrency, folder) as engine:
        for number in range(asked.rounds + 1):
            pair = (
                through_evalctl(engine, asked.requests),
                through_library(server, asked.requests, concurrency),
            )
            if number:  # the first one warms up
                ours.append(pair[0])
                bare.append(pair[1])
    ratio = statistics.median(one.rate / two.rate for one, two in zip(ours, bare, strict=True))
    work = statistics.median(one.work / two.work for one, two in zip(ours, bare, strict=True))
    told = ", ".join(
        f"{name} {statistics.median(one.rate for one in rounds):,.0f}/s with "
        f"{1000 * statistics.median(one.work for one in rounds):.1f} ms of processor time each"
        for name, rounds in (("evalctl", ours), ("bare", bare))
    )
    print(f"{server.engine}, concurrency {concurrency}: {told}", flush=True)
    print(f"  requests/s: {ratio:.2f} (at least {AIM}); processor time: {work:.2f}", flush=True)
    return ratio


def through_evalctl(engine: HostedEngine, count: int) -> Round:
    """Ask through the engine in a process of its own, as in a run."""
    sampling = Sampling(max_tokens=TOKENS)
    turns = (Message(role="user", content=QUESTION),)
    prompts = (
        Prompt(dataset="d", sample_id=str(n), messages=turns, sampling=sampling)
        for n in range(count)
    )
    began, worked = time.perf_counter(), time.process_time() + work_of(engine.pid)
    given = list(engine.generate(prompts))
    seconds = time.perf_counter() - began
    worked = time.process_time() + work_of(engine.pid) - worked
    failed = next((one.error for one in given if one.error), None)
    assert failed is None, failed
    assert len(given) == count
    return Round(count / seconds, worked / count)


def work_of(pid: int) -> float:
    """Return the processor seconds that another process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def through_library(server: Server, count: int, concurrency: int) -> Round:
    """Ask by a plain program that uses the library."""
    worked = time.process_time()
    rate = asyncio.run(ask_all(server, count, concurrency))
    return Round(rate, (time.process_time() - worked) / count)


async def ask_all(server: Server, count: int, concurrency: int) -> float:
    """Ask so many times, with so many requests under way, and gather what is streamed."""
    numbers = iter(range(count))
    async with LIBRARIES[server.engine](server) as ask:

        async def work() -> None:
            for _ in numbers:
                assert await ask()

        began = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(concurrency)))
        seconds = time.perf_counter() - began
    return count / seconds


Ask = Callable[[], Awaitable[str]]


@asynccontextmanager
async def openai_client(server: Server) -> AsyncIterator[Ask]:
    """Yield what asks once by OpenAI's library, as its readme shows it."""
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key="none", base_url=server.url, max_retries=0) as client:

        async def ask() -> str:
            stream = await client.chat.completions.create(
                model=server.model,
                messages=[{"role": "user", "content": QUESTION}],
                max_tokens=TOKENS,
                temperature=0.0,
                stream=True,
                stream_options={"include_usage": True},
            )
            pieces = []
            async for chunk in stream:
                pieces += [choice.delta.content or "" for choice in chunk.choices]
            return "".join(pieces)

        yield ask


@asynccontextmanager
async def anthropic_client(server: Server) -> AsyncIterator[Ask]:
    """Yield what asks once by Anthropic's library, as its readme shows it."""
    from anthropic import AsyncAnthropic

    url = server.url.removesuffix("/v1")
    async with AsyncAnthropic(api_key="none", base_url=url, max_retries=0) as client:

        async def ask() -> str:
            stream = await client.messages.create(
                model=server.model,
                messages=[{"role": "user", "content": QUESTION}],
                max_tokens=TOKENS,
                stream=True,
            )
            pieces = []
            async for event in stream:
                if event.type == "content_block_delta" and event.delta.type == "text_delta":
                    pieces.append(event.delta.text)
            return "".join(pieces)

        yield ask


LIBRARIES = {"openai": openai_client, "anthropic": anthropic_client}


@contextmanager
def opened(server: Server, concurrency: int, folder: str) -> Iterator[HostedEngine]:
    """Open the engine as a run does."""
    (spec,) = (spec for spec in evalctl_engines() if spec.name == server.engine)
    ref = ModelRef(name="m", path=f"{server.model}@{server.url}", kind="api")
    options = spec.options.model_validate({"max_concurrency": concurrency})
    log = Path(folder) / "engine.log"
    listener = Listener(lambda _: None)
    engine = HostedEngine.open(spec, ref, options, log_path=log, listener=listener)
    try:
        yield engine
    finally:
        engine.close()


@contextmanager
def server_of(asked: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield address and model of the server that is named, or of a quick one."""
    if asked.server:
        model, _, url = asked.server.partition("@")
        yield url, model
        return
    command = [sys.executable, __file__, "--serve", "--milliseconds", str(asked.milliseconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1", "m"
    finally:
        process.terminate()
        process.wait()


async def serve(seconds: float) -> None:
    """Serve until terminated; the port is printed."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    answers = {b"/messages": anthropic_stream(), b"/completions": openai_stream()}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await head_of(reader):
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            if not length:
                writer.write(b"HTTP/1.1 404 x\r\ncontent-length: 0\r\n\r\n")
                continue
            await reader.readexactly(int(length))
            await asyncio.sleep(seconds)
            path = head.split(b" ", 2)[1]
            writer.write(next(answer for end, answer in answers.items() if path.endswith(end)))

    listening = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=1024)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


async def head_of(reader: asyncio.StreamReader) -> bytes:
    """Return the head of the next request; nothing where there is none."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


def openai_stream() -> bytes:
    """Return a streamed answer of OpenAI's protocol."""
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    pieces: list[dict[str, object]] = [
        {**chunk, "choices": [{"index": 0, "delta": {"content": f"word{n} "}}]}
        for n in range(TOKENS)
    ]
    usage = {"prompt_tokens": 99, "completion_tokens": TOKENS, "total_tokens": 99 + TOKENS}
    pieces += [
        {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {**chunk, "choices": [], "usage": usage},
    ]
    return chunked([f"data: {json.dumps(piece)}\n\n" for piece in pieces] + ["data: [DONE]\n\n"])


def anthropic_stream() -> bytes:
    """Return a streamed answer of Anthropic's protocol."""
    message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "m"}
    usage = {"input_tokens": 99, "output_tokens": 1}
    block = {"type": "text", "text": ""}
    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    events: list[dict[str, object]] = [
        {"type": "message_start", "message": {**message, "usage": usage}},
        {"type": "content_block_start", "index": 0, "content_block": block},
    ]
    events += [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": f"word{n} "},
        }
        for n in range(TOKENS)
    ]
    events += [
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ended, "usage": {"output_tokens": TOKENS}},
        {"type": "message_stop"},
    ]
    return chunked([f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in events])


def chunked(lines: list[str]) -> bytes:
    """Return a streamed answer as it goes over the line, one piece in each chunk."""
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    body = "".join(f"{len(line):x}\r\n{line}\r\n" for line in lines)
    return f"{head}{body}0\r\n\r\n".encode()


if __name__ == "__main__":
    sys.exit(main())
