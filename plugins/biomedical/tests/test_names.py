"""BioASQ's measures of exact answers, on hand-worked cases."""

from __future__ import annotations

import pytest

from evalctl import Completion, Sample, Score
from evalctl_biomedical import scorers
from evalctl_biomedical.names import first_right, mentioned, overlap, plain

GOLD = [("insulin", "INS"), ("glucagon",), ("somatostatin", "SST")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Insulin", "insulin"),
        ("the insulin receptor", "Insulin  receptor."),
        ("“GDF-15”", "gdf-15"),
        ("a kinase", "kinase"),
        ("(INS)", "ins"),
    ],
)
def test_names_are_the_same_but_for_case_articles_and_marks(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"), [("insulin", "insulins"), ("GDF15", "GDF-15"), ("IL-2", "IL-6")]
)
def test_other_names_are_others(one: str, other: str) -> None:
    assert plain(one) != plain(other)


@pytest.mark.parametrize(
    ("answers", "place"),
    [
        (["insulin"], 0),
        (["INS"], 0),
        (["Insulin (INS)"], 0),
        (["the hormone (INS)"], 0),
        (["insulin: a hormone of the pancreas"], 0),
        (["insulin - a hormone"], 0),
        (["bile", "water", "insulin"], 2),
        (["a1", "a2", "a3", "a4", "insulin"], 4),
        (["a1", "a2", "a3", "a4", "a5", "insulin"], None),
        (["bile"], None),
        ([], None),
    ],
)
def test_the_first_right_one_of_five_candidates_counts(
    answers: list[str], place: int | None
) -> None:
    assert first_right(answers, [("insulin", "INS")]) == place


@pytest.mark.parametrize(
    ("answers", "precision", "recall", "f1"),
    [
        (["insulin", "glucagon", "SST"], 1, 1, 1),
        (["insulin", "bile"], 1 / 2, 1 / 3, 2 / 5),
        (["insulin", "INS", "glucagon"], 2 / 3, 2 / 3, 2 / 3),
        (["bile"], 0, 0, 0),
        ([], 0, 0, 0),
        (["insulin"], 1, 1 / 3, 1 / 2),
    ],
)
def test_a_list_is_measured_with_each_gold_entry_once(
    answers: list[str], precision: float, recall: float, f1: float
) -> None:
    assert overlap(answers, GOLD) == pytest.approx((precision, recall, f1))


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("Insulin and SST.", 2 / 3),
        ("INSULIN, glucagon, somatostatin", 1),
        ("insulinoma", 0),
        ("", 0),
    ],
)
def test_names_are_mentioned_as_whole_words(text: str, share: float) -> None:
    assert mentioned(text, GOLD) == pytest.approx(share)


def question(kind: str, *gold: tuple[str, ...]) -> Sample:
    return Sample(
        id=kind,
        input="?",
        target=gold[0][0],
        choices=("yes", "no") if kind == "yesno" else (),
        metadata={"type": kind, "gold": [list(names) for names in gold]},
    )


ASKED = {
    "yesno": question("yesno", ("no",)),
    "factoid": question("factoid", ("insulin", "INS")),
    "list": question("list", *GOLD),
}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("yesno", "Answer: no", 1),
        ("yesno", "Answer: yes", 0),
        ("factoid", "Answer:\n- bile\n- INS", 1 / 2),
        ("list", "Answer:\n- insulin\n- bile", 2 / 5),
    ],
)
def test_each_type_has_its_own_measure_and_no_other_one(kind: str, text: str, value: float) -> None:
    judges = {
        "yesno": scorers.judge_yesno,
        "factoid": scorers.judge_factoid,
        "list": scorers.judge_list,
    }
    given = {name: judge(ASKED[kind], Completion(text=text)) for name, judge in judges.items()}
    assert {name: score.value for name, score in given.items() if score.value is not None} == {
        kind: pytest.approx(value)
    }
    assert all(score.answer is not None for score in given.values())
    assert scorers.judge_exact(ASKED[kind], Completion(text=text)).value == pytest.approx(value)


def values(text: str) -> dict[str, float | None]:
    score = scorers.judge_factoid(ASKED["factoid"], Completion(text=text))
    return {
        metric.name: metric.reduce((score,)) if metric.reduce else None
        for metric in scorers.factoid.metrics
    }


@pytest.mark.parametrize(
    ("text", "strict", "lenient", "mrr"),
    [
        ("Answer: insulin", 1, 1, 1),
        ("Answer:\n- bile\n- insulin", 0, 1, 1 / 2),
        ("Answer:\n- bile\n- water\n- fat\n- salt\n- insulin", 0, 1, 1 / 5),
        ("Answer: bile", 0, 0, 0),
        ("", 0, 0, 0),
    ],
)
def test_factoid_measures_follow_from_the_rank(
    text: str, strict: float, lenient: float, mrr: float
) -> None:
    assert values(text) == pytest.approx(
        {"factoid_strict": strict, "factoid_lenient": lenient, "factoid_mrr": mrr}
    )


def test_an_answer_that_cannot_be_read_is_unparsed_and_wrong() -> None:
    for kind, judge in (("factoid", scorers.judge_factoid), ("list", scorers.judge_list)):
        score: Score = judge(ASKED[kind], Completion(text="One\nlong\nstory"))
        assert (score.value, score.answer, score.failed) == (0.0, None, False)
