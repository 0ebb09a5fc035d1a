"""Places of entities that a model named in words."""

from __future__ import annotations

import time

import pytest

from evalctl import Mention, place_mentions

PLACED: list[tuple[str, list[str], list[str | None]]] = [
    # Each entity with the number of its first character; none where it has no place.
    ("a parser of text", ["parser"], ["parser@2"]),
    ("a parser of text", ["Parser"], ["parser@2"]),
    ("a parser of text", ["parsers"], [None]),
    ("a parser of text", [" parser "], ["parser@2"]),
    ("Text and text", ["text"], ["text@9"]),
    ("Text and text", ["text", "text"], ["text@9", "Text@0"]),
    ("Text and text", ["text", "text", "text"], ["text@9", "Text@0", None]),
    ("text and text", ["text", "text"], ["text@0", "text@9"]),
    ("within it", ["it"], ["it@7"]),
    ("within", ["it"], ["it@1"]),
    ("Japanese text in text", ["text", "Japanese text"], ["text@17", "Japanese text@0"]),
    ("Japanese text in text", ["Japanese text", "text"], ["Japanese text@0", "text@17"]),
    ("text of Japanese text", ["text", "Japanese text"], ["text@0", "Japanese text@8"]),
    ("Japanese text", ["Japanese text", "text"], ["Japanese text@0", "text@9"]),
    ("LFG ( lexical )", ["LFG (lexical)"], ["LFG ( lexical )@0"]),
    ("naive  Bayes", ["naive bayes"], ["naive  Bayes@0"]),
    ("naive Bayes", ["naivebayes"], ["naive Bayes@0"]),
    ("a b a b", ["b", "a"], ["b@2", "a@4"]),
    ("a b a b", ["b", "a", "b", "a"], ["b@2", "a@0", "b@6", "a@4"]),
    ("Straße", ["STRASSE"], ["Straße@0"]),
    ("分析文本", ["文本"], ["文本@2"]),
    ("text", [""], [None]),
    ("text", ["  "], [None]),
    ("", ["text"], [None]),
    ("C++ and C", ["C"], ["C@0"]),
    ("x-ray of x", ["x"], ["x@0"]),
    ("e-mail, E-MAIL", ["E-MAIL"], ["E-MAIL@8"]),
]


@pytest.mark.parametrize(("source", "named", "places"), PLACED)
def test_entities_are_placed(source: str, named: list[str], places: list[str | None]) -> None:
    mentions = [Mention(str(number), text) for number, text in enumerate(named)]

    placed = place_mentions(source, mentions)

    found = {span.label: f"{source[span.start : span.end]}@{span.start}" for span in placed.spans}
    assert [found.get(mention.label) for mention in mentions] == places
    assert [mention.label for mention in placed.unplaced] == [
        str(number) for number, place in enumerate(places) if place is None
    ]


def test_each_place_is_given_once_whatever_the_label() -> None:
    placed = place_mentions("text", [Mention("A", "text"), Mention("B", "text")])

    assert [span.label for span in placed.spans] == ["A"]
    assert [mention.label for mention in placed.unplaced] == ["B"]


@pytest.mark.parametrize(("occurrence", "start"), [(1, 0), (2, 5), (3, 10), (4, 0), (0, 0)])
def test_an_entity_may_say_which_of_its_places_is_meant(occurrence: int, start: int) -> None:
    placed = place_mentions("text text text", [Mention("A", "text", occurrence)])

    assert [span.start for span in placed.spans] == [start]


def test_a_place_that_was_said_is_kept_free() -> None:
    placed = place_mentions("text text", [Mention("A", "text"), Mention("B", "text", 1)])

    assert {span.label: span.start for span in placed.spans} == {"A": 5, "B": 0}


@pytest.mark.parametrize(
    "named",
    [
        ["a"] * 100_000,
        ["a" * number for number in range(1, 3000)],
        ["a b"] * 5000,
        ["zz"] * 100_000,
    ],
    ids=["one sign", "ever longer", "pairs", "absent"],
)
def test_many_entities_take_little_time(named: list[str]) -> None:
    source = "a b " * 2000
    began = time.process_time()

    place_mentions(source, [Mention("A", text) for text in named])

    assert time.process_time() - began < 2.0
