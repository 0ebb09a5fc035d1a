"""A scorer for named entities that a model is asked for in words.

A sample's `input` is the text that entities are read in, its metadata `spans` the gold ones as
`[label, first character, behind the last]`. What the model names is placed in the text (`spans`),
and counted over all samples: F1 is no mean of samples' values.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from evalctl.records import Completion, Sample, Score
from evalctl.spans import (
    Mention,
    Span,
    count_spans,
    place_mentions,
    read_mentions,
    span_f1,
    span_precision,
    span_recall,
    span_rows,
)
from evalctl.specs import MetricSpec, ScorerSpec

NOWHERE = -1
"""Where an entity is that the text does not have."""
OTHER = "?"
"""Stands for all labels that were not asked for: a model must not make up keys of counts."""


def entity_scorer(name: str, labels: Sequence[str], version: str = "1") -> ScorerSpec:
    """Return the scorer of a dataset of named entities.

    Its headline is `ner_f1`: micro-averaged over all entities, an entity being right where its
    bounds and its label are. Beside it are precision and recall, the three other measures of
    SemEval-2013 and F1 for each label.

    Args:
        name: Of the scorer; unique in the registry.
        labels: The labels that were asked for.
        version: Of whatever the dataset adds to this.
    """
    return ScorerSpec(
        name=name,
        version=f"1.{version}",
        score=partial(judge_entities, labels=tuple(labels)),
        metrics=(
            MetricSpec(name="ner_f1", title="F1 of entities, bounds and label", pooled=span_f1),
            MetricSpec(
                name="ner_precision", title="share of named that are right", pooled=span_precision
            ),
            MetricSpec(
                name="ner_recall", title="share of entities that were named", pooled=span_recall
            ),
            _measure("boundary", "F1 by bounds alone"),
            _measure("partial", "F1 by bounds, half marks for an overlap"),
            _measure("type", "F1 by label, an overlap being enough"),
            *(_of_label(label) for label in labels),
        ),
    )


def judge_entities(sample: Sample, completion: Completion, *, labels: tuple[str, ...]) -> Score:
    """Count how far the entities that were named are the gold ones.

    A name that the text does not have, or not so often, is an entity that is wrong, but each once:
    saying something again is no other entity. The value is the sample's own F1.
    """
    gold = gold_spans(sample)
    mentions = read_mentions(completion.text, labels)
    if mentions is None:
        counts = count_spans(gold, ())
        return Score(value=0.0, counts=counts, explanation="no entities can be read")
    known = [one if one.label in labels else one._replace(label=OTHER) for one in mentions]
    placed = place_mentions(sample.input, known)
    lost = _lost(sample.input, placed.spans, placed.unplaced)
    counts = count_spans(gold, (*placed.spans, *lost))
    value = span_f1(counts)
    return Score(
        value=1.0 if value is None else value,
        answer="; ".join(_described(sample.input, span) for span in placed.spans)[:2000],
        counts=counts,
        explanation=f"{counts['strict']:.0f} of {len(gold)} found"
        + (f", {len(lost)} named that are not in the text" if lost else ""),
    )


def gold_spans(sample: Sample) -> tuple[Span, ...]:
    """Return a sample's gold entities, in characters of its `input`."""
    found = sample.metadata["spans"]
    if not isinstance(found, list | tuple):
        raise ValueError("metadata `spans` is no list")
    spans = []
    for one in found:
        if not isinstance(one, list | tuple) or len(one) != 3:
            raise ValueError(
                f"metadata `spans` holds {one!r:.60}; a label and two positions are needed"
            )
        spans.append(Span(str(one[0]), int(str(one[1])), int(str(one[2]))))
    return tuple(spans)


def _lost(source: str, spans: Sequence[Span], unplaced: Sequence[Mention]) -> list[Span]:
    """Return what was named in vain, each label and text once, without mere repetitions."""
    said = {(span.label, _same(source[span.start : span.end])) for span in spans}
    named = dict.fromkeys((mention.label, _same(mention.text)) for mention in unplaced)
    return [Span(label, NOWHERE, NOWHERE) for label, text in named if (label, text) not in said]


def _same(text: str) -> str:
    return "".join(text.split()).casefold()


def _described(source: str, span: Span) -> str:
    return f"{span.label}: {source[span.start : span.end]}"


def _measure(measure: str, title: str) -> MetricSpec:
    return MetricSpec(
        name=f"ner_{measure}_f1", title=title, pooled=partial(span_f1, measure=measure)
    )


def _of_label(label: str) -> MetricSpec:
    name = "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in label)
    return MetricSpec(
        name=f"ner_f1_{name}",
        title=f"F1 of {label} alone",
        pooled=partial(span_f1, label=label),
        support=partial(span_rows, label=label),
    )
