"""F1 over classes, against a plain implementation by lists, and on hand-worked cases."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from evalctl import Completion, Continuation, Sample, Score, class_counts, macro_f1, micro_f1
from evalctl_biomedical import measures, relation_scorers, scorers
from evalctl_biomedical.relations import GROUPS

CLASSES = ("yes", "no", "maybe")
Pairs = Sequence[tuple[str, str | None]]


def summed(pairs: Pairs) -> dict[str, float]:
    """Return what the core adds up over samples."""
    total: Counter[str] = Counter()
    for gold, given in pairs:
        for name, count in class_counts(gold, given, CLASSES).items():
            total[name] += int(count)
    return {name: float(count) for name, count in total.items()}


def plain_macro_f1(pairs: Pairs) -> float:
    """Return the same from precision and recall of each class, as it is taught."""
    found = []
    for name in CLASSES:
        given = [one for _, one in pairs].count(name)
        wanted = [one for one, _ in pairs].count(name)
        hits = list(pairs).count((name, name))
        if not given and not wanted:
            continue
        precision = hits / given if given else 0.0
        recall = hits / wanted if wanted else 0.0
        found.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    return sum(found) / len(found)


@pytest.mark.parametrize("seed", range(20))
def test_macro_f1_is_that_of_a_plain_implementation(seed: int) -> None:
    generator = random.Random(seed)
    pairs = [
        (generator.choice(CLASSES), generator.choice((*CLASSES, None)))
        for _ in range(generator.randint(1, 40))
    ]
    expected = plain_macro_f1(pairs)
    assert macro_f1(summed(pairs), classes=CLASSES) == pytest.approx(expected)


def test_f1_on_a_hand_worked_confusion() -> None:
    # yes: 2 hits, 1 extra, 1 missed: 4/6; no: 1 hit, 1 extra, 1 missed: 2/4; maybe: missed: 0.
    pairs: Pairs = [
        *[("yes", "yes"), ("yes", "yes"), ("yes", "no")],
        *[("no", "no"), ("no", None), ("maybe", "yes")],
    ]
    assert macro_f1(summed(pairs), classes=CLASSES) == pytest.approx((4 / 6 + 2 / 4 + 0) / 3)
    # 3 hits, 2 extra (the unread one is none), 3 missed: 6/11.
    assert micro_f1(summed(pairs), classes=CLASSES) == pytest.approx(6 / 11)


def test_nothing_has_no_f1() -> None:
    assert macro_f1({}, classes=CLASSES) is None
    assert micro_f1({}, classes=CLASSES) is None
    assert measures.share({}, part="a", whole="b") is None


def test_a_class_that_is_neither_gold_nor_given_is_left_out() -> None:
    pairs: Pairs = [("yes", "yes"), ("no", "no")]
    assert macro_f1(summed(pairs), classes=CLASSES) == 1.0


def test_a_count_that_no_completion_has_has_no_mean() -> None:
    scores = (Score(value=1.0, counts={"a": 1.0}), Score(value=None), Score(value=0.0))
    assert measures.mean_count(scores, name="a") == 1.0
    assert measures.mean_count(scores, name="b") is None


SENTENCE = Sample(
    id="1", input="<< a >> [[ b ]]", target="INHIBITOR", choices=tuple(GROUPS), metadata={}
)


@pytest.mark.parametrize(
    ("text", "value", "counts"),
    [
        ("Relation: INHIBITOR", 1.0, {"tp:INHIBITOR": 1, "tp:CPR:4": 1}),
        (
            "Relation: DOWNREGULATOR",
            1.0,
            {"fn:INHIBITOR": 1, "fp:DOWNREGULATOR": 1, "tp:CPR:4": 1},
        ),
        (
            "Relation: AGONIST",
            0.0,
            {"fn:INHIBITOR": 1, "fp:AGONIST": 1, "fn:CPR:4": 1, "fp:CPR:5": 1},
        ),
        ("Relation: none", 0.0, {"fn:INHIBITOR": 1, "fn:CPR:4": 1}),
    ],
)
def test_a_relation_counts_by_its_label_and_by_its_group(
    text: str, value: float, counts: dict[str, float]
) -> None:
    score = relation_scorers.judge_relation(SENTENCE, Completion(text=text))
    assert (score.value, dict(score.counts)) == (value, counts)


@pytest.mark.parametrize(
    ("logprobs", "answer"),
    [([-3.0, -1.0, -2.0], "no"), ([-1.0, -1.0, -2.0], "yes"), ([float("nan"), -5.0, -9.0], "no")],
)
def test_the_likeliest_word_is_taken(logprobs: list[float], answer: str) -> None:
    sample = Sample(id="1", input="?", target="no", choices=CLASSES)
    given = tuple(Continuation(logprob=one, tokens=1, is_greedy=False) for one in logprobs)
    score = scorers.choose_word(sample, given)
    assert (score.answer, score.value) == (answer, float(answer == "no"))


def test_no_log_likelihood_is_an_answer_that_cannot_be_read() -> None:
    sample = Sample(id="1", input="?", target="no", choices=CLASSES)
    given = (Continuation(logprob=float("-inf"), tokens=1, is_greedy=False),) * 3
    score = scorers.choose_word(sample, given)
    assert (score.value, score.answer, dict(score.counts)) == (0.0, None, {"fn:no": 1.0})


QUESTION = Sample(
    id="qa/1",
    input="?",
    target="2 > 1",
    metadata={"task": "qa", "answers": ["1_1", "1_2", "1_3", "1_4"], "right": ["1_2", "1_1"]},
)


@pytest.mark.parametrize(
    ("text", "agreed", "rank", "rho"),
    [
        ("Ranking: 2 > 1", 4, 1.0, 1.0),
        ("Ranking: 1 > 2", 4, 1.0, -1.0),
        ("Ranking: 3 > 2", 2, 1 / 2, None),
        ("Ranking: 3 > 4", 0, 0.0, 0.0),
        ("Ranking: none", 2, 0.0, 0.0),
        ("I cannot tell.", 0, 0.0, 0.0),
    ],
)
def test_a_ranking_is_measured_as_the_organisers_do(
    text: str, agreed: float, rank: float, rho: float | None
) -> None:
    score = scorers.judge_ranking(QUESTION, Completion(text=text))
    assert score.value == agreed / 4
    assert (score.counts["agreed"], score.counts["answers"]) == (agreed, 4)
    assert (score.counts["reciprocal_rank"], score.counts.get("spearman")) == (rank, rho)
