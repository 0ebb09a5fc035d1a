"""The scorers of the datasets, each with its metrics.

One that says nothing on a question of another kind gives it no value, so that each metric is told
over the questions that it is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from evalctl import (
    Completion,
    Continuation,
    MetricSpec,
    Sample,
    Score,
    ScorerSpec,
    class_counts,
    likeliest,
    macro_f1,
    mean_value,
)
from evalctl_biomedical import measures, names, rankings
from evalctl_biomedical.listings import read_names
from evalctl_biomedical.rankings import read_ranking
from evalctl_biomedical.rows import WORDS
from evalctl_biomedical.words import read_word

YES_NO = WORDS[:2]


def _not_asked(what: str) -> Score:
    """Return the score of a question that a scorer says nothing on."""
    return Score(value=None, answer="", explanation=f"no question of the kind {what}")


def judge_word(sample: Sample, completion: Completion) -> Score:
    """Whether the word that was written is the right one."""
    found = read_word(completion.text, sample.choices)
    if found is None:
        counts = class_counts(sample.target, None, sample.choices)
        return Score(value=0.0, explanation="no such word can be read", counts=counts)
    return _word_score(sample, found.word, f"the word {found.rule}")


def choose_word(sample: Sample, given: tuple[Continuation, ...]) -> Score:
    """Whether the likeliest word is the right one."""
    best = likeliest(given)
    if best is None:
        counts = class_counts(sample.target, None, sample.choices)
        return Score(value=0.0, explanation="there are no log-likelihoods", counts=counts)
    return _word_score(sample, sample.choices[best], "the likeliest")


def _word_score(sample: Sample, word: str, explanation: str) -> Score:
    counts = class_counts(sample.target, word, sample.choices)
    return Score(
        value=float(word == sample.target), answer=word, explanation=explanation, counts=counts
    )


def _word_metrics(classes: Sequence[str]) -> tuple[MetricSpec, ...]:
    return (
        MetricSpec(
            name="biomedical_qa_accuracy",
            title="share of questions that are answered rightly",
            reduce=mean_value,
            proportion=True,
            repeats=True,
        ),
        MetricSpec(
            name="macro_f1",
            title=f"mean of F1 over {', '.join(classes)}",
            pooled=partial(macro_f1, classes=tuple(classes)),
        ),
    )


def word_scorer(name: str, classes: Sequence[str], *, is_choice: bool) -> ScorerSpec:
    """Return a scorer of yes, no and maybe, by log-likelihood or by what is written."""
    return ScorerSpec(
        name=name,
        version="1",
        score=None if is_choice else judge_word,
        choose=choose_word if is_choice else None,
        metrics=_word_metrics(classes),
    )


def judge_exact(sample: Sample, completion: Completion) -> Score:
    """What BioASQ's measure of a question's type gives: accuracy, reciprocal rank or F1."""
    scorers = {"yesno": judge_yesno, "factoid": judge_factoid, "list": judge_list}
    score = scorers[str(sample.metadata["type"])](sample, completion)
    return score.model_copy(update={"counts": {}})


def judge_yesno(sample: Sample, completion: Completion) -> Score:
    """A yes/no question of BioASQ."""
    if sample.metadata["type"] != "yesno":
        return _not_asked("yes/no")
    return judge_word(sample, completion)


def judge_factoid(sample: Sample, completion: Completion) -> Score:
    """The reciprocal rank of the first of up to five candidates that is right."""
    if sample.metadata["type"] != "factoid":
        return _not_asked("factoid")
    given = read_names(completion.text, is_list=False)
    place = names.first_right(given, gold_of(sample))
    value = 0.0 if place is None else 1 / (place + 1)
    counts = {"strict": float(place == 0), "lenient": float(place is not None)}
    return Score(value=value, answer=_shown(given), explanation=_told(place), counts=counts)


def _told(place: int | None) -> str:
    return "no candidate is right" if place is None else f"candidate {place + 1} is right"


def judge_list(sample: Sample, completion: Completion) -> Score:
    """The F1 of a list against the gold one."""
    if sample.metadata["type"] != "list":
        return _not_asked("list")
    given = read_names(completion.text, is_list=True)
    found = names.overlap(given, gold_of(sample))
    return Score(
        value=found.f1,
        answer=_shown(given),
        explanation=f"{len(given)} names, precision {found.precision:.3f}",
        counts={"precision": found.precision, "recall": found.recall},
    )


def _shown(given: Sequence[str]) -> str | None:
    return " | ".join(given)[:500] if given else None


def gold_of(sample: Sample) -> list[tuple[str, ...]]:
    """Return a sample's gold entries, each with its synonyms."""
    found = sample.metadata["gold"]
    assert isinstance(found, list | tuple), "rows.py puts a list there"
    return [tuple(map(str, entry)) for entry in found if isinstance(entry, list | tuple)]


