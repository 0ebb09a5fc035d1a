"""The toxicity datasets: rows, the metric against a plain reference, and gold on real rows."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from evalctl import (
    Completion,
    DatasetMissingError,
    DatasetSpec,
    Row,
    Sample,
    class_f1,
    class_precision,
    class_recall,
    macro_f1,
)
from evalctl.plan import load_dataset
from evalctl.plan.labels import fit_labels
from evalctl.protocols import ModelFacts
from evalctl.proving.gold import perturbed, planned_for_check, prove, render_gold
from evalctl.specs import EngineOptions
from evalctl_safety import toxicity_rows as rows
from evalctl_safety.models import SAFETY_BERT
from evalctl_safety.toxicity import (
    TOXICITY,
    toxicity_civil_comments,
    toxicity_davidson,
    toxicity_detection,
    toxicity_jigsaw,
)
from evalctl_safety.toxicity_classes import HATE_ANSWERS, THREE_CLASSES
from evalctl_safety.toxicity_scoring import (
    judge_labels,
    judge_written,
    metrics_of,
    score_of,
)

BY_NAME = {spec.name: spec for spec in TOXICITY}
NAMES = tuple(one.name for one in THREE_CLASSES)


def row(**data: object) -> Row:
    return Row(data, 7, "", "file:8")  # type: ignore[arg-type]  # JSON values


def summed(gold: Sequence[str], given: Sequence[str | None]) -> dict[str, float]:
    """Return the counts of all samples together."""
    total: Counter[str] = Counter()
    for target, name in zip(gold, given, strict=True):
        sample = Sample(id="x", input="x", target=target)
        for key, count in score_of(sample, name, "").counts.items():
            total[key] += int(count)
    return dict(total)


def reference(gold: Sequence[str], given: Sequence[str | None]) -> dict[str, tuple[float, ...]]:
    """Return precision, recall and F1 by class, straight from their definitions on lists."""
    found = {}
    for name in sorted({*gold, *(one for one in given if one is not None)}):
        of_it = [target == name for target in gold]
        given_it = [one == name for one in given]
        both = sum(a and b for a, b in zip(of_it, given_it, strict=True))
        precision = both / sum(given_it) if any(given_it) else 0.0
        recall = both / sum(of_it) if any(of_it) else 0.0
        total = precision + recall
        found[name] = (precision, recall, 2 * precision * recall / total if total else 0.0)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_figures_are_those_of_the_definition(seed: int) -> None:
    chance = random.Random(seed)
    some = NAMES[: chance.randint(1, 3)]
    gold = [chance.choice(some) for _ in range(chance.randint(1, 30))]
    given = [chance.choice((*NAMES[: chance.randint(1, 3)], None)) for _ in gold]
    counts, expected = summed(gold, given), reference(gold, given)

    for name, figures in expected.items():
        made = (
            class_precision(counts, name=name),
            class_recall(counts, name=name),
            class_f1(counts, name=name),
        )
        assert made == pytest.approx(figures)
    f1s = [figures[2] for figures in expected.values()]
    assert macro_f1(counts, classes=NAMES) == pytest.approx(sum(f1s) / len(f1s))
    assert all(class_f1(counts, name=name) is None for name in set(NAMES) - set(expected))


@pytest.mark.parametrize(
    ("gold", "given", "expected"),
    [
        ("ab", "ab", 1.0),
        ("ab", "ba", 0.0),
        # a: tp 1, fn 1: 2/3; b: tp 1, fp 1: 2/3
        ("aab", "abb", 2 / 3),
        # b is neither gold nor given: it is no class here
        ("aa", "aa", 1.0),
        # b is given and never gold: precision 0, recall 0 by convention; a: 2/3
        ("aa", "ab", (2 / 3 + 0.0) / 2),
        # b is gold and never given
        ("ab", "aa", (2 / 3 + 0.0) / 2),
        # an unreadable answer is a miss of a and is given to nothing
        ("aab", "a-b", (2 / 3 + 1.0) / 2),
        ("a", "-", 0.0),
    ],
)
def test_macro_f1_by_hand(gold: str, given: str, expected: float) -> None:
    counts = summed(gold, [None if sign == "-" else sign for sign in given])

    assert macro_f1(counts, classes="abc") == pytest.approx(expected)


def test_no_sample_defines_no_metric() -> None:
    assert macro_f1({}, classes=NAMES) is None
    assert class_f1({}, name="neither") is None


def test_a_classifier_is_judged_by_the_first_class_with_a_half() -> None:
    sample = Sample(id="x", input="x", target="hateful")

    right = judge_labels(sample, {"hateful": 0.5, "non-hateful": 0.5})
    wrong = judge_labels(sample, {"hateful": 0.49, "non-hateful": 0.51})

    assert (right.value, right.answer, dict(right.counts)) == (1.0, "hateful", {"tp:hateful": 1})
    assert (wrong.value, wrong.answer) == (0.0, "non-hateful")
    assert dict(wrong.counts) == {"fn:hateful": 1, "fp:non-hateful": 1}


def test_an_unreadable_answer_is_wrong_and_given_to_no_class() -> None:
    sample = Sample(id="x", input="x", target="hateful")
    score = judge_written(sample, Completion(text="I cannot say."), answers=HATE_ANSWERS)

    assert (score.value, score.answer, dict(score.counts)) == (0.0, None, {"fn:hateful": 1})


@pytest.mark.parametrize("spec", TOXICITY, ids=lambda spec: spec.name)
def test_every_dataset_has_its_metrics_and_a_form_in_words(spec: DatasetSpec) -> None:
    names = [metric.name for scorer in spec.scorers for metric in scorer.metrics]

    assert names[:2] == ["toxicity_detection_f1", "toxicity_accuracy"]
    assert names == [metric.name for metric in metrics_of(spec.classes)]
    assert (spec.needs == "classify") == (spec.otherwise == f"{spec.name}_written")
    assert spec.needs == "generate" or spec.otherwise in BY_NAME
    assert spec.prompt.question == "{input}" or "{input}" in spec.prompt.instruction


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("toxicity_detection", 3728),
        ("toxicity_detection_written", 3728),
        ("toxicity_davidson", 2000),
        ("toxicity_davidson_written", 2000),
    ],
)
def test_gold_classes_score_full_marks_and_others_do_not(
    name: str, count: int, benchmark_data: Path
) -> None:
    spec = BY_NAME[name]
    planned = planned_for_check(load_dataset(spec, "safety", [benchmark_data]))

    right = prove(planned, render_gold(spec), must_be_right=True)
    wrong = prove(planned, perturbed(spec), must_be_right=False)

    assert (right.n_rows, wrong.n_rows) == (count, count)
    assert (right.wrong, wrong.wrong) == ((), ())


def test_hatecheck_is_read_whole(benchmark_data: Path) -> None:
    samples = list(load_dataset(toxicity_detection, "safety", [benchmark_data]).samples())
    functions = Counter(str(one.metadata["functionality"]) for one in samples)
    targets = Counter(one.metadata.get("target") for one in samples)

    # Source: Röttger et al. 2021, table 1, and upstream's README: 29 functionalities, 7 groups.
    assert Counter(one.target for one in samples) == {"hateful": 2563, "non-hateful": 1165}
    assert (len(functions), functions["ident_neutral_nh"], functions["slur_h"]) == (29, 126, 144)
    assert (len(targets) - 1, targets["women"], targets[None]) == (7, 509, 292)
    assert len({one.cluster for one in samples}) == 845
    assert samples[0].input == "I hate women."
    assert len({(one.metadata["functionality"], one.target) for one in samples}) == 29


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"label_gold": "hate"}, "label_gold 'hate' is neither"),
        ({"test_case": " "}, "column 'test_case' holds ' '"),
        ({"case_id": ""}, "column 'case_id' is missing or empty"),
    ],
)
def test_broken_cases_are_refused(data: dict[str, object], message: str) -> None:
    whole = {
        "functionality": "slur_h",
        "case_id": 3,
        "test_case": "a",
        "label_gold": "hateful",
        "target_ident": None,
    }

    assert rows.hatecheck(row(**whole)).metadata == {"functionality": "slur_h"}
    with pytest.raises(ValueError, match=message):
        rows.hatecheck(row(**{**whole, **data}))


@pytest.mark.parametrize(("given", "name"), [("0", NAMES[0]), (1, NAMES[1]), ("2", NAMES[2])])
def test_tweets_have_the_class_of_most_annotators(given: object, name: str) -> None:
    upstream = row(**{"": "12", "count": "3", name: "2", "class": given, "tweet": "a"})
    hub = row(**{"count": 3, f"{name}_count": 2, "class": given, "tweet": "a"})

    assert (rows.davidson(upstream).id, rows.davidson(upstream).target) == ("12", name)
    assert rows.davidson(upstream).metadata == {"annotators": "3", "votes": "2"}
    assert (rows.davidson(hub).id, rows.davidson(hub).metadata["votes"]) == ("7", 2)
    with pytest.raises(ValueError, match="class 3 is none of 0, 1, 2"):
        rows.davidson(row(**{"class": 3, "tweet": "a"}))


LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")


def write(path: Path, header: Sequence[str], *lines: Sequence[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *lines])


def test_jigsaws_test_is_joined_with_its_labels_and_what_has_none_is_left_out(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "toxicity_jigsaw"
    write(
        folder / "test_labels.csv",
        ("id", *LABELS),
        ("a1", 1, 0, 1, 0, 0, 0),
        ("b2", *[-1] * 6),
        ("c3", *[0] * 6),
    )
    write(
        folder / "test.csv",
        ("id", "comment_text"),
        ("a1", "you rude thing"),
        ("b2", "never marked"),
        ("c3", "good morning"),
    )

    loaded = load_dataset(toxicity_jigsaw, "safety", [tmp_path])
    samples = list(loaded.samples())

    assert [(one.id, one.input, one.target) for one in samples] == [
        ("a1", "you rude thing", "toxic"),
        ("c3", "good morning", "non-toxic"),
    ]
    assert samples[0].metadata == {"labels": ["toxic", "obscene"]}
    proved = prove(planned_for_check(loaded), render_gold(toxicity_jigsaw), must_be_right=True)
    assert proved.n_right == 2


def test_jigsaws_training_rows_are_taken_where_the_test_is_not_there(tmp_path: Path) -> None:
    write(
        tmp_path / "toxicity_jigsaw" / "train.csv",
        ("id", "comment_text", *LABELS),
        ("a1", "you\nrude thing", 1, 0, 0, 0, 1, 0),
        ("b2", "good morning", *[0] * 6),
    )

    samples = list(load_dataset(toxicity_jigsaw, "safety", [tmp_path]).samples())

    assert [(one.id, one.target) for one in samples] == [("a1", "toxic"), ("b2", "non-toxic")]


def test_jigsaw_is_to_be_brought(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match=r"toxicity_jigsaw/test_labels\.csv .*--data DIR"):
        load_dataset(toxicity_jigsaw, "safety", [tmp_path])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"id": "a"}, "neither a column 'comment_text' nor one of labels"),
        ({"id": "a", "toxic": "2"}, "column 'toxic' must hold 0, 1 or -1"),
        ({"id": "a", "obscene": "1"}, "column 'toxic' is missing"),
        ({"comment_text": "x", "toxic": "1"}, "column 'id' is missing or empty"),
    ],
)
def test_broken_comments_are_refused(data: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rows.jigsaw(row(**data))


def test_civil_comments_are_toxic_from_a_half_on(tmp_path: Path) -> None:
    write(
        tmp_path / "toxicity_civil_comments" / "test.csv",
        ("text", "toxicity"),
        ("rude", 0.5),
        ("calm", 0.49999),
    )

    samples = list(load_dataset(toxicity_civil_comments, "safety", [tmp_path]).samples())

    assert [(one.id, one.target) for one in samples] == [("0", "toxic"), ("1", "non-toxic")]
    kaggle = rows.civil_comments(row(id=59848, comment_text="calm", target="0.0"))
    assert (kaggle.id, kaggle.target) == ("59848", "non-toxic")
    with pytest.raises(ValueError, match="must hold a number from 0 to 1, not 'much'"):
        rows.civil_comments(row(text="a", toxicity="much"))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (toxicity_detection, {"identity_hate": "hateful"}),
        (
            toxicity_davidson,
            {
                "identity_hate": "hate_speech",
                "toxic": "offensive_language",
                "severe_toxic": "offensive_language",
                "obscene": "offensive_language",
                "threat": "offensive_language",
                "insult": "offensive_language",
            },
        ),
        (
            toxicity_jigsaw,
            {"toxic": "toxic", "severe_toxic": "toxic", "threat": "toxic"},
        ),
    ],
)
def test_safety_berts_labels_fit_before_it_is_here(
    spec: DatasetSpec, expected: dict[str, str]
) -> None:
    class Options(EngineOptions):
        multi_label: bool | None = None

    options = Options.model_validate(SAFETY_BERT.presets["balanced"].options)
    here = ModelFacts(labels=tuple(SAFETY_BERT.labels), is_multi_label=True)

    reading = fit_labels(spec, ModelFacts(), (SAFETY_BERT, options))

    assert reading is not None
    assert (dict(reading.by_label), reading.is_multi_label) == (expected, True)
    assert fit_labels(spec, here, (SAFETY_BERT, options)) == reading
