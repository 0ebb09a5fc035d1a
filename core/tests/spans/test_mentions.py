"""Reading the entities that a model names, in whatever form."""

from __future__ import annotations

import time

import pytest

from evalctl import read_mentions

LABELS = ("Method", "Task", "OtherScientificTerm", "I-PAR")
PARSING, TAGGING = ("Method", "parsing"), ("Task", "tagging")
BOTH = (PARSING, TAGGING)
READ: list[tuple[str, tuple[tuple[str, str], ...]]] = [
    ('{"entities": [{"label": "Method", "text": "parsing"}]}', (PARSING,)),
    ('[{"label": "Method", "text": "parsing"}, {"label": "Task", "text": "tagging"}]', BOTH),
    ('[{"type": "method", "entity": "parsing"}]', (PARSING,)),
    ('[{"entity": "METHOD", "text": "parsing"}]', (PARSING,)),
    ('[{"entity": "parsing", "category": "Method"}]', (PARSING,)),
    ('[{"Label": "Method", "Text": " parsing "}]', (PARSING,)),
    ('[{"label": "Other scientific term", "text": "x"}]', (("OtherScientificTerm", "x"),)),
    ('[{"label": "i_par", "text": "men"}]', (("I-PAR", "men"),)),
    ('[{"label": "Planet", "text": "Mars"}]', (("Planet", "Mars"),)),
    ('{"Method": ["parsing"], "Task": ["tagging"]}', BOTH),
    ('{"method": "parsing", "task": []}', (PARSING,)),
    ('{"Method": [{"text": "parsing"}], "Task": [{"name": "tagging"}]}', BOTH),
    ('{"entities": {"Method": ["parsing"]}}', (PARSING,)),
    ('[["parsing", "Method"], ["tagging", "Task"]]', BOTH),
    ('[["Method", "parsing"], ["Task", "tagging"]]', BOTH),
    ('```json\n[{"label": "Method", "text": "parsing"}]\n```', (PARSING,)),
    ('Here they are:\n{"entities": [{"label": "Method", "text": "parsing"}]}\nDone.', (PARSING,)),
    ('{"label": "Method", "text": "parsing"}\n{"label": "Task", "text": "tagging"}', BOTH),
    ('As in [1], [ 2 ]: [{"label": "Method", "text": "parsing"}]', (PARSING,)),
    ('[{"label": "Task", "text": "x"}] no: [{"label": "Method", "text": "parsing"}]', (PARSING,)),
    ('{"entities": [{"label": "Method", "text": "parsing"}, {"label": "Ta', (PARSING,)),
    ('[{"label": "Method", "text": "parsing"}, {"label": "Task", "text": "tagging"}, {', BOTH),
    ('[{"label": "Method", "text": "a \\"b\\" {c}"}]', (("Method", 'a "b" {c}'),)),
    ('[{"label": "Method", "text": 3}, {"label": "Task", "text": "tagging"}]', (TAGGING,)),
    ('[{"label": "Method", "text": ""}, {"label": "Task", "text": "tagging"}]', (TAGGING,)),
    ('[{"label": "Method", "text": "parsing", "start": 4, "score": 0.5}]', (PARSING,)),
    (
        '{"text": "We use parsing.", "entities": [{"label": "Method", "text": "parsing"}]}',
        (PARSING,),
    ),
    ("Method: parsing\nTask: tagging", BOTH),
    ("- Method: parsing\n- Task: tagging", BOTH),
    ("1. parsing: Method\n2. tagging: Task", BOTH),
    ("* parsing (Method)\n* tagging (Task)", BOTH),
    ("parsing | Method\ntagging | Task", BOTH),
    ("Method | parsing\nTask | tagging", BOTH),
    ("parsing\tMethod\ntagging\tTask", BOTH),
    ("parsing -> Method\ntagging \u2192 Task", BOTH),
    ("parsing - Method\ntagging \u2013 Task", BOTH),
    ("**Method**: parsing\n**Task**: tagging", BOTH),
    ("Method: parsing; tagging", (PARSING, ("Method", "tagging"))),
    ('Method: "parsing"', (PARSING,)),
    ("Method: parsing,\nTask: tagging.", (PARSING, ("Task", "tagging."))),
    ("Entities:\n\nMethod: parsing\nthat is all", (PARSING,)),
    ("Method: none\nTask: tagging", (TAGGING,)),
    ("Method: a: b", (("Method", "a: b"),)),
    ("f(x) (Method)", (("Method", "f(x)"),)),
]
EMPTY = (
    "[]",
    "{}",
    '{"entities": []}',
    '{"Method": [], "Task": []}',
    "None",
    "none.",
    "No entities",
    "There are no entities.",
    "No entities were found.",
    "no named entities",
    "**None**",
    "Nothing",
    "```json\n[]\n```",
)
UNREADABLE = (
    "",
    "   ",
    "The text is on parsing.",
    "[1, 2]",
    "parsing, tagging",
    "None of this is easy to say, but parsing may be a method.",
    '{"answer": "parsing"}',
    "[[[",
    "42",
    "No",
)
HOSTILE = (
    "[" * 1_000_000,
    "{" * 1_000_000,
    '{"a":' * 100_000,
    "[{" * 300_000,
    '[{"label": "Method", "text": "' * 30_000,
    "{" + "a" * 1_000_000,
    "Method: " * 100_000,
    "(" * 1_000_000,
    "a (" * 300_000,
    "Method: x; " * 90_000,
    "- " * 500_000,
    ": " * 500_000,
    " " * 1_000_000,
    "*" * 1_000_000,
    "\n" * 1_000_000,
    "No " * 300_000,
    "[1" + "0" * 1_000_000 + "]",
    '[{"label": "Method", "text": "x"}, ' * 20_000,
    "a | " * 200_000,
    "\ud800" * 100_000,
)


@pytest.mark.parametrize(("text", "mentions"), READ)
def test_entities_are_read(text: str, mentions: tuple[tuple[str, str], ...]) -> None:
    found = read_mentions(text, LABELS)

    assert found is not None
    assert tuple((one.label, one.text) for one in found) == mentions


@pytest.mark.parametrize("text", EMPTY)
def test_a_text_may_say_that_there_are_none(text: str) -> None:
    assert read_mentions(text, LABELS) == ()


@pytest.mark.parametrize("text", UNREADABLE)
def test_other_texts_are_unreadable(text: str) -> None:
    assert read_mentions(text, LABELS) is None


@pytest.mark.parametrize(
    ("written", "occurrence"), [("2", 2), ("0", 0), ("-1", 0), ("true", 0), ('"2"', 0), ("1e9", 0)]
)
def test_an_occurrence_is_read_where_it_is_a_number(written: str, occurrence: int) -> None:
    text = f'[{{"label": "Method", "text": "parsing", "occurrence": {written}}}]'

    assert read_mentions(text, LABELS) == (("Method", "parsing", occurrence),)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12].encode("unicode_escape"))
def test_a_megabyte_of_anything_is_read_in_linear_time(text: str) -> None:
    began = time.process_time()

    read_mentions(text, LABELS)

    assert time.process_time() - began < 3.0
