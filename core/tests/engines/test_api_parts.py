"""Addresses, keys, patience and pace of models on servers, without a server."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from evalctl.engines.api.address import ANTHROPIC, OPENAI, Address, find_key
from evalctl.engines.api.gathering import shared_out
from evalctl.engines.api.pacing import START, Pace
from evalctl.engines.api.retrying import LONGEST_SECONDS, back_off, retry_after
from evalctl.engines.api.secrets import without_secrets
from evalctl.engines.api.troubles import from_status
from evalctl.errors import ModelError
from evalctl.protocols import ModelRef


def read(path: str) -> Address:
    return Address.read(ModelRef(name=f"openai:{path}", path=path), OPENAI)


@pytest.mark.parametrize(
    ("path", "model", "url", "is_vendors"),
    [
        ("gpt-5-mini", "gpt-5-mini", "https://api.openai.com/v1", True),
        ("m@http://localhost:8000/v1/", "m", "http://localhost:8000/v1", False),
        ("org/m:free@https://host/api/v1", "org/m:free", "https://host/api/v1", False),
        ("a@b@https://[::1]:8000", "a@b", "https://[::1]:8000", False),
        ("m@https://api.openai.com/v1", "m", "https://api.openai.com/v1", True),
        ("m@http://api.openai.com/v1", "m", "http://api.openai.com/v1", False),
        ("m@https://api.openai.com.evil/v1", "m", "https://api.openai.com.evil/v1", False),
    ],
)
def test_a_path_is_a_name_and_perhaps_a_server(
    path: str, model: str, url: str, is_vendors: bool
) -> None:
    assert read(path) == (model, url, is_vendors)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("@https://host", "write openai:NAME"),
        ("m@https://", "not the URL of a server"),
        ("m@https://user:secret@host/v1", "a key belongs into the environment"),
        ("m@https://host/v1?key=secret", "a key belongs into the environment"),
        ("m@https://host:port/v1", "is not a URL"),
        ("m@https://ho st/v1", "not the URL of a server"),
    ],
)
def test_a_path_that_is_none_is_refused(path: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        read(path)


def test_a_missing_key_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(ModelError, match="ANTHROPIC_API_KEY is not set"):
        find_key(Address("claude", ANTHROPIC.url, True), ANTHROPIC, "")


def test_a_key_of_another_kind_is_refused_before_it_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a\nb")
    with pytest.raises(ModelError, match="characters that no key has"):
        find_key(read("m"), OPENAI, "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("bad key s3cret here", "bad key [key] here"),
        ("Incorrect API key provided: sk-proj-abcd****wxyz.", "Incorrect API key provided: [key]."),
        ("the key is missing", "the key is missing"),
    ],
)
def test_keys_are_blotted_out(text: str, told: str) -> None:
    assert without_secrets(text, "s3cret") == told


def test_a_key_that_a_long_message_is_cut_in_is_blotted_out() -> None:
    message = "x" * 290 + "abcd1234efgh5678"
    trouble = from_status(401, message, "", {})
    assert trouble.reason.endswith("xabcd1234ef…")
    assert without_secrets(trouble.reason, "abcd1234efgh5678").endswith("x[key]…")


@pytest.mark.parametrize(
    ("value", "milliseconds", "seconds"),
    [
        (None, None, None),
        ("2", None, 2.0),
        ("1.5", None, 1.5),
        ("2", "250", 0.25),
        ("soon", None, None),
        ("-1", None, None),
        ("nan", None, None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None, 0.0),
    ],
)
def test_retry_after_is_read_in_all_of_its_forms(
    value: str | None, milliseconds: str | None, seconds: float | None
) -> None:
    assert retry_after(value, milliseconds) == seconds


def test_retry_after_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert retry_after(date) == pytest.approx(100, abs=3)


def test_waits_double_up_to_a_limit_and_are_spread() -> None:
    chance = random.Random(0)
    means = [sum(back_off(n, chance) for _ in range(2_000)) / 2_000 for n in (1, 2, 3, 30)]
    assert means == pytest.approx([0.25, 0.5, 1.0, LONGEST_SECONDS / 2], rel=0.1)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "", "RefusedError"),
        (401, "", "HopelessError"),
        (404, "", "HopelessError"),
        (408, "", "AgainError"),
        (413, "", "RefusedError"),
        (422, "", "RefusedError"),
        (429, "", "AgainError"),
        (429, "insufficient_quota", "HopelessError"),
        (500, "", "AgainError"),
        (529, "overloaded_error", "AgainError"),
    ],
)
def test_what_a_status_means(status: int, code: str, kind: str) -> None:
    assert type(from_status(status, "words", code, {})).__name__ == kind


def test_what_a_server_says_is_one_short_line() -> None:
    trouble = from_status(500, "a\nb\x1b[31m" + "x" * 10_000, "", {})
    assert trouble.reason.startswith("the server said 500: a b [31mxxx")
    assert len(trouble.reason) < 400


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [(10, [1, 1], [5, 5]), (10, [1, 2], [3, 7]), (5, [0, 0], [5, 0]), (0, [3], [0]), (3, [], [])],
)
def test_a_total_is_shared_out_exactly(total: int, weights: list[int], parts: list[int]) -> None:
    assert shared_out(total, weights) == parts


def test_the_pace_quickens_while_all_goes_well_and_halves_once_for_a_burst() -> None:
    async def play() -> list[int]:
        pace, limits = Pace(100), []
        for _ in range(START):
            await pace._enter()
        for _ in range(3):
            pace.went_well()
            await pace._enter()
        limits.append(pace.limit)
        for _ in range(5):
            pace.had_too_much(sent=0.0)
        limits.append(pace.limit)
        return limits

    assert asyncio.run(play()) == [START + 3, (START + 3) // 2]


def test_the_pace_never_stops_and_never_exceeds_its_bound() -> None:
    async def play() -> list[int]:
        pace = Pace(2)
        for moment in range(10):
            pace._cut_at = 0.0
            pace.had_too_much(sent=float(moment))
        lowest = pace.limit
        for _ in range(50):
            await pace._enter()
            pace.went_well()
            pace._under_way = 0
        return [lowest, pace.limit]

    assert asyncio.run(play()) == [1, 2]
