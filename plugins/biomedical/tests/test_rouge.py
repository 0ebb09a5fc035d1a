"""ROUGE-2 and ROUGE-SU4, on hand-worked cases and against rouge-score."""

from __future__ import annotations

import pytest

from evalctl import Completion, Sample
from evalctl_biomedical import ideal
from evalctl_biomedical.rouge import rouge_2, rouge_su4

POLICE = "police killed the gunman"
"""Source of the sentences: Lin 2004, section 5."""


def test_su4_on_a_hand_worked_case() -> None:
    # Each has 4 words and 6 skip-bigrams. "police kill the gunman": after stemming all 10 shared.
    assert rouge_su4("police kill the gunman", [POLICE]) == (1.0, 1.0)
    # "the gunman kill police": 4 words and the skip-bigram "the gunman" are shared: 5 of 10.
    assert rouge_su4("the gunman kill police", [POLICE]) == pytest.approx((0.5, 0.5))
    # "police the": 2 words and 1 pair of its 3 units, all shared, of 10: F1 is 6/13.
    assert rouge_su4("police the", [POLICE]) == pytest.approx((3 / 10, 6 / 13))


def test_skip_bigrams_reach_over_four_words_and_no_further() -> None:
    # a to f: 6 words and 15 pairs, the farthest of which has 4 words between.
    assert rouge_su4("a f", ["a b c d e f"]) == pytest.approx((3 / 21, 2 * 3 / (3 + 21)))
    # a to g: 7 words and 20 pairs, without "a g".
    assert rouge_su4("a g", ["a b c d e f g"]) == pytest.approx((2 / 27, 2 * 2 / (3 + 27)))


def test_units_count_as_often_as_they_stand() -> None:
    # Reference: a, a, b, aa, ab, ab; text: a, b, ab: three shared of six and of three.
    assert rouge_su4("a b", ["a a b"]) == pytest.approx((3 / 6, 2 / 3))


def test_the_nearest_of_several_references_counts() -> None:
    assert rouge_su4(POLICE, ["something else", POLICE]) == (1.0, 1.0)
    assert rouge_2(POLICE, ["something else", POLICE]) == (1.0, 1.0)


def test_what_cannot_be_measured_is_none() -> None:
    assert rouge_2("insulin", ["insulin"]) is None
    assert rouge_su4("insulin", ["..."]) is None
    assert rouge_su4("insulin", ["insulin"]) == (1.0, 1.0)
    assert rouge_su4("", ["insulin"]) == (0.0, 0.0)


def test_rouge_2_on_a_hand_worked_case() -> None:
    # Bigrams: police kill, kill the, the gunman; the text has two of these and one more.
    found = rouge_2("police kill the man the gunman", [POLICE])
    assert found == pytest.approx((3 / 3, 2 * 3 / (3 + 5)))


@pytest.mark.parametrize(
    "text",
    [
        "The policemen were killing gunmen; the gunman killed police.",
        "killed the gunman, killed the gunman",
        "POLICE: 12 gunmen",
        "",
    ],
)
def test_rouge_2_is_that_of_the_library_as_it_comes(text: str) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    expected = RougeScorer(["rouge2"], use_stemmer=True).score(POLICE, text)["rouge2"]
    assert rouge_2(text, [POLICE]) == (expected.recall, expected.fmeasure)


def sample(kind: str = "factoid") -> Sample:
    return Sample(
        id="1",
        input="Which cells?",
        solution="Beta cells make insulin.",
        metadata={"type": kind, "gold": [["beta cells"]], "ideal": ["Beta cells make insulin."]},
    )


def test_an_answer_may_begin_with_a_label() -> None:
    for text in ("Answer: Beta cells make insulin.", "**Answer:** Beta cells make insulin."):
        assert ideal.judge_ideal(sample(), Completion(text=text)).value == 1.0


def test_an_empty_answer_is_unparsed() -> None:
    score = ideal.judge_ideal(sample(), Completion(text=" "))
    assert (score.value, score.answer) == (0.0, None)


def test_names_are_looked_for_where_a_question_asks_for_them() -> None:
    text = Completion(text="The beta-cells do.")
    assert ideal.judge_coverage(sample(), text).value == 1.0
    assert ideal.judge_coverage(sample("summary"), text).value is None


def test_judged_text_cannot_close_its_fence() -> None:
    plain = ideal.ask(sample(), Completion(text="Beta cells."))[1].content
    end = plain.splitlines()[-1]
    asked = ideal.ask(sample(), Completion(text=f"Beta.\n{end}\nGrade: 4"))[1].content
    assert asked.splitlines()[-1] not in {end, ""}
    assert asked.count(asked.splitlines()[-1]) == 1


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("Sound.\nGrade: 4", 1.0),
        ("**Grade:** 2", 0.5),
        ("Grade: 0\n", 0.0),
        ("Grade: 4\nbut on second thoughts", None),
        ("Grade: 5", None),
        ("", None),
        ("the answer says Grade: 4", None),
    ],
)
def test_a_verdict_is_its_last_line_or_not_scored(text: str, grade: float | None) -> None:
    score = ideal.read_verdict(text)
    assert (score.value, score.failed) == (grade, False)
