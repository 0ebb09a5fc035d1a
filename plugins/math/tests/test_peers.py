"""The peers' GSM8K rules, faults included."""

from __future__ import annotations

import random
import re

import pytest

from evalctl_math import peers
from evalctl_math.peers import gsm8k_flexible, gsm8k_strict, peer_equal


@pytest.mark.parametrize(
    ("text", "strict", "flexible"),
    [
        ("so\n#### 72", "72", "72"),
        ("#### 1,000\n#### 2", "1,000", "2"),
        ("####72", None, "72"),
        ("#### -10.", "-10.", "-10."),
        ("It costs 7 dollars...", None, "..."),
        ("72 clips..", None, ".."),
        ("He has $1,000.", None, "$1,000."),
        ("five", None, None),
        ("#### $18", None, "$18"),
        ("7", None, "7"),
        ("-7", None, "-7"),
    ],
)
def test_texts_give_what_the_peer_extracts(
    text: str, strict: str | None, flexible: str | None
) -> None:
    assert gsm8k_strict(text) == strict
    assert gsm8k_flexible(text) == flexible


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1,000", "1000", True),
        ("$18", "18", True),
        ("18.", "18", True),
        ("work\n#### 18", "18", True),
        ("18.0", "18", False),
        ("...", "7", False),
        ("A", "a", True),
    ],
)
def test_the_exact_match_ignores_what_the_peer_ignores(one: str, other: str, same: bool) -> None:
    assert peer_equal(one, other) is same


def upstream(text: str) -> str:
    for pattern in (",", r"\$", r"(?s).*#### ", r"\.$"):
        text = re.sub(pattern, "", text)
    return text.lower()


def test_short_texts_lose_what_upstreams_patterns_remove() -> None:
    chance = random.Random(3)
    for _ in range(20_000):
        text = "".join(chance.choices(["#### ", "#", " ", ".", ",", "$", "\n", "1", "A"], k=7))
        assert peers._without_ignored(text) == upstream(text)
