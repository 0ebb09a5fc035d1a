"""What `evalctl run --dry-run` says of judges: how many verdicts, their tokens and their price."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.conftest import Site
from tests.judging import N_SAMPLES, RUN, Court, by_sample, court_at
from tests.serving_models import PRICES

from evalctl import Completion, Sample
from evalctl.estimates.tokenizer import by_characters
from evalctl_general.judged import rate_turns

N_RATINGS = 2 * N_SAMPLES
REPLY = "the " * 255 + "the"
"""As long as an answer is taken to be where nothing is known of it: 256 tokens."""


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    with court_at(Site(tmp_path_factory.mktemp("court"))) as court:
        (court.folder / "prices.yaml").write_text(PRICES)
        yield court


def estimates(court: Court, *flags: str) -> dict[str, Any]:
    done = court.driver.beside(*RUN, *flags, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["estimates"]
    return found


def test_each_turn_is_a_request_and_pays_for_what_the_judge_reads(court: Court) -> None:
    flags = ("--judge", court.judge, "--config", "prices.yaml", "--max-cost", "500")
    found = estimates(court, *flags)
    (judge,) = found["judges"]
    (verdicts,) = judge["verdicts"]
    assert judge["judge"] == court.judge
    assert (verdicts["dataset"], verdicts["scorer"]) == ("talks", "llm_judge_score")
    assert (verdicts["requests"], verdicts["output_tokens"]) == (N_RATINGS, N_RATINGS * 256)
    assert verdicts["output_tokens_at_most"] == N_RATINGS * 2048
    read = sum(
        by_characters(message.content) + 8
        for number in range(N_SAMPLES)
        for conversation in rate_turns(
            Sample(
                id=f"t{number}",
                input=f"What is {number} + {number}?",
                later_turns=("And twice that?",),
                metadata={
                    "category": ("writing", "math")[number % 2],
                    "references": [str(2 * number), str(4 * number)],
                },
            ),
            Completion(text=REPLY, earlier=(REPLY,)),
        )
        for message in conversation
    )
    assert verdicts["prompt_tokens"] == read
    price = judge["price"]
    assert price["expected"] == pytest.approx((read * 1e3 + N_RATINGS * 256 * 1e4) / 1e6)
    assert price["at_most"] == pytest.approx((read * 1e3 + N_RATINGS * 2048 * 1e4) / 1e6)
    assert found["limit"]["expected"] == price["expected"]
    assert found["limit"]["verdict"] == "within"


def test_pairs_and_panels_are_asked_for_each_order_and_each_judge(court: Court) -> None:
    recorded = court.rate("ratings.jsonl", by_sample(*[(8, 6)] * N_SAMPLES))
    flags = ("--judge", court.judge, "--judge", recorded, "--baseline", "baseline.jsonl")
    one, other = estimates(court, *flags)["judges"]
    assert [each["requests"] for each in one["verdicts"]] == [N_RATINGS, 2 * N_RATINGS]
    assert [each["requests"] for each in other["verdicts"]] == [N_RATINGS, 2 * N_RATINGS]
    assert {each["prompt_tokens"] for each in other["verdicts"]} == {0}
    assert one["price"] is other["price"] is None


def test_people_read_how_many_verdicts_there_will_be(court: Court) -> None:
    flags = ("--judge", court.judge, "--config", "prices.yaml", "--max-cost", "20")
    done = court.driver.beside(*RUN, *flags, "--dry-run")
    said = " ".join(done.stdout.split())
    assert f"judge: {court.judge} on openai: {N_RATINGS} verdicts, about" in said
    assert f"(at most {N_RATINGS * 2048:,}), a guess; price: about" in said
    assert "it will stop at its limit of 20 USD" in said