def judge_mediqa(sample: Sample, completion: Completion) -> Score:
    """Of a pair, whether its word is right; of a question, the share of answers judged rightly."""
    is_pair = sample.metadata["task"] == "rqe"
    return (judge_pair if is_pair else judge_ranking)(sample, completion).model_copy(
        update={"counts": {}}
    )


def judge_pair(sample: Sample, completion: Completion) -> Score:
    """A pair of questions of MEDIQA."""
    if sample.metadata["task"] != "rqe":
        return _not_asked("question entailment")
    return judge_word(sample, completion)


def judge_ranking(sample: Sample, completion: Completion) -> Score:
    """A question of MEDIQA with its ranked answers; the value is the share judged rightly."""
    if sample.metadata["task"] != "qa":
        return _not_asked("question answering")
    answers, right = _names(sample, "answers"), _names(sample, "right")
    read = read_ranking(completion.text, len(answers))
    ranking = [answers[number - 1] for number in read or ()]
    agreed = (
        sum((name in ranking) == (name in right) for name in answers) if read is not None else 0
    )
    counts = {
        "agreed": float(agreed),
        "answers": float(len(answers)),
        "reciprocal_rank": rankings.reciprocal_rank(ranking, right),
    }
    for key, by_name in (("spearman", False), ("spearman_of_names", True)):
        rho = rankings.rank_agreement(ranking, right, by_name=by_name)
        if rho is not None:
            counts[key] = rho
    return Score(
        value=agreed / len(answers),
        answer=None if read is None else " > ".join(map(str, read)) or "none",
        explanation="no ranking can be read" if read is None else f"{agreed} judged rightly",
        counts=counts,
    )


def _names(sample: Sample, key: str) -> list[str]:
    found = sample.metadata[key]
    assert isinstance(found, list | tuple), "rows.py puts a list there"
    return [str(name) for name in found]


exact_answer = ScorerSpec(
    name="bioasq_exact",
    version="1",
    score=judge_exact,
    metrics=(
        MetricSpec(
            name="exact_answer_score",
            title="mean of accuracy (yes/no), reciprocal rank (factoid) and F1 (list)",
            reduce=mean_value,
            repeats=True,
        ),
    ),
)
yesno = ScorerSpec(
    name="bioasq_yesno",
    version="1",
    score=judge_yesno,
    metrics=tuple(
        metric.model_copy(update={"name": f"yesno_{name}", "repeats": False})
        for metric, name in zip(_word_metrics(YES_NO), ("accuracy", "macro_f1"), strict=True)
    ),
)
factoid = ScorerSpec(
    name="bioasq_factoid",
    version="1",
    score=judge_factoid,
    metrics=(
        measures.mean_of("strict", "factoid_strict", "factoid: the first candidate is right"),
        measures.mean_of("lenient", "factoid_lenient", "factoid: one of five candidates is right"),
        MetricSpec(name="factoid_mrr", title="factoid: mean reciprocal rank", reduce=mean_value),
    ),
)
listed = ScorerSpec(
    name="bioasq_list",
    version="1",
    score=judge_list,
    metrics=(
        measures.mean_of("precision", "list_precision", "list: mean precision"),
        measures.mean_of("recall", "list_recall", "list: mean recall"),
        MetricSpec(name="list_f1", title="list: mean F1", reduce=mean_value),
    ),
)
mediqa = ScorerSpec(
    name="mediqa_answer",
    version="1",
    score=judge_mediqa,
    metrics=(
        MetricSpec(
            name="mediqa_score",
            title="mean of accuracy on pairs and on each question's answers",
            reduce=mean_value,
            repeats=True,
        ),
    ),
)
pair = ScorerSpec(
    name="mediqa_pair",
    version="1",
    score=judge_pair,
    metrics=(
        MetricSpec(
            name="rqe_accuracy",
            title="question entailment: share of pairs that are judged rightly",
            reduce=mean_value,
            proportion=True,
        ),
    ),
)
ranking = ScorerSpec(
    name="mediqa_ranking",
    version="1",
    score=judge_ranking,
    metrics=(
        MetricSpec(
            name="qa_accuracy",
            title="question answering: share of answers that are judged rightly",
            pooled=partial(measures.share, part="agreed", whole="answers"),
        ),
        measures.mean_of("reciprocal_rank", "qa_mrr", "mean reciprocal rank of a right answer"),
        measures.mean_of(
            "spearman", "qa_spearman", "mean rank correlation of right answers", lower=-1.0
        ),
        measures.mean_of(
            "spearman_of_names",
            "qa_spearman_of_names",
            "the same as the organisers' program computes it",
            lower=-1.0,
        ),
    ),
)
