"""Characters that nobody sees do not hide an answer."""

from __future__ import annotations

import unicodedata

import pytest

from evalctl_math.answers import extract
from evalctl_math.characters import fold


def test_every_format_character_is_dropped() -> None:
    characters = (chr(number) for number in range(0x110000))
    formats = "".join(sign for sign in characters if unicodedata.category(sign) == "Cf")
    assert len(formats) > 100
    assert fold(f"1{formats}8é") == "18é"


@pytest.mark.parametrize("text", ["#### 18\u202e", "#### \u206618\u2069", "#### \u061c1\u200b8"])
def test_marks_of_direction_do_not_hide_an_answer(text: str) -> None:
    found = extract(text)
    assert found is not None
    assert found.answer == "18"
