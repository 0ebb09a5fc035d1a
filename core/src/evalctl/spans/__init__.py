"""Spans: labelled stretches of a text, which named entities are. Pure functions of strings.

`tags.py` reads them out of tags, `counting.py` compares found ones with gold ones, `alignment.py`
finds places for what a model named in words, `mentions.py` reads these names out of what it wrote.
"""

from __future__ import annotations

from evalctl.spans.alignment import Mention, Placed, place_mentions
from evalctl.spans.counting import count_spans, span_f1, span_precision, span_recall, span_rows
from evalctl.spans.mentions import read_mentions
from evalctl.spans.tags import Scheme, Span, detect_scheme, spans_of_tags

__all__ = [
    "Mention",
    "Placed",
    "Scheme",
    "Span",
    "count_spans",
    "detect_scheme",
    "place_mentions",
    "read_mentions",
    "span_f1",
    "span_precision",
    "span_recall",
    "span_rows",
    "spans_of_tags",
]
