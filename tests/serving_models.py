"""A server on loopback with a model that knows the quizzes' answers, and runs against it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.tests.engines.misbehaving_server import Act, Exchange, Server, answer, serving
from tests.conftest import Site
from tests.killing import Driver
from tests.quizzes import add_quizzes

N_SAMPLES = 60
PROMPT_TOKENS, OUTPUT_TOKENS = 7, 3
"""Of every answer, as the server counts them."""
PRICES = "prices:\n  m: {input_per_million: 1000, output_per_million: 10000}\n"
COST_EACH = (PROMPT_TOKENS * 1_000 + OUTPUT_TOKENS * 10_000) / 1e6
RUN = ("run", "--dataset", "quiz", "--samples", "all", "--no-cache", "--max-tokens", "10")


async def know(exchange: Exchange) -> None:
    """Answer a sum; every seventh one wrongly."""
    number = int(question(exchange))
    await answer(str(number) if number % 7 else "?")(exchange)


def question(exchange: Exchange) -> str:
    """Return the number that a request is about."""
    found = re.findall(r"(\d+) \+ 0", json.dumps(exchange.body))
    return str(found[-1])


def slowly(act: Act, seconds: float) -> Act:
    """Do the same after a while."""

    async def wait(exchange: Exchange) -> None:
        await asyncio.sleep(seconds)
        await act(exchange)

    return wait


def first(count: int, act: Act, then: Act) -> Act:
    """Do one thing for so many requests, and another for all that follow."""
    seen = iter(range(count))

    async def either(exchange: Exchange) -> None:
        await (then if next(seen, None) is None else act)(exchange)

    return either


class Shop:
    """A folder with the quizzes, a server, and commands that ask it."""

    def __init__(self, site: Site, driver: Driver, server: Server) -> None:
        self.folder = site.folder
        self.driver = driver
        self.server = server

    def model(self, engine: str = "openai") -> tuple[str, str]:
        path = "/v1" if engine == "openai" else ""
        return "--model", f"{engine}:m@http://127.0.0.1:{self.server.port}{path}"

    def asked(self) -> list[str]:
        """Return what the server was asked, in order."""
        return [question(exchange) for exchange in self.server.asked]


@contextmanager
def shop_at(site: Site, **environment: str) -> Iterator[Shop]:
    """Install the quizzes, write a file with prices, serve the model."""
    add_quizzes(site)
    (site.folder / "prices.yaml").write_text(PRICES)
    driver = Driver(site, environment)
    try:
        with serving(then=know) as server:
            yield Shop(site, driver, server)
    finally:
        driver.close()


def run_in(folder: Path) -> Path:
    """Return the only run folder."""
    (path,) = folder.glob("*/manifest.json")
    return path.parent


def results_of(run: Path) -> dict[str, dict[str, Any]]:
    """Return what each sample came to, without times and troubles; each stands once."""
    found: dict[str, dict[str, Any]] = {}
    for path in run.glob("samples/*/*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            result = json.loads(line)
            for key in ("seconds", "first_token_seconds", "lost_requests"):
                del result["generation"][key]
            assert result["sample_id"] not in found, "a sample stands twice"
            found[result["sample_id"]] = result
    return found


def summary_of(run: Path) -> dict[str, Any]:
    """Return a run's summary."""
    summary: dict[str, Any] = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    return summary


def usage_of(run: Path) -> dict[str, Any]:
    """Return what a run's only model took."""
    (model,) = summary_of(run)["models"]
    usage: dict[str, Any] = model["usage"]
    return usage
