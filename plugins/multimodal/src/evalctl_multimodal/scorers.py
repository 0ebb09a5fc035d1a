"""Who judges: answers about documents by likeness, about charts by value, and chosen letters."""

from __future__ import annotations

import math
from collections.abc import Mapping

from evalctl import Completion, MetricSpec, Sample, Score, ScorerSpec, mean_value, read_letter
from evalctl_multimodal import misreading
from evalctl_multimodal.anls import anls
from evalctl_multimodal.answers import readings
from evalctl_multimodal.relaxed import relaxed, same_value
from evalctl_multimodal.skills import READING, REASONING

_FULL = 1.0


def golds_of(sample: Sample) -> tuple[str, ...]:
    """Return all gold answers of a sample."""
    given = sample.metadata.get("answers")
    return tuple(map(str, given)) if isinstance(given, list) and given else (sample.target,)


def judge_document(sample: Sample, completion: Completion) -> Score:
    """How alike an answer and the nearest gold answer are: ANLS."""
    given, golds = readings(completion.text), golds_of(sample)
    if not given:
        return _unread(sample, golds)
    answer = max(given, key=lambda one: anls(one, golds))
    value = anls(answer, golds)
    counts = _counts(sample, answer, golds, is_right=value == _FULL)
    said = "as a gold answer" if value == _FULL else f"ANLS {value:.3f}"
    return Score(value=value, answer=answer, explanation=said, counts=counts)


def judge_chart(sample: Sample, completion: Completion) -> Score:
    """Whether an answer is right by ChartQA's relaxed rule."""
    given, golds = readings(completion.text), golds_of(sample)
    if not given:
        return _unread(sample, golds)
    answer = max(given, key=lambda one: _rightness(one, golds))
    value, is_same = _rightness(answer, golds)
    counts = _counts(sample, answer, golds, is_right=is_same)
    said = "right" if value else "the same value, written otherwise" if is_same else "wrong"
    return Score(value=value, answer=answer, explanation=said, counts=counts)


def _rightness(answer: str, golds: tuple[str, ...]) -> tuple[float, bool]:
    """Return whether an answer is right by the rule of published figures, and whatever notation."""
    is_right = any(relaxed(answer, gold) for gold in golds)
    return float(is_right), is_right or any(same_value(answer, gold) for gold in golds)


def judge_drawn(sample: Sample, completion: Completion) -> Score:
    """Judge an answer about a document, or one about a chart."""
    is_chart = sample.metadata.get("kind") == "chart"
    return (judge_chart if is_chart else judge_document)(sample, completion)


def judge_letter(sample: Sample, completion: Completion) -> Score:
    """Whether the letter that was chosen is the right one."""
    found = read_letter(completion.text, sample.choices)
    is_right = found is not None and found.letter == sample.target
    counts = _counts(sample, "", (), is_right=is_right)
    if found is None:
        return Score(value=0.0, explanation="no letter of a choice can be read", counts=counts)
    said = f"the letter {found.rule}"
    return Score(value=float(is_right), answer=found.letter, explanation=said, counts=counts)


def _unread(sample: Sample, golds: tuple[str, ...]) -> Score:
    counts = _counts(sample, "", golds, is_right=False)
    return Score(value=0.0, explanation="there is no answer", counts=counts)


def _counts(
    sample: Sample, answer: str, golds: tuple[str, ...], *, is_right: bool
) -> dict[str, float]:
    """Return what the metrics sum: of all questions, and of those of one skill."""
    counts = {"asked": 1.0, "right": float(is_right)}
    skill = sample.metadata.get("skill")
    if skill == REASONING:
        counts |= {"reasoning": 1.0, "reasoning_right": float(is_right)}
    elif skill == READING:
        counts |= misreading.misread(answer, golds)
    return counts


def accuracy(counts: Mapping[str, float]) -> float | None:
    """Return the share of right answers; None where there are none."""
    return _share(counts, "right", "asked")


def reasoning_accuracy(counts: Mapping[str, float]) -> float | None:
    """Return the share of right answers to questions that need more than reading, likewise."""
    return _share(counts, "reasoning_right", "reasoning")


def reasoning(counts: Mapping[str, float]) -> float:
    """Return how many questions need more than reading."""
    return counts.get("reasoning", 0.0)


def _share(counts: Mapping[str, float], above: str, below: str) -> float | None:
    total = counts.get(below, 0.0)
    return min(counts.get(above, 0.0) / total, 1.0) if total > 0 else None


MULTIMODAL_ACCURACY = MetricSpec(
    name="multimodal_accuracy", title="Answers that say what a gold answer does", pooled=accuracy
)
VISUAL_REASONING = MetricSpec(
    name="visual_reasoning",
    title="The same, of questions that need more than reading",
    pooled=reasoning_accuracy,
    support=reasoning,
    proportion=True,
)
READ_METRICS = (
    MetricSpec(
        name="ocr_accuracy",
        title="Characters read rightly, of questions of reading",
        pooled=misreading.ocr_accuracy,
        support=misreading.texts,
    ),
    MetricSpec(
        name="character_error_rate",
        title="Edits by character of the answer, of questions of reading",
        pooled=misreading.character_error_rate,
        support=misreading.texts,
        upper=math.inf,
        ideal=0.0,
    ),
    MetricSpec(
        name="word_error_rate",
        title="Edits by word of the answer, of questions of reading",
        pooled=misreading.word_error_rate,
        support=misreading.texts,
        upper=math.inf,
        ideal=0.0,
    ),
)

document_answers = ScorerSpec(
    name="document_answers",
    version="1",
    score=judge_document,
    metrics=(
        MetricSpec(
            name="anls",
            title="Likeness to the nearest gold answer (ANLS)",
            reduce=mean_value,
            repeats=True,
        ),
        MULTIMODAL_ACCURACY,
        VISUAL_REASONING,
        *READ_METRICS,
    ),
)

chart_answers = ScorerSpec(
    name="chart_answers",
    version="1",
    score=judge_chart,
    metrics=(
        MetricSpec(
            name="relaxed_accuracy",
            title="Right answers, numbers within 5 %",
            reduce=mean_value,
            proportion=True,
            repeats=True,
        ),
        MULTIMODAL_ACCURACY,
        VISUAL_REASONING,
        *READ_METRICS,
    ),
)

drawn_answers = ScorerSpec(
    name="drawn_answers",
    version="1",
    score=judge_drawn,
    metrics=(MULTIMODAL_ACCURACY, VISUAL_REASONING, *READ_METRICS),
)

letter_answers = ScorerSpec(
    name="pictured_letter",
    version="1",
    score=judge_letter,
    metrics=(
        MetricSpec(
            name="letter_accuracy",
            title="Right letters",
            reduce=mean_value,
            proportion=True,
            repeats=True,
        ),
        MULTIMODAL_ACCURACY,
        VISUAL_REASONING,
    ),
)
