"""Rows of ChemProt, a sentence with two marked entities, to samples. Pure functions."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from pydantic import JsonValue

from evalctl import Row, Sample, Span, gold_spans
from evalctl_biomedical.relations import GROUPS, LABELS

_MARK = re.compile(r"<<|>>|\[\[|\]\]")


def chemprot(row: Row) -> Sample:
    """A sentence of ChemProt with two marked entities, as SciBERT's authors have it."""
    label, text = row.text("label"), row.text("text").strip()
    if label not in GROUPS:
        raise ValueError(f"label {label!r} is none of {', '.join(LABELS)}")
    if not all(mark in text for mark in ("<<", ">>", "[[", "]]")):
        raise ValueError("the text does not mark two entities by << >> and [[ ]]")
    sentence = " ".join(_MARK.sub(" ", text).split())
    return Sample(
        id=str(row.number),
        input=text,
        target=label,
        choices=LABELS,
        cluster=hashlib.sha256(sentence.encode()).hexdigest()[:16],
        metadata={"group": GROUPS[label]},
    )


ENTITY = "Entity"
"""The only label of ChemProt's entities: marks tell who comes first, not who is the chemical."""


def chemprot_entities(row: Row) -> Sample:
    """The same sentence without its marks, with the places of both entities."""
    sample = chemprot(row)
    text = ""
    spans: list[JsonValue] = []
    for piece in _MARKED.split(sample.input):
        entity = piece[2:-2].strip() if piece[:2] in {"<<", "[["} else ""
        if entity:
            spans.append([ENTITY, len(text), len(text) + len(entity)])
        text += entity or piece
    if len(spans) != 2:
        raise ValueError(f"{len(spans)} entities are marked, where 2 are needed")
    return Sample(id=sample.id, input=text, metadata={"spans": spans})


_MARKED = re.compile(r"(<< .{1,300}? >>|\[\[ .{1,300}? \]\])")


def by_sentence(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Make one sample of rows that have the same sentence, which stand below each other.

    Five entities of the test split are a part of a word (CDA in CDA70Thr) in a sentence that has
    them as a word, too: an answer in words cannot tell which is meant, and they are left out.
    """
    for text, group in groupby(samples, key=lambda sample: sample.input):
        rows = list(group)
        every = sorted({span for row in rows for span in gold_spans(row)}, key=lambda one: one[1:])
        spans = [span for span in every if _can_be_named(text, span)]
        found = [text[span.start : span.end] for span in spans]
        entities = [{"label": ENTITY, "text": one} for one in found]
        yield rows[0].model_copy(
            update={
                "target": "; ".join(found),
                "solution": json.dumps({"entities": entities}, ensure_ascii=False),
                "metadata": {"spans": [list(span) for span in spans]},
            }
        )


def _can_be_named(text: str, span: Span) -> bool:
    words = re.escape(text[span.start : span.end])
    whole = [match.start() for match in re.finditer(rf"(?<!\w){words}(?!\w)", text)]
    return not whole or span.start in whole
