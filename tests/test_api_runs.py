"""Whole runs against a server that misbehaves: no sample is lost, asked in vain, or told a key."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from core.tests.engines import misbehaving_server as server_acts
from core.tests.engines.misbehaving_server import Act, Exchange, refuse
from tests.conftest import Site
from tests.killing import wait_for
from tests.serving_models import (
    N_SAMPLES,
    RUN,
    Shop,
    first,
    know,
    results_of,
    run_in,
    shop_at,
    slowly,
    summary_of,
    usage_of,
)

from evalctl.store import RunFolder

KEY = "Zx9/planted+7Qk=="
"""No vendor's form of a key: that it is one is known from the environment alone."""


@pytest.fixture(scope="module")
def the_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop_at(Site(tmp_path_factory.mktemp("shop")), PLANTED_KEY=KEY) as shop:
        yield shop


@pytest.fixture
def shop(the_shop: Shop) -> Shop:
    """The shop, whose server behaves until it is told otherwise."""
    the_shop.server.acts.clear()
    the_shop.server.asked.clear()
    the_shop.server.then = know
    return the_shop


@pytest.fixture(scope="module")
def undisturbed(the_shop: Shop) -> Path:
    """A run with a server that behaves."""
    out = the_shop.folder / "undisturbed"
    code = the_shop.driver.run(*RUN, *the_shop.model(), "--out", str(out))
    assert code == 0, the_shop.driver.said()
    return run_in(out)


@pytest.fixture
def out(request: pytest.FixtureRequest, the_shop: Shop) -> Path:
    """The folder of a test's runs."""
    return the_shop.folder / re.sub(r"\W+", "-", request.node.name)


def options(**given: object) -> list[str]:
    return [word for key, value in given.items() for word in ("--engine-option", f"{key}={value}")]


def start(shop: Shop, out: Path, **given: object) -> int:
    return shop.driver.start(*RUN, *shop.model(), *options(**given), "--out", str(out))


def assert_same(run: Path, undisturbed: Path) -> None:
    """See that a run has come to the same end as one that nothing disturbed."""
    assert results_of(run) == results_of(undisturbed)
    found, wanted = (summary_of(path)["models"][0] for path in (run, undisturbed))
    assert found["error"] is None
    assert found["datasets"] == wanted["datasets"]
    assert found["categories"] == wanted["categories"]
    for name in ("prompt_tokens", "output_tokens"):
        assert found["usage"]["cost"][name] == wanted["usage"]["cost"][name]


def test_troubles_of_all_kinds_lose_and_double_nothing(
    shop: Shop, undisturbed: Path, out: Path
) -> None:
    troubles: list[Act] = [
        *[refuse(429, retry_after="0")] * 5,
        *[refuse(500), refuse(529), server_acts.close_at_once, server_acts.cut] * 3,
        *[server_acts.hang, server_acts.hang_midway, server_acts.malformed, server_acts.html],
    ]
    # Every other request is met by one of them.
    shop.server.acts = [act for trouble in troubles for act in (know, trouble)]
    start(shop, out, timeout_seconds=1.5)
    assert shop.driver.wait() == 0, shop.driver.said()
    assert_same(run_in(out), undisturbed)
    assert len(shop.server.asked) == N_SAMPLES + len(troubles)
    # The server had these, and broke off: 3 closed, 3 cut, 2 hung, 2 sent what is no answer.
    assert usage_of(run_in(out))["cost"]["lost_requests"] == 10


def test_a_server_that_dies_midway_leaves_a_run_that_can_be_resumed(
    shop: Shop, undisturbed: Path, out: Path
) -> None:
    shop.server.then = first(25, know, refuse(503, "gone"))
    start(shop, out, max_attempts=1, max_concurrency=4)
    assert shop.driver.wait() == 1
    assert "samples in a row given up after 1 attempts: the server said 503" in shop.driver.said()
    assert len(results_of(run_in(out))) == 25
    (dataset,) = RunFolder(run_in(out)).summary().models[0].datasets
    assert dataset.failures.engine == N_SAMPLES - 25
    assert 0 < dataset.n_lost < dataset.failures.engine
    assert dataset.n_answered == 25
    shop.server.then = know
    assert shop.driver.run("run", "--resume", str(run_in(out))) == 0, shop.driver.said()
    assert_same(run_in(out), undisturbed)


