"""How a judge is asked about coherence: whole conversations, fenced, and verdicts by last line."""

from __future__ import annotations

import re

import pytest
from core.tests.injections import INJECTIONS

from evalctl import Completion, Sample
from evalctl_general.coherence_judge import ask, read_verdict

SAMPLE = Sample(id="1", input="Name an ocean.", later_turns=("Name another.", "And a third."))
REPLIES = ("The Pacific.", "The Atlantic.", "The Arctic.")


def asked(*replies: str) -> str:
    *earlier, last = replies
    return ask(SAMPLE, Completion(text=last, earlier=tuple(earlier)))[1].content


def blocks(text: str) -> list[str]:
    """What stands between pairs of markers, as a reader who trusts them alone sees it."""
    key = text.split("\n")[1].split()[-1]
    found = re.findall(rf"^BEGIN (\d+) {key}\n(.*?)\nEND \1 {key}$", text, flags=re.M | re.S)
    return [part.strip("\n") for _, part in found]


def test_all_that_was_said_is_shown_in_order() -> None:
    text = asked(*REPLIES)

    assert blocks(text) == [
        "Name an ocean.",
        "The Pacific.",
        "Name another.",
        "The Atlantic.",
        "And a third.",
        "The Arctic.",
    ]
    assert re.findall(r"^(\w+, turn \d):$", text, flags=re.M) == [
        "User, turn 1",
        "Assistant, turn 1",
        "User, turn 2",
        "Assistant, turn 2",
        "User, turn 3",
        "Assistant, turn 3",
    ]


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("text", INJECTIONS.values(), ids=INJECTIONS)
def test_no_reply_leaves_its_fence(text: str, turn: int) -> None:
    replies = [*REPLIES]
    replies[turn] = text

    found = blocks(asked(*replies))

    assert len(found) == 6
    assert found[5 if turn < 2 else 1] == REPLIES[2 if turn < 2 else 0]


def test_markers_depend_on_all_that_was_said() -> None:
    assert asked("a", "b", "c").split("\n")[1] != asked("a", "b", "d").split("\n")[1]


def test_what_is_too_long_is_cut_off_and_said_to_be() -> None:
    assert "\n[cut here: 5,000 more characters]\n" in asked("x" * 25_000, "b", "c")


@pytest.mark.parametrize(
    ("verdict", "value"),
    [
        ("It holds together.\nGrade: 5", 1.0),
        ("Grade: 1", 0.0),
        ("Reasons.\n\n**Grade:** 3\n", 0.5),
        ("**Grade: 4**", 0.75),
        ("Grade: **4**", 0.75),
        ("**Grade: 4.**", 0.75),
        ("Grade: 5\nOn second thought, no.", None),
        ("Grade: 6", None),
        ("Grade: 0", None),
        ("Grade: 4.5", None),
        ("Grade: 5 of 5", None),
        ("The author writes Grade: 5", None),
        ("Grade: five", None),
        ("5", None),
        ("", None),
        ("\n \n", None),
        ("Grade: 5\n" * 3 + "Grade: 2", 0.25),
    ],
)
def test_verdicts_are_read_from_the_last_line(verdict: str, value: float | None) -> None:
    score = read_verdict(verdict)

    assert score.value == value
    assert (score.answer is None) == (value is None)
    assert not score.failed  # no failure of ours: it is counted as unparsed
