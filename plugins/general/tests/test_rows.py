"""Rows as upstream and as the hub writes them, and broken ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from evalctl import Row, Sample
from evalctl_general import rows

ARC = {
    "id": "M_1",
    "question": {
        "stem": "What freezes?",
        "choices": [{"text": "water", "label": "1"}, {"text": "fire", "label": "2"}],
    },
    "answerKey": "1",
}
ARC_HUB = {
    "id": "M_1",
    "question": "What freezes?",
    "choices": {"text": ["water", "fire"], "label": ["1", "2"]},
    "answerKey": "1",
}
SWAG = {
    "ind": 24,
    "activity_label": "Roof shingle removal",
    "ctx_a": "A man [substeps] is sitting on a roof.",
    "ctx_b": "he",
    "endings": ["is ripping [title] tiles.", "falls  down."],
    "label": 1,
    "source_id": "wikihow~33",
    "split_type": "indomain",
}
MMLU = {"question": " Which? ", "A": "w", "B": "x", "C": "y", "D": "z", "answer": "C"}
MMLU_HUB = {
    "question": " Which? ",
    "choices": ["w", "x", "y", "z"],
    "answer": 2,
    "subject": "anatomy",
}
TRUTH = {
    "question": "What happens?",
    "mc1_targets": {"nothing": 1, "death": 0},
    "mc2_targets": {"little": 1, "nothing": 1, "death": 0},
}
TRUTH_HUB = {
    "question": "What happens?",
    "mc1_targets": {"choices": ["nothing", "death"], "labels": [1, 0]},
    "mc2_targets": {"choices": ["little", "nothing", "death"], "labels": [1, 1, 0]},
}
Adapter = Callable[[Row], Sample]


def row(data: Mapping[str, Any], part: str = "") -> Row:
    return Row(data=data, number=7, part=part, location="file:8")


@pytest.mark.parametrize("data", [ARC, ARC_HUB], ids=["upstream", "hub"])
def test_a_row_of_arc_is_told_by_letters_whatever_it_calls_its_choices(
    data: Mapping[str, Any],
) -> None:
    sample = rows.arc(row(data))

    assert (sample.id, sample.input, sample.target) == ("M_1", "What freezes?", "A")
    assert (sample.choices, sample.solution) == (("water", "fire"), "water")


@pytest.mark.parametrize("label", [1, "1"])
def test_a_row_of_hellaswag_is_cleaned_of_marks(label: object) -> None:
    sample = rows.hellaswag(row(SWAG | {"label": label}))

    assert sample.input == "Roof shingle removal: A man is sitting on a roof. He"
    assert sample.choices == ("is ripping. tiles.", "falls down.")
    assert (sample.id, sample.target, sample.cluster) == ("24-7", "B", "wikihow~33")
    assert sample.metadata == {"source": "wikihow", "split": "indomain"}


def test_a_row_of_hellaswag_may_lack_a_second_half() -> None:
    sample = rows.hellaswag(row(SWAG | {"ctx_b": None}))

    assert sample.input == "Roof shingle removal: A man is sitting on a roof."


@pytest.mark.parametrize(
    ("data", "part"), [(MMLU, "anatomy"), (MMLU_HUB, "")], ids=["upstream", "hub"]
)
def test_a_row_of_mmlu_knows_subject_topic_and_group(data: Mapping[str, Any], part: str) -> None:
    sample = rows.mmlu(row(data, part))

    assert (sample.id, sample.input, sample.target) == ("anatomy/7", "Which?", "C")
    assert sample.choices == ("w", "x", "y", "z")
    assert sample.metadata == {"subject": "anatomy", "topic": "anatomy", "group": "stem"}


def test_mmlu_has_57_subjects_in_four_groups() -> None:
    assert len(rows.GROUPS) == 57
    assert set(rows.GROUPS.values()) == {"stem", "humanities", "social_sciences", "other"}


@pytest.mark.parametrize("data", [TRUTH, TRUTH_HUB], ids=["upstream", "hub"])
def test_a_row_of_truthfulqa_has_the_answers_of_both_forms_once(data: Mapping[str, Any]) -> None:
    sample = rows.truthfulqa(row(data))

    assert sample.choices == ("little", "nothing", "death")
    assert sample.metadata == {"mc1": [1, 2], "mc2": [1, 1, 0]}
    assert (sample.target, sample.solution) == ("B", "nothing")


def test_truthfulqa_by_letter_does_not_always_have_the_right_answer_first() -> None:
    letters = [
        rows.truthfulqa_shuffled(row(TRUTH | {"question": f"What happens at {n}?"})).target
        for n in range(40)
    ]

    assert 10 < letters.count("A") < 30


def test_its_order_is_the_same_every_time() -> None:
    first, second = (rows.truthfulqa_shuffled(row(TRUTH)) for _ in range(2))

    assert first == second
    assert first.choices["AB".index(first.target)] == "nothing"


MANY = {f"answer {n}": int(n == 30) for n in range(31)}
BROKEN: list[tuple[Adapter, Mapping[str, Any], str]] = [
    (rows.arc, ARC | {"answerKey": "3"}, "none of the labels"),
    (rows.arc, ARC | {"question": {"stem": "", "choices": []}}, "no text"),
    (rows.arc, ARC | {"question": {"stem": "?", "choices": "ab"}}, "list of objects"),
    (rows.arc, ARC_HUB | {"choices": None}, "texts and labels"),
    (rows.arc, ARC_HUB | {"choices": {"text": ["a"], "label": ["1", "2"]}}, "zip"),
    (rows.arc, ARC_HUB | {"choices": {"text": ["a"], "label": ["1"]}}, "no choice"),
    (rows.hellaswag, SWAG | {"label": ""}, "no position"),
    (rows.hellaswag, SWAG | {"label": 2}, "no position"),
    (rows.hellaswag, SWAG | {"label": -1}, "no position"),
    (rows.hellaswag, SWAG | {"endings": "ab"}, "list of texts"),
    (rows.hellaswag, SWAG | {"endings": ["a", None]}, "list of texts"),
    (rows.hellaswag, SWAG | {"ctx_a": None}, "must hold texts"),
    (rows.mmlu, MMLU | {"answer": "E", "subject": "law"}, "no letter of one of 4"),
    (rows.mmlu, MMLU | {"question": " ", "subject": "law"}, "a text is needed"),
    (rows.mmlu, MMLU_HUB | {"answer": 4}, "no position"),
    (rows.mmlu, MMLU_HUB | {"answer": "C"}, "no position"),
    (rows.mmlu, MMLU_HUB | {"subject": None}, "a text is needed"),
    (rows.truthfulqa, TRUTH | {"mc1_targets": {"nothing": 1}}, "a false one"),
    (rows.truthfulqa, TRUTH | {"mc1_targets": {"death": 0, "nothing": 1}}, "it first"),
    (rows.truthfulqa, TRUTH | {"mc1_targets": {"other": 1, "death": 0}}, "none of mc2_targets"),
    (rows.truthfulqa, TRUTH | {"mc2_targets": {"nothing": 1, "death": 1}}, "false ones"),
    (rows.truthfulqa, TRUTH | {"mc2_targets": {"nothing": 2, "death": 0}}, "1 or 0"),
    (rows.truthfulqa, TRUTH | {"mc2_targets": ["nothing"]}, "answers with their labels"),
    (rows.truthfulqa, TRUTH | {"mc2_targets": {"choices": ["a"], "labels": 1}}, "list of labels"),
    (
        rows.truthfulqa,
        TRUTH | {"mc1_targets": {"answer 30": 1, "answer 1": 0}, "mc2_targets": MANY},
        "number 31; 26 have letters",
    ),
]


@pytest.mark.parametrize(
    ("adapter", "data", "said"),
    BROKEN,
    ids=[f"{adapter.__name__}: {said}" for adapter, _, said in BROKEN],
)
def test_a_broken_row_is_refused_with_the_reason(
    adapter: Adapter, data: Mapping[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        adapter(row(data))


def test_a_choice_without_its_label_names_the_column() -> None:
    with pytest.raises(KeyError, match="label"):
        rows.arc(row(ARC | {"question": {"stem": "?", "choices": [{"text": "a"}]}}))
