"""Which language a text is taken to be in."""

from __future__ import annotations

import pytest

from evalctl.scan.languages import Languages, language_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("What is the capital of France, and how many people live there?", "en"),
        ("Was ist die Hauptstadt von Frankreich, und wie viele Menschen leben dort?", "de"),
        ("Quelle est la capitale de la France, et combien de gens vivent dans la ville ?", "fr"),
        ("¿Cuál es la capital de Francia y por qué es una ciudad para los turistas?", "es"),
        ("Сколько будет два плюс два?", "ru"),
        ("法国的首都是哪里？", "zh"),
        ("フランスの首都はどこですか。", "ja"),
        ("ما هي عاصمة فرنسا؟", "ar"),
        ("x + y = 2 a o e", "und"),
        ("", "und"),
    ],
)
def test_language(text: str, code: str) -> None:
    assert language_of(text) == code


def test_shares_are_of_a_part_of_the_texts() -> None:
    languages = Languages()
    for _ in range(60):
        languages.see("What is the capital of this country?")
    for _ in range(20):
        languages.see("Was ist das, und wie ist es für die Menschen?")
    assert languages.shares() == {"en": 0.75, "de": 0.25}
