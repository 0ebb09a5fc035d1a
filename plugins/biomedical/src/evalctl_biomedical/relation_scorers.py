"""The scorers of ChemProt: which relation is named, or has the likeliest letter."""

from __future__ import annotations

from collections.abc import Mapping
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
    micro_f1,
)
from evalctl_biomedical.relations import GROUPS, LABELS, read_relation


def judge_relation(sample: Sample, completion: Completion) -> Score:
    """The relation that is named between two entities."""
    return _relation_score(sample, read_relation(completion.text) or None, "named")


def choose_relation(sample: Sample, given: tuple[Continuation, ...]) -> Score:
    """The relation whose letter is the likeliest."""
    best = likeliest(given)
    return _relation_score(sample, None if best is None else sample.choices[best], "the likeliest")


def judge_probed(sample: Sample, probabilities: Mapping[str, float]) -> Score:
    """The relation that a probe finds the likeliest."""
    best = max(probabilities, key=lambda name: probabilities[name])
    return _relation_score(sample, best, "the likeliest")


def _relation_score(sample: Sample, label: str | None, explanation: str) -> Score:
    """Return a score with the confusion of relations and that of their groups."""
    group = GROUPS.get(label or "")
    counts = class_counts(sample.target, label, LABELS)
    counts |= class_counts(GROUPS[sample.target], group, CPR)
    return Score(
        value=float(group == GROUPS[sample.target]),
        answer=label,
        explanation=explanation if label else "no relation can be read",
        counts=counts,
    )


CPR = tuple(dict.fromkeys(GROUPS.values()))
"""The evaluated groups of relations."""

_RELATION_METRICS = (
    MetricSpec(
        name="relation_micro_f1",
        title="micro-F1 over the five evaluated groups, CPR:3, 4, 5, 6 and 9",
        pooled=partial(micro_f1, classes=CPR),
    ),
    MetricSpec(
        name="relation_macro_f1",
        title="mean of F1 over the five groups",
        pooled=partial(macro_f1, classes=CPR),
    ),
    MetricSpec(
        name="label_micro_f1",
        title="micro-F1 over the relations as they are labelled",
        pooled=partial(micro_f1, classes=LABELS),
    ),
)
relation = ScorerSpec(
    name="named_relation", version="1", score=judge_relation, metrics=_RELATION_METRICS
)
likeliest_relation = ScorerSpec(
    name="likeliest_relation", version="1", choose=choose_relation, metrics=_RELATION_METRICS
)
probed_relation = ScorerSpec(
    name="probed_relation", version="1", classify=judge_probed, metrics=_RELATION_METRICS
)
