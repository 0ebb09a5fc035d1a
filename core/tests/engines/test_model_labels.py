"""Labels as configurations have them, and outputs as probabilities."""

from __future__ import annotations

import math

import pytest

from evalctl.engines.model_labels import Labels, labels_of
from evalctl.errors import ModelError

MULTI = "multi_label_classification"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"id2label": {"0": "no", "1": "yes"}}, Labels(("no", "yes"), False)),
        ({"id2label": {1: "yes", 0: "no"}}, Labels(("no", "yes"), False)),
        ({}, Labels(("LABEL_0", "LABEL_1"), False)),
        ({"num_labels": 3}, Labels(("LABEL_0", "LABEL_1", "LABEL_2"), False)),
        ({"id2label": {"0": "a", "1": "b"}, "problem_type": MULTI}, Labels(("a", "b"), True)),
        ({"id2label": {"0": "toxic"}}, Labels(("toxic",), True)),
        (
            {"id2label": {"0": "a", "1": "b"}, "problem_type": "single_label_classification"},
            Labels(("a", "b"), False),
        ),
    ],
)
def test_labels_are_in_the_order_of_outputs(config: dict[str, object], expected: Labels) -> None:
    assert labels_of("m", config) == expected


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"problem_type": "regression"}, "gives numbers, and no probabilities"),
        ({"id2label": {}}, "must hold a label for each of its outputs"),
        ({"id2label": ["a", "b"]}, "must hold a label for each of its outputs"),
        ({"id2label": {"0": "a", "2": "b"}}, "must number its labels from 0 on"),
        ({"id2label": {"0": "a", "1": "a"}}, "has the label 'a' twice"),
    ],
)
def test_labels_that_tell_nothing_apart_are_refused(
    config: dict[str, object], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        labels_of("m", config)


def test_the_user_has_the_last_word_on_several_labels() -> None:
    assert labels_of("m", {}, multi_label=True).is_multi_label
    assert not labels_of("m", {"problem_type": MULTI}, multi_label=False).is_multi_label


def test_one_label_out_of_several_has_a_softmax() -> None:
    found = Labels(("a", "b", "c"), False).probabilities([1.0, 2.0, -1e9])

    assert found == {"a": 0.2689414, "b": 0.7310586, "c": 0.0}


def test_several_labels_have_a_logistic_each_without_overflow() -> None:
    found = Labels(("a", "b", "c"), True).probabilities([0.0, 1e4, -1e4])

    assert found == {"a": 0.5, "b": 1.0, "c": 0.0}


@pytest.mark.parametrize("logits", [[math.nan, 1.0], [math.inf, 1.0], [1.0], [1.0, 2.0, 3.0]])
def test_outputs_that_are_no_numbers_have_no_probabilities(logits: list[float]) -> None:
    assert Labels(("a", "b"), False).probabilities(logits) is None
