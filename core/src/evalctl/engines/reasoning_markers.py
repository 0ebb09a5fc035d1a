"""The markers that models wrap their reasoning in, and how they are found in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class Marker(NamedTuple):
    """A pair of strings around a reasoning."""

    open: str
    close: str
    implied: bool = True
    """Whether `close` alone means that the prompt's template had written `open`."""


MARKERS: tuple[Marker, ...] = (
    Marker("<think>", "</think>"),
    Marker("<thinking>", "</thinking>"),
    Marker("<thought>", "</thought>"),
    Marker("<reasoning>", "</reasoning>"),
    Marker("<seed:think>", "</seed:think>"),
    Marker("<mm:think>", "</mm:think>"),
    Marker("<longcat_think>", "</longcat_think>"),
    Marker("<|START_THINKING|>", "<|END_THINKING|>"),
    Marker("<|begin_of_thought|>", "<|end_of_thought|>"),
    Marker("[THINK]", "[/THINK]"),
    Marker("◁think▷", "◁/think▷"),
    Marker("<|open|>think<|sep|>", "<|close|>think<|sep|>"),
    # `<|end|>` and `<channel|>` also end other things (Phi's turns), so they imply nothing.
    Marker("<|channel>thought", "<channel|>", implied=False),
    Marker("<|channel|>analysis<|message|>", "<|end|>", implied=False),
    Marker("<|channel|>commentary<|message|>", "<|end|>", implied=False),
)
"""Pairs in use, from the models' own templates and vLLM's reasoning parsers (`vllm/reasoning`)."""

FRAMES: tuple[str, ...] = (
    "<|start|>assistant",
    "<|channel|>final<|message|>",
    "<|return|>",
    "<|START_RESPONSE|>",
    "<|END_RESPONSE|>",
    "<|begin_of_solution|>",
    "<|end_of_solution|>",
    "<|open|>response<|sep|>",
    "<|close|>response<|sep|>",
)
"""What some of those models write around the answer; taken off it."""

BY_OPEN = {marker.open: marker for marker in MARKERS}
CLOSES = frozenset(marker.close for marker in MARKERS)
IMPLIED = frozenset(marker.close for marker in MARKERS if marker.implied)
LONGEST = max(len(text) for text in CLOSES.union(BY_OPEN))

_TAG = re.compile(r"</?[a-z]")
"""How a marker begins that is written like HTML; models vary the case of those alone."""

_OPEN_STARTS = frozenset(marker[:end] for marker in BY_OPEN for end in range(1, len(marker)))


def any_of(strings: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for any of the strings, the longest first, HTML-like ones in any case."""
    ordered = sorted(strings, key=len, reverse=True)
    return re.compile("|".join(_pattern(text) for text in ordered))


def _pattern(text: str) -> str:
    # ASCII alone, else `ſ` would count as an `s`.
    return f"(?ai:{re.escape(text)})" if _TAG.match(text) else re.escape(text)


OPEN = any_of(BY_OPEN)
CLOSE = any_of(CLOSES)
EITHER = any_of(CLOSES.union(BY_OPEN))
FRAME = any_of(FRAMES)


def canonical(text: str) -> str:
    """Return a marker, or the beginning of one, in the case in which the tables have it."""
    return text if text[1:2] == "|" else text.lower() if text[:1] == "<" else text


def may_open(text: str) -> bool:
    """Return whether a text is the beginning of an opening marker, but not a whole one."""
    return canonical(text) in _OPEN_STARTS


def ends_with_opening(text: str) -> bool:
    """Return whether a text ends with an opening marker, blanks aside."""
    tail = text.rstrip()[-LONGEST:]
    return any(canonical(tail[-len(marker) :]) == marker for marker in BY_OPEN)
