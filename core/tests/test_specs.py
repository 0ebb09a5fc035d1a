"""What specs refuse of conversations and of temperatures."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.talks import TALK, TALKS

from evalctl import DatasetSpec, Example


def test_an_example_has_a_reply_before_each_later_turn() -> None:
    with pytest.raises(ValidationError, match="1 replies, and the sample 2 later turns"):
        Example(sample=TALK, earlier=("first t0!",), good="a", bad="b")


def test_an_output_comes_after_the_earlier_replies() -> None:
    given = TALKS.examples[0].completion("x")

    assert (given.earlier, given.text) == (("first t0!", "second t0!"), "x")


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature_by": ""},
        {"temperatures": {}},
        {"temperatures": {"warm": -0.1}},
        {"temperatures": {"warm": float("nan")}},
        {"temperatures": {"warm": float("inf")}},
    ],
    ids=str,
)
def test_temperatures_go_by_something_and_are_some(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="temperature"):
        DatasetSpec.model_validate({**dict(TALKS), **changes})
