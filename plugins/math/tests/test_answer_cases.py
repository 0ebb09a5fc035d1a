"""Every case of `data/answer_cases.jsonl`: extraction and equivalence, hostile texts included.

A case has an id, a kind (`extract` or `equivalent`), the texts, what is expected, and a note. A
text may be described instead of written out: `{"repeat": [piece, times]}` or `{"concat": [...]}`.
An expected "*" asks only that the call returns. The judging runs in a pool of processes, as it does
in an evaluation, and a case that takes longer than `HARD_LIMIT_SECONDS` fails.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from multiprocessing.pool import AsyncResult
from pathlib import Path
from typing import Any

import pytest

from evalctl_math.answers import extract
from evalctl_math.equivalence import equivalent

HARD_LIMIT_SECONDS = 60.0
PATH = Path(__file__).parent / "data" / "answer_cases.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in PATH.read_text("utf-8").splitlines()]
ANYTHING = "*"

Outcome = tuple[str, object, str]


def _text(described: object) -> str:
    """Return a text that a case describes."""
    if not isinstance(described, dict):
        return str(described)
    if "repeat" in described:
        piece, times = described["repeat"]
        return str(piece) * int(times)
    return "".join(_text(part) for part in described["concat"])


def _judge(case: dict[str, Any]) -> Outcome:
    """Return what kind of value a case gives, the value, and the rule that gave it."""
    if case["kind"] == "extract":
        found = extract(_text(case["text"]))
        return ("extract", found and found.answer, found.rule if found else "")
    tolerance = case.get("relative_tolerance", 0.0)
    same = equivalent(_text(case["answer"]), _text(case["gold"]), relative_tolerance=tolerance)
    return ("equivalent", same, "")


@pytest.fixture(scope="module")
def outcomes() -> Iterator[dict[str, AsyncResult[Outcome]]]:
    with multiprocessing.get_context("fork").Pool(2) as pool:
        yield {case["id"]: pool.apply_async(_judge, (case,)) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case_is_judged_as_expected(
    case: dict[str, Any], outcomes: dict[str, AsyncResult[Outcome]]
) -> None:
    kind, value, rule = outcomes[case["id"]].get(timeout=HARD_LIMIT_SECONDS)

    assert kind == case["kind"]
    assert case["expected"] in (value, ANYTHING), case["note"]
    assert case.get("rule", rule) == rule, case["note"]


def test_there_are_enough_cases() -> None:
    hostile = [case for case in CASES if case["id"].startswith("hostile")]

    assert len(CASES) >= 500
    assert len(hostile) >= 80
    assert len({case["id"] for case in CASES}) == len(CASES)