def test_a_spent_quota_ends_the_run_at_once_and_it_can_be_resumed(
    shop: Shop, undisturbed: Path, out: Path
) -> None:
    quota = refuse(429, "You exceeded your current quota", code="insufficient_quota")
    shop.server.then = first(20, know, quota)
    start(shop, out, max_concurrency=4)
    assert shop.driver.wait() == 1
    assert "You exceeded your current quota" in shop.driver.said()
    assert f"evalctl run --resume {run_in(out)}" in shop.driver.said()
    assert len(shop.server.asked) <= 20 + 4
    shop.server.then = know
    assert shop.driver.run("run", "--resume", str(run_in(out))) == 0, shop.driver.said()
    assert_same(run_in(out), undisturbed)


def test_what_broke_off_and_was_given_up_is_counted_after_a_resume_too(
    shop: Shop, out: Path
) -> None:
    shop.server.then = first(3, server_acts.cut, know)
    start(shop, out, max_attempts=1, max_concurrency=1)
    assert shop.driver.wait() == 1, shop.driver.said()
    assert usage_of(run_in(out))["cost"]["lost_requests"] == 3
    assert shop.driver.run("run", "--resume", str(run_in(out))) == 0, shop.driver.said()
    assert len(results_of(run_in(out))) == N_SAMPLES
    assert usage_of(run_in(out))["cost"]["lost_requests"] == 3
    assert "3 requests to the model broke off" in shop.driver.said()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_ended_asks_nothing_twice_but_what_was_under_way(
    shop: Shop, undisturbed: Path, out: Path, number: signal.Signals
) -> None:
    shop.server.then = slowly(know, 0.05)
    pid = start(shop, out, max_concurrency=4)
    wait_for("requests", lambda: len(shop.server.asked) > 25)
    os.kill(pid, number)
    assert shop.driver.wait() == {signal.SIGKILL: -9, signal.SIGINT: 130}[number]
    kept = set(results_of(run_in(out)))
    shop.server.then = know
    assert shop.driver.run("run", "--resume", str(run_in(out))) == 0, shop.driver.said()
    assert_same(run_in(out), undisturbed)
    asked = shop.asked()
    twice = {question for question in asked if asked.count(question) > 1}
    assert not twice & kept
    # Four in the engine, and those that came in while one was written.
    assert len(twice) <= 12


async def echo(exchange: Exchange) -> None:
    """Fail, and show the headers that hold the key."""
    shown = {name: value for name, value in exchange.headers.items() if KEY in value}
    await refuse(500, f"bad headers: {shown}")(exchange)


@pytest.mark.parametrize("engine", ["openai", "anthropic"])
def test_a_key_stands_nowhere(shop: Shop, out: Path, engine: str) -> None:
    quoted = refuse(401, f"incorrect API key provided: {KEY}.")
    shop.server.acts = [echo, echo, quoted]
    given = options(key_variable="PLANTED_KEY", max_attempts=2, max_concurrency=1)
    assert shop.driver.run(*RUN, *shop.model(engine), *given, "--out", str(out)) == 1
    assert KEY in repr(shop.server.asked[0].headers)
    assert "the server said 401: incorrect API key provided: [key]." in shop.driver.said()
    (failures,) = run_in(out).glob("failures/*/*.jsonl")
    assert "[key]" in failures.read_text()
    files = [path for path in run_in(out).rglob("*") if path.is_file()]
    for text in (*(path.read_text() for path in files), shop.driver.said()):
        assert KEY[:8] not in text


def test_a_key_in_an_address_is_refused_and_not_repeated(shop: Shop, out: Path) -> None:
    model = f"openai:m@http://user:{KEY.replace('/', '')}@127.0.0.1:{shop.server.port}/v1"
    assert shop.driver.run(*RUN, "--model", model, "--out", str(out)) == 2
    assert "a key belongs into the environment" in shop.driver.said()
    assert "planted" not in shop.driver.said()
    assert not out.exists()
