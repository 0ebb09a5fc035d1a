"""Reading a label out of what a model writes, and F1 over labels."""

from __future__ import annotations

import time
from random import Random

import pytest

from evalctl import Completion, Sample, macro_f1
from evalctl_scientific.labelling import INTENT_F1
from evalctl_scientific.labels import judge_label, read_label
from evalctl_scientific.rows import INTENTS, RELATIONS

CALLED = ("relation", "intent")
RELATION = {
    "Relation: USED-FOR": "USED-FOR",
    "relation: used-for": "USED-FOR",
    "Relation: Used for": "USED-FOR",
    "Relation: USED_FOR": "USED-FOR",
    "Relation: USEDFOR": "USED-FOR",
    "**Relation:** PART-OF": "PART-OF",
    "**Relation**: `PART-OF`": "PART-OF",
    "Relation = COMPARE": "COMPARE",
    "Answer: HYPONYM-OF.": "HYPONYM-OF",
    "The answer is FEATURE-OF": "FEATURE-OF",
    "The relation is **CONJUNCTION**, clearly.": "CONJUNCTION",
    'The relation is "EVALUATE-FOR".': "EVALUATE-FOR",
    "Label: [PART-OF]": "PART-OF",
    "\\boxed{PART-OF}\nAnswer: \\boxed{PART-OF}": "PART-OF",
    "Relation: PART-OF\n\nNo: Relation: USED-FOR": "USED-FOR",
    "Relation: PART-OF\nRelation: PART-OF": "PART-OF",
    "USED-FOR": "USED-FOR",
    "used for": "USED-FOR",
    "Used-For.": "USED-FOR",
    "PART-OF\nThe wheel is a part of the car.": "PART-OF",
    "The wheel belongs to the car.\nPART-OF": "PART-OF",
    "It is a part, so PART-OF fits.": "PART-OF",
    "I would say (PART-OF).": "PART-OF",
    "x " * 300 + "\nRelation: PART-OF": "PART-OF",
    "Relation:\nPART-OF": "PART-OF",
    "Relation: <PART-OF>": "PART-OF",
    "Relation: PART-OF, because it is used for it": "PART-OF",
}
NO_RELATION = (
    "",
    "   ",
    "I cannot tell.",
    "Relation: none",
    "Relation: PART-OF or USED-FOR",
    "Relation: PART-OF, USED-FOR",
    "Relation: PART-OF/USED-FOR",
    "Relation: PART-OF and COMPARE",
    "PART-OF or USED-FOR",
    "USED-FOR: it is used\nPART-OF: it is a part",
    "It is used for parsing.",
    "A part of it is compared.",
    "Relation: PART-OFF",
    "Relation: UNUSED-FOR",
    "x " * 300 + "PART-OF is what I would say of it " * 10,
    "关系",
    "\ud800",
)
INTENT = {
    "Intent: method": "method",
    "intent: Method.": "method",
    "Intent: *result*": "result",
    "The intent is background": "background",
    "method": "method",
    "Background": "background",
    "This cites a method.": "method",
    "It compares results. Intent: result": "result",
    "Intention: unknown\nIntent: method": "method",
    "'background'": "background",
    "result\n\nThe authors compare.": "result",
    "The class is BACKGROUND, I think.": "background",
}
NO_INTENT = (
    "",
    "method or result",
    "Intent: method or result",
    "Intent: method & background",
    "Intent: methods",
    "The methods and results are background.. no, method.",
    "No idea",
    "resulting",
    "methodical",
    "background-free",
)
HOSTILE = (
    "Relation: " * 100_000,
    "Relation:" + " " * 1_000_000,
    "relation is " * 90_000,
    "PART-OF " * 120_000,
    "PART-OF,PART-OF/" * 60_000,
    "(" * 1_000_000,
    "Relation: " + "(" * 1_000_000,
    "P" * 1_000_000,
    "PART" + "-" * 1_000_000,
    "used " * 200_000,
    "\n" * 1_000_000,
)


@pytest.mark.parametrize(("text", "label"), RELATION.items(), ids=lambda text: text[:40])
def test_a_relation_is_read(text: str, label: str) -> None:
    found = read_label(text, RELATIONS, called=CALLED)

    assert found is not None
    assert found.label == label


@pytest.mark.parametrize("text", NO_RELATION, ids=lambda text: ascii(text[:40]))
def test_what_names_no_relation_or_several_is_unreadable(text: str) -> None:
    assert read_label(text, RELATIONS, called=CALLED) is None


@pytest.mark.parametrize(("text", "label"), INTENT.items())
def test_an_intent_is_read(text: str, label: str) -> None:
    found = read_label(text, INTENTS, called=("intent", "class"))

    assert found is not None
    assert found.label == label


@pytest.mark.parametrize("text", NO_INTENT)
def test_what_names_no_intent_or_several_is_unreadable(text: str) -> None:
    assert read_label(text, INTENTS, called=("intent", "class")) is None


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_a_megabyte_of_anything_is_read_in_linear_time(text: str) -> None:
    began = time.process_time()

    read_label(text, RELATIONS, called=CALLED)

    assert time.process_time() - began < 3.0


def plain_macro_f1(pairs: list[tuple[str, str]]) -> float:
    """Macro F1 from precision and recall of each label that occurs, as it is written down."""
    values = []
    for label in {label for pair in pairs for label in pair if label}:
        given = [gold for gold, found in pairs if found == label]
        wanted = [found for gold, found in pairs if gold == label]
        precision = given.count(label) / len(given) if given else 0.0
        recall = wanted.count(label) / len(wanted) if wanted else 0.0
        total = precision + recall
        values.append(2 * precision * recall / total if total else 0.0)
    return sum(values) / len(values)


def test_macro_f1_is_that_of_its_definition() -> None:
    random = Random(2)
    for _ in range(200):
        pairs = [
            (random.choice(INTENTS), random.choice((*INTENTS, "")))
            for _ in range(random.randint(1, 9))
        ]
        sums: dict[str, float] = {}
        for gold, found in pairs:
            score = judge_label(
                Sample(id="1", input="?", target=gold),
                Completion(text=f"Intent: {found}"),
                labels=INTENTS,
                called=("intent",),
            )
            for key, count in score.counts.items():
                sums[key] = sums.get(key, 0.0) + count

        assert macro_f1(sums, classes=INTENTS) == pytest.approx(plain_macro_f1(pairs), abs=1e-12)


def test_macro_f1_worked_by_hand() -> None:
    sums = {"tp:method": 2.0, "fn:method": 1.0, "tp:result": 1.0, "fp:result": 1.0}
    headline = INTENT_F1.pooled

    assert headline is not None
    assert headline(sums) == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert headline({}) is None


def test_an_unreadable_answer_is_a_zero_without_an_answer() -> None:
    sample = Sample(id="1", input="?", target="method")

    score = judge_label(sample, Completion(text="?"), labels=INTENTS, called=())

    assert (score.value, score.answer, score.counts) == (0.0, None, {"fn:method": 1.0})
