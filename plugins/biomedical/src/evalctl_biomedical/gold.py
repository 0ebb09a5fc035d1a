"""Gold answers as a model would write them, and wrong ones: `evalctl check` proves scorers so."""

from __future__ import annotations

import json
from collections.abc import Sequence

from evalctl import Mention, Sample, Span, gold_spans, place_mentions
from evalctl_biomedical.relations import GROUPS, LABELS

PUBMEDQA_SHOTS = (
    *("10808977", "17113061", "24183388", "23831910", "18847643"),
    *("20082356", "10966337", "25957366", "17179167", "25432938"),
)
"""Rows of PubMedQA outside of the test split, the first of each decision in turn."""
RQE_SHOTS = tuple(f"rqe/{pair}" for pair in ("6", "1", "8", "2", "15", "3", "19", "4", "23", "5"))
"""Pairs of MEDIQA's validation set, of both kinds in turn: the first dozen there are of one."""


def choice(sample: Sample) -> str:
    """Return the text of the right choice."""
    return sample.target


def word(sample: Sample) -> str:
    """Return the right word as an answer."""
    return f"Answer: {sample.target}"


def other_word(sample: Sample) -> str:
    """Return another word likewise."""
    return f"Answer: {next(one for one in sample.choices if one != sample.target)}"


def exact(sample: Sample) -> str:
    """Return a question's exact answer, with the first name of each entry."""
    if sample.choices:
        return word(sample)
    return "Answer:\n" + "\n".join(f"- {name}" for name in sample.target.split(" | "))


def other_exact(sample: Sample) -> str:
    """Return a wrong one; a list loses its first name for another."""
    if sample.choices:
        return other_word(sample)
    names = sample.target.split(" | ")[1:] if sample.metadata["type"] == "list" else []
    return "Answer:\n" + "\n".join(f"- {name}" for name in ("something else", *names))


def ideal(sample: Sample) -> str:
    """Return a question's first ideal answer."""
    return sample.solution


def other_ideal(sample: Sample) -> str:
    """Return an answer that says nothing."""
    return "It remains to be seen what the future will bring."


def mediqa(sample: Sample) -> str:
    """Return the word of a pair, or the ranking of a question's answers."""
    return word(sample) if sample.choices else f"Ranking: {sample.target}"


def other_mediqa(sample: Sample) -> str:
    """Return the other word, or a ranking without the best answer."""
    if sample.choices:
        return other_word(sample)
    return f"Ranking: {' > '.join(sample.target.split(' > ')[1:]) or 'none'}"


def relation(sample: Sample) -> str:
    """Return the right relation."""
    return f"Relation: {sample.target}"


def other_relation(sample: Sample) -> str:
    """Return a relation of another group."""
    return f"Relation: {choice_of_another_group(sample)}"


def entities(sample: Sample) -> str:
    """Return a sentence's entities, with the occurrence that is meant of each."""
    return _entities(sample, gold_spans(sample))


def other_entities(sample: Sample) -> str:
    """Return them without the first one."""
    return _entities(sample, gold_spans(sample)[1:])


def _entities(sample: Sample, spans: Sequence[Span]) -> str:
    """Return entities as JSON, with the occurrence that is meant where it would be mistaken."""
    mentions = [Mention(span.label, sample.input[span.start : span.end]) for span in spans]
    if sorted(place_mentions(sample.input, mentions).spans) != sorted(spans):
        mentions = [
            mention._replace(occurrence=_occurrence(sample.input, mention, span.start))
            for mention, span in zip(mentions, spans, strict=True)
        ]
    named = [
        {"label": label, "text": text} | ({"occurrence": occurrence} if occurrence else {})
        for label, text, occurrence in mentions
    ]
    return json.dumps({"entities": named}, ensure_ascii=False)


def _occurrence(text: str, mention: Mention, start: int) -> int:
    """Return which of the places of a mention's words begins at a position, from 1; 0 for none."""
    for number in range(1, text.casefold().count(mention.text.casefold()) + 1):
        for placed in place_mentions(text, [mention._replace(occurrence=number)]).spans:
            if placed.start == start:
                return number
    return 0


def choice_of_another_group(sample: Sample) -> str:
    """Return the first relation of another group."""
    return next(label for label in LABELS if GROUPS[label] != GROUPS[sample.target])
