"""What a model's labels mean for a dataset's classes."""

from __future__ import annotations

import math

import pytest

from evalctl.errors import ModelError, ScoringError
from evalctl.plan.labels import LabelReading, fit_labels, own_reading
from evalctl.protocols import ModelFacts
from evalctl.recorded_ids import RecordedIds
from evalctl.records import Sample, Score
from evalctl.sources import InlineSource
from evalctl.specs import (
    ClassSpec,
    DatasetSpec,
    EngineOptions,
    Example,
    MetricSpec,
    ModelSpec,
    PromptTemplate,
    ScorerSpec,
)
from evalctl.specs.classes import found_class, plain_label, read_labels

CLASSES = (
    ClassSpec(name="hate_speech", words=("hate", "hateful")),
    ClassSpec(name="offensive", words=("toxic",)),
    ClassSpec(name="neither", words=("normal",), is_rest=True),
)


def judge(sample: Sample, probabilities: object) -> Score:
    return Score(value=1.0)


def mean(scores: object) -> float:
    return 1.0


def dataset(**changes: object) -> DatasetSpec:
    metric = MetricSpec(name="right", title="right", reduce=mean)
    fields: dict[str, object] = {
        "name": "posts",
        "title": "posts",
        "version": "1",
        "licence": "CC0-1.0",
        "citation": "made for tests",
        "sources": (InlineSource(rows=({"text": "a"},)),),
        "columns": frozenset({"text"}),
        "to_sample": judge,
        "prompt": PromptTemplate(question="{input}"),
        "needs": "classify",
        "classes": CLASSES,
        "scorers": (ScorerSpec(name="s", version="1", classify=judge, metrics=(metric,)),),
        "headline": "right",
        "examples": (Example(sample=Sample(id="x", input="a"), good="neither", bad="offensive"),),
    }
    return DatasetSpec.model_validate(fields | changes)


def model(**labels: str) -> ModelSpec:
    return ModelSpec(
        name="m",
        title="m",
        path="p",
        kind="encoder",
        context_length=8,
        engine="e",
        licence="l",
        labels=labels,
    )


def fit(
    labels: tuple[str, ...],
    *,
    multi: bool = False,
    spec: ModelSpec | None = None,
    **means: str,
) -> LabelReading:
    facts = ModelFacts(labels=labels, is_multi_label=multi)
    reading = fit_labels(dataset(), facts, (spec, EngineOptions(labels=means)))
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    "labels",
    [
        ("hate_speech", "offensive", "neither"),
        ("Hate Speech", "OFFENSIVE", "Neither"),
        ("hate", "toxic", "normal"),
        ("neither", "hate-speech", "offensive"),
    ],
)
def test_labels_that_are_called_like_classes_need_no_word(labels: tuple[str, ...]) -> None:
    reading = fit(labels)

    assert set(reading.by_label) == set(labels)
    assert set(reading.by_label.values()) == {"hate_speech", "offensive", "neither"}


def test_what_the_user_says_wins_over_the_declaration_and_that_over_names() -> None:
    names = ("hate", "a", "b")
    declared = model(hate="normal", a="toxic", b="hateful")

    assert fit(names, spec=declared).by_label == {
        "hate": "neither",
        "a": "offensive",
        "b": "hate_speech",
    }
    assert fit(names, spec=declared, a="neither", hate="toxic").by_label == {
        "hate": "offensive",
        "a": "neither",
        "b": "hate_speech",
    }


def test_several_labels_may_mean_one_class() -> None:
    reading = fit(("hate", "toxic", "normal", "more"), more="toxic")

    found = reading.read({"hate": 0.1, "toxic": 0.25, "normal": 0.35, "more": 0.3})

    assert list(found) == ["hate_speech", "offensive", "neither"]
    assert list(found.values()) == pytest.approx([0.1, 0.55, 0.35])
    assert found_class(found) == "offensive"


def test_labels_of_their_own_need_none_for_the_rest_and_others_are_passed_over() -> None:
    reading = fit(("hate", "toxic", "threat"), multi=True)

    found = reading.read({"hate": 0.6, "toxic": 0.9, "threat": 0.99})
    calm = reading.read({"hate": 0.2, "toxic": 0.3, "threat": 0.99})

    assert list(found.values()) == pytest.approx([0.6, 0.9, 0.1])
    assert found_class(found) == "hate_speech"  # before the likelier one, as it is graver
    assert list(calm.values()) == pytest.approx([0.2, 0.3, 0.7])
    assert found_class(calm) == "neither"


