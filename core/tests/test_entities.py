"""The scorer of named entities, from what a model wrote to metrics."""

from __future__ import annotations

import pytest

from evalctl import Completion, Sample, entity_scorer, gold_spans
from evalctl.entities import judge_entities

LABELS = ("Method", "Task", "I-PAR")
SAMPLE = Sample(
    id="1",
    input="A parser of Japanese text and a second parser .",
    metadata={"spans": [["Method", 2, 8], ["Task", 12, 25], ["Method", 39, 45]]},
)
GOLD = "Method: parser\nTask: Japanese text\nMethod: parser"


def counted(text: str) -> tuple[float, ...]:
    counts = judge_entities(SAMPLE, Completion(text=text), labels=LABELS).counts
    return tuple(counts[key] for key in ("found", "strict", "boundary", "partial", "type"))


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (GOLD, (3, 3, 3, 3, 3)),
        ("Method: parser\nMethod: parser\nMethod: parser\nTask: Japanese text", (3, 3, 3, 3, 3)),
        ("Method: parser", (1, 1, 1, 1, 1)),
        ("Task: text", (1, 0, 0, 0.5, 1)),
        ("Task: parser", (1, 0, 1, 1, 0)),
        ("Method: lexer\nMethod: Lexer", (1, 0, 0, 0, 0)),
        ("Method: lexer\nTask: lexer", (2, 0, 0, 0, 0)),
        ('[{"label": "Planet", "text": "parser"}]', (1, 0, 1, 1, 0)),
        ("[]", (0, 0, 0, 0, 0)),
        ("I do not know.", (0, 0, 0, 0, 0)),
    ],
)
def test_what_was_named_is_counted(text: str, counts: tuple[float, ...]) -> None:
    assert counted(text) == counts


def test_a_model_makes_up_no_keys_of_counts() -> None:
    text = str([{"label": f"L{n}", "text": "parser"} for n in range(9)]).replace("'", '"')
    counts = judge_entities(SAMPLE, Completion(text=text), labels=LABELS).counts

    assert {key for key in counts if ":" in key} == {
        "gold:Method",
        "gold:Task",
        "rows:Method",
        "rows:Task",
        "found:?",
    }


def test_an_unreadable_answer_is_a_zero_without_an_answer_that_still_has_gold_entities() -> None:
    score = judge_entities(SAMPLE, Completion(text="I do not know."), labels=LABELS)

    assert (score.value, score.answer, score.counts["gold"]) == (0.0, None, 3)


def test_naming_none_where_there_are_none_is_right() -> None:
    empty = Sample(id="2", input="It rains .", metadata={"spans": []})

    right = judge_entities(empty, Completion(text="[]"), labels=LABELS)
    wrong = judge_entities(empty, Completion(text="Task: rains"), labels=LABELS)

    assert (right.value, right.answer, wrong.value) == (1.0, "", 0.0)


def test_metrics_are_made_of_sums_over_samples() -> None:
    scorer = entity_scorer("ner", LABELS)
    metrics = {metric.name: metric.pooled for metric in scorer.metrics}
    counts = {"gold": 4.0, "found": 2.0, "strict": 2.0, "gold:I-PAR": 1.0, "partial": 2.5}

    values = {name: pooled and pooled(counts) for name, pooled in metrics.items()}

    assert values == {
        "ner_f1": pytest.approx(4 / 6),
        "ner_precision": 1.0,
        "ner_recall": 0.5,
        "ner_boundary_f1": 0.0,
        "ner_partial_f1": pytest.approx(5 / 6),
        "ner_type_f1": 0.0,
        "ner_f1_Method": None,
        "ner_f1_Task": None,
        "ner_f1_I_PAR": 0.0,
    }


@pytest.mark.parametrize("spans", ["text", [["Method", 2]], [["Method", "a", 3]], [3]])
def test_spans_that_are_none_are_refused(spans: object) -> None:
    with pytest.raises(ValueError):
        gold_spans(Sample.model_validate({"id": "1", "input": "", "metadata": {"spans": spans}}))
