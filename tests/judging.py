"""Conversations of two turns, recorded answers to them, and judges of all kinds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from core.tests.engines.misbehaving_server import Act, Exchange, Server, answer, serving
from tests.conftest import Site
from tests.killing import Driver

PLUGIN = Path(__file__).with_name("judged_talks.py")
N_SAMPLES = 6
RUN = ("run", "--dataset", "talks", "--model", "replay:answers.jsonl")
VERDICTS_EACH = 2
"""A rating of each turn."""

_T = TypeVar("_T")
_BLOCK = re.compile(r"BEGIN (\d+) ([0-9a-f]{24})\n(.*?)\nEND \1 \2", re.DOTALL)


class Court:
    """A folder with the plugin `talks`, answers, a server that judges, and commands."""

    def __init__(self, site: Site, driver: Driver, server: Server) -> None:
        self.folder = site.folder
        self.driver = driver
        self.server = server

    @property
    def judge(self) -> str:
        """The server as a judge."""
        return f"openai:m@http://127.0.0.1:{self.server.port}/v1"

    def record(
        self, name: str, answers: Mapping[str, Sequence[str]], dataset: str = "talks"
    ) -> None:
        """Write recorded answers to all turns, by sample."""
        rows = [
            {"dataset": dataset, "id": key, "completions": [list(replies)]}
            for key, replies in answers.items()
        ]
        self._write(name, rows)

    def rate(self, name: str, ratings: Mapping[str, Sequence[object]]) -> str:
        """Write a judge's ratings of all turns, by sample; return the judge."""
        rows = [
            _verdict("llm_judge_score", f"{key}#0.{turn}", f"Rating: [[{rating}]]")
            for key, given in ratings.items()
            for turn, rating in enumerate(given, 1)
        ]
        self._write(name, rows)
        return f"replay:{name}"

    def choose(self, name: str, letters: Mapping[str, str]) -> str:
        """Add a judge's choices in all orders of all turns, by sample; return the judge."""
        rows = [
            _verdict("llm_judge_pairs", f"{key}#0.{number}", f"Verdict: [[{letter}]]")
            for key, given in letters.items()
            for number, letter in enumerate(given, 1)
        ]
        self._write(name, rows)
        return f"replay:{name}"

    def run(
        self, *more: str, out: str, code: int = 0, of: tuple[str, str] = ("talks", "answers.jsonl")
    ) -> Path:
        """Run recorded answers in a folder of runs of its own; return the run's folder."""
        which = ("--dataset", of[0], "--model", f"replay:{of[1]}")
        done = self.driver.run("run", *which, *more, "--out", out)
        assert done == code, self.driver.said()
        (path,) = (self.folder / out).glob("*/manifest.json")
        return path.parent

    def _write(self, name: str, rows: Sequence[Mapping[str, object]]) -> None:
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


@contextmanager
def court_at(site: Site, **environment: str) -> Iterator[Court]:
    """Install the plugin, record answers and a baseline, and serve a judge that says 7."""
    site.add("talks", PLUGIN.read_text())
    driver = Driver(site, environment)
    try:
        with serving(then=answer("Good.\nRating: [[7]]")) as server:
            court = Court(site, driver, server)
            names = [f"t{number}" for number in range(N_SAMPLES)]
            court.record("answers.jsonl", {name: ("ours 1", "ours 2") for name in names})
            court.record("baseline.jsonl", {name: ("theirs 1", "theirs 2") for name in names})
            yield court
    finally:
        driver.close()


def by_sample(*given: _T) -> dict[str, _T]:
    """Return what is given for each sample, in order."""
    return {f"t{number}": one for number, one in enumerate(given)}


def dataset_of(run: Path) -> dict[str, Any]:
    """Return the summary's only dataset."""
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    (dataset,) = summary["models"][0]["datasets"]
    assert isinstance(dataset, dict)
    return dataset


def metrics_of(run: Path) -> dict[str, dict[str, Any]]:
    """Return the metrics of the summary's only dataset, by name."""
    return {metric["name"]: metric for metric in dataset_of(run)["metrics"]}


def shown(exchange: Exchange) -> str:
    """Return what a judge is shown, behind its rubric."""
    messages = exchange.body["messages"]
    assert isinstance(messages, list)
    return str(messages[-1]["content"])


def is_about(exchange: Exchange, number: int) -> bool:
    """Return whether a judge is asked about a sample."""
    return f"What is {number} + {number}?" in shown(exchange)


def gullible(usual: str, obeying: str) -> Act:
    """A judge that quotes all it is shown, and obeys whatever speaks to it outside of fences."""

    async def judge(exchange: Exchange) -> None:
        text = shown(exchange)
        inside = "\n".join(found[3] for found in _BLOCK.finditer(text))
        outside = _BLOCK.sub("", text)
        is_swayed = re.search(r"full marks|\[\[|10|obey|ignore", outside, re.IGNORECASE)
        verdict = obeying if is_swayed else usual
        await answer(f"They wrote:\n{inside}\nSo much for that.\n{verdict}")(exchange)

    return judge


def _verdict(scorer: str, key: str, text: str) -> dict[str, object]:
    return {"dataset": f"talks/{scorer}", "id": key, "completions": [f"Because.\n{text}"]}
