"""The time of extraction grows no faster than the text, whatever the text looks like."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from evalctl_math.answers import WINDOW, extract
from evalctl_math.peers import gsm8k_flexible, gsm8k_strict, peer_equal
from evalctl_math.steps import step_score

PIECES = [
    "\\boxed{", "}", "{", "\\", "$", "$ ", "$x$", "$1$", "\\(", "\\[\\]", "#", "#### ",
    "#### Step\n", "answer ", "answer is ", "the answer is not ", "answer: {", "1", "1,", "1,111",
    "-", "- ", "1 ", "1/", ".", "1.", "1e", " ", "\n", "\n \n", "*", "\\frac", "\\frac{1}{2}",
    "\\frac1", "</think>", "e\u0301\u0323", "\u0661", "\u200b", "=", "1=", "1+1=", "x = 1, ",
    "a\\", "\\boxed{1}", "\\fbox ", "(", "<<1=1>>", "20% of ", "1 1/2 ", "1:", "<<", "x ", "9**",
]  # fmt: skip
FLOOR_SECONDS = 0.003  # below this, timing noise exceeds what is measured


def _seconds(function: Callable[[str], object], text: str) -> float:
    times = []
    for _ in range(2):
        start = time.process_time()
        function(text)
        times.append(time.process_time() - start)
    return max(min(times), FLOOR_SECONDS)


def _score(text: str) -> object:
    return step_score(text, text)


def _peer_equal(text: str) -> object:
    return peer_equal(text, "18")


@pytest.mark.parametrize("piece", PIECES, ids=repr)
@pytest.mark.parametrize("function", [extract, _score, gsm8k_flexible, gsm8k_strict, _peer_equal])
def test_four_times_the_text_takes_about_four_times_the_time(
    function: Callable[[str], object], piece: str
) -> None:
    size = WINDOW // 8
    short = piece * (size // len(piece))

    # A quadratic rule would take sixteen times as long.
    assert _seconds(function, short * 4) <= 9 * _seconds(function, short)


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_a_text_ten_times_the_window_costs_little_more_than_the_window(piece: str) -> None:
    window = piece * (WINDOW // len(piece))

    assert _seconds(extract, window * 10) <= 20 * _seconds(extract, window)
