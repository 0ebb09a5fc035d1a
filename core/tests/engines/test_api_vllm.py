"""Both protocols against vLLM's own server: the same texts and scores as the engines give here."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from evalctl.engines.api import anthropic, openai
from evalctl.engines.api.options import AnthropicOptions, OpenaiOptions
from evalctl.engines.transformers import open_engine as open_transformers
from evalctl.engines.transformers_options import TransformersOptions
from evalctl.protocols import Engine, ModelRef
from evalctl.records import Generation, Message, Prompt, Sampling

pytest.importorskip("vllm")
pytestmark = pytest.mark.vllm

MakePrompts = Callable[..., list[Prompt]]
GREEDY = Sampling(max_tokens=12)
QUIET = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_NO_USAGE_STATS": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}
START_SECONDS = 400


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def server(qwen_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the Qwen2, which it calls `m`."""
    port = free_port()
    log = tmp_path_factory.mktemp("server") / "log.txt"
    given = {
        "model": str(qwen_folder),
        "served-model-name": "m",
        "host": "127.0.0.1",
        "port": str(port),
        "dtype": "float32",
        "max-model-len": "256",
        "max-num-seqs": "8",
    }
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--enforce-eager"]
    command += [word for name, value in given.items() for word in (f"--{name}", value)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **QUIET}, stdout=output, stderr=output
        )
    try:
        wait_for_health(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def wait_for_health(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def by_openai(server: str) -> Iterator[Engine]:
    """The model through OpenAI's protocol."""
    ref = ModelRef(name="openai:m", path=f"m@{server}/v1", kind="api")
    engine = openai.open_engine(ref, OpenaiOptions(max_concurrency=8))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def by_anthropic(server: str) -> Iterator[Engine]:
    """The model through Anthropic's protocol."""
    ref = ModelRef(name="anthropic:m", path=f"m@{server}", kind="api")
    engine = anthropic.open_engine(ref, AnthropicOptions(max_concurrency=8))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def here(qwen_folder: Path) -> Iterator[Engine]:
    """The same model in this process."""
    ref = ModelRef(name="qwen", path=str(qwen_folder), is_local=True)
    engine = open_transformers(ref, TransformersOptions(dtype="float32"))
    yield engine
    engine.close()


def answers(generations: Iterator[Generation]) -> dict[str, list[tuple[str, str, int]]]:
    """Return the completions by sample: text, end, tokens."""
    found = list(generations)
    assert [one.error for one in found if one.error] == []
    return {
        one.sample_id: [(c.text, c.finish_reason, c.output_tokens) for c in one.completions]
        for one in found
    }


def texts(generations: Iterator[Generation]) -> dict[str, list[str]]:
    """Return the texts alone: a server counts the tokens of a sample's completions together."""
    return {sample: [text for text, _, _ in each] for sample, each in answers(generations).items()}


def conversations(prompts: list[Prompt]) -> list[Prompt]:
    """Return the same as conversations."""
    system = Message(role="system", content="the cat sat")
    return [
        one.model_copy(
            update={"text": "", "messages": (system, Message(role="user", content=one.text))}
        )
        for one in prompts
    ]


def test_it_says_how_long_a_text_may_be(by_openai: Engine) -> None:
    assert by_openai.info.context_length == 256


@pytest.mark.parametrize("stop", [(), ("a", "is")])
def test_greedy_texts_are_those_of_the_model_here(
    by_openai: Engine, here: Engine, make_prompts: MakePrompts, stop: tuple[str, ...]
) -> None:
    prompts = make_prompts(16, GREEDY.model_copy(update={"stop": stop}))
    assert texts(by_openai.generate(prompts)) == texts(here.generate(prompts))


def test_conversations_through_both_protocols_are_those_of_the_model_here(
    by_openai: Engine, by_anthropic: Engine, here: Engine, make_prompts: MakePrompts
) -> None:
    prompts = conversations(make_prompts(16, GREEDY))
    wanted = answers(here.generate(prompts))
    assert answers(by_openai.generate(prompts)) == wanted
    assert answers(by_anthropic.generate(prompts)) == wanted


def test_prompts_have_the_tokens_that_they_have_here(
    by_openai: Engine, by_anthropic: Engine, here: Engine, make_prompts: MakePrompts
) -> None:
    prompts = conversations(make_prompts(4, GREEDY))
    counts = [
        {one.sample_id: one.prompt_tokens for one in engine.generate(prompts)}
        for engine in (here, by_openai, by_anthropic)
    ]
    assert counts[0] == counts[1] == counts[2]


def test_log_likelihoods_are_those_of_the_model_here(
    by_openai: Engine, here: Engine, choice_prompts: list[Prompt]
) -> None:
    prompts = [
        one.model_copy(update={"continuations": one.continuations[:3]})
        for one in choice_prompts
        if one.text  # a server takes no empty text
    ]
    found = {one.sample_id: one for one in by_openai.choose(prompts)}
    for wanted in here.choose(prompts):
        for one, other in zip(
            found[wanted.sample_id].continuations, wanted.continuations, strict=True
        ):
            assert one.logprob == pytest.approx(other.logprob, abs=1e-3)
            assert (one.tokens, one.is_greedy) == (other.tokens, other.is_greedy)


def test_draws_go_by_their_seed(by_openai: Engine, make_prompts: MakePrompts) -> None:
    prompts = make_prompts(6, Sampling(temperature=1.0, max_tokens=10), 3)
    first = texts(by_openai.generate(prompts))
    assert texts(by_openai.generate(reversed(prompts))) == first
    assert all(len(set(completions)) == 3 for completions in first.values())
    others = [one.model_copy(update={"seed": one.seed + 1}) for one in prompts]
    assert texts(by_openai.generate(others)) != first


def test_a_prompt_that_is_too_long_is_one_samples_failure(
    by_openai: Engine, by_anthropic: Engine, make_prompts: MakePrompts
) -> None:
    short, long = make_prompts(2, GREEDY)
    long = long.model_copy(update={"text": "cat " * 1_000})
    for engine in (by_openai, by_anthropic):
        found = {one.sample_id: one for one in engine.generate(conversations([short, long]))}
        assert found[short.sample_id].error is None
        assert str(found[long.sample_id].error).startswith("the server said 400: ")