@pytest.mark.parametrize(
    ("labels", "multi", "message"),
    [
        (("LABEL_0", "LABEL_1"), False, "means 'hate_speech', 'offensive', 'neither'"),
        (("hate", "normal"), False, "means 'offensive'"),
        (("hate", "toxic"), False, "means 'neither'"),
        (("hate", "threat"), True, "means 'offensive'"),
        (("hate", "toxic", "normal", "joy"), False, "label 'joy' means none of the classes"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do(
    labels: tuple[str, ...], multi: bool, message: str
) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        fit(labels, multi=multi)
    assert "--engine-option" in str(caught.value)


def test_a_word_for_a_label_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModelError, match="no label 'hatte'; did you mean 'hate'"):
        fit(("hate", "toxic", "normal"), hatte="hateful")


def test_labels_of_a_model_that_is_not_here_are_those_of_its_declaration() -> None:
    declared = model(a="hateful", b="toxic", c="normal")

    known = fit_labels(dataset(), ModelFacts(), (declared, EngineOptions()))

    assert known is not None
    assert known.by_label == {"a": "hate_speech", "b": "offensive", "c": "neither"}
    with pytest.raises(ModelError, match=r"not known before its config\.json is on this machine"):
        fit_labels(dataset(), ModelFacts(), (None, EngineOptions()))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"hate": 0.7, "toxic": 0.2, "normal": 0.1}, [0.7, 0.2, 0.1]),
        ({"hate": 0.7, "toxic": 0.8, "normal": 0.9}, [0.7, 0.8, pytest.approx(0.2)]),
        ({"hate": 0.25}, [0.25, 0.0, 0.75]),
    ],
)
def test_recorded_labels_are_one_distribution_where_they_add_up(
    row: dict[str, float], expected: list[float]
) -> None:
    recorded = RecordedIds(lambda: [], holds="classify")
    recorded.add("1", ("hate", "toxic", "normal"))
    facts = ModelFacts(datasets={"posts": recorded})

    reading = fit_labels(dataset(), facts, (None, EngineOptions()))

    assert reading is not None
    assert list(reading.read(row).values()) == expected


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.5, 1.5])
def test_what_is_no_probability_is_not_read(value: float) -> None:
    reading = own_reading(dataset())

    assert reading is not None
    with pytest.raises(ScoringError, match="is no probability of the label 'neither'"):
        reading.read({"neither": value})


def test_a_label_that_means_nothing_is_no_part_of_a_distribution() -> None:
    reading = fit(("hate", "toxic", "normal"))

    with pytest.raises(ScoringError, match="'new' means none of the dataset's classes"):
        reading.read({"hate": 0.5, "new": 0.5})


@pytest.mark.parametrize(
    ("label", "plain"),
    [("Hate Speech", "hate_speech"), ("non-hateful", "non_hateful"), ("__", "__"), ("", "")],
)
def test_labels_are_compared_without_case_and_marks(label: str, plain: str) -> None:
    assert plain_label(label) == plain


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a=x,b=y", {"a": "x", "b": "y"}),
        (" a = x , b=y, ", {"a": "x", "b": "y"}),
        ("a=b=x", {"a=b": "x"}),
        ('{"a, b": "x"}', {"a, b": "x"}),
        ({"a": "x"}, {"a": "x"}),
    ],
)
def test_words_for_labels_are_read_as_a_user_types_them(given: object, expected: object) -> None:
    assert read_labels(given) == expected


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        ({"a": 0.5, "b": 0.5}, "a"),
        ({"a": 0.4, "b": 0.6}, "b"),
        ({"a": 0.3, "b": 0.3, "c": 0.4}, "c"),
        ({"a": 0.3, "b": 0.35, "c": 0.35}, "b"),
        ({"a": 0.5, "b": 0.9}, "a"),
        ({"a": 0.0, "b": 0.0}, "a"),
    ],
)
def test_the_first_class_with_a_half_is_found_else_the_likeliest(
    probabilities: dict[str, float], expected: str
) -> None:
    assert found_class(probabilities) == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classes": ()}, "give it `classes`"),
        ({"classes": CLASSES[:1]}, "give it `classes`"),
        ({"classes": (*CLASSES, ClassSpec(name="Hate Speech"))}, "called 'hate_speech'"),
        ({"classes": (*CLASSES, ClassSpec(name="x", is_rest=True))}, "only one class"),
        ({"prompt": PromptTemplate()}, "its prompt's question is the text"),
        ({"needs": "generate"}, "all of its scorers must have"),
        ({"needs": "choose"}, "all of its scorers must have"),
        ({"group_metric": "wrong"}, "group_metric 'wrong' is none of"),
    ],
)
def test_a_dataset_that_cannot_be_classified_is_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        dataset(**changes)
