"""Where a model's reasoning ends and its answer begins. Pure functions of strings.

Models wrap what they think in markers, of which there are many. All of them are known here, so
that an answer is scored without its reasoning, stop strings do not fire while a model thinks, and
a model that never came to an answer counts as cut off.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from evalctl.engines.reasoning_markers import (
    BY_OPEN,
    CLOSE,
    CLOSES,
    EITHER,
    FRAME,
    FRAMES,
    IMPLIED,
    MARKERS,
    OPEN,
    Marker,
    any_of,
    canonical,
    ends_with_opening,
)
from evalctl.engines.reasoning_stops import StopWatcher
from evalctl.records import Completion, FinishReason

__all__ = [
    "FRAMES",
    "MARKERS",
    "Marker",
    "Split",
    "StopWatcher",
    "as_completion",
    "ends_inside",
    "has_markers",
    "split",
]


class Split(NamedTuple):
    """A text taken apart."""

    reasoning: str
    """All blocks, without their markers, joined by blank lines."""
    answer: str
    """What is left."""
    is_open: bool
    """Whether the text ends inside a reasoning."""


def split(
    text: str,
    *,
    starts_inside: bool = False,
    is_finished: bool = False,
    special_tokens: Collection[str] = (),
) -> Split:
    """Take reasoning and answer apart, in time linear in the text.

    A closing marker that nothing opened means that the prompt's template had opened it, so that
    all before it is reasoning; this holds once, before any other block. A block ends at its first
    closing marker; where it had opened others inside, as many closing markers more may follow
    before the next block, and all before them is reasoning, too.

    Args:
        text: What the model wrote, special tokens included.
        starts_inside: Whether the prompt ended with an opening marker.
        is_finished: Whether the model ended the text by itself. Then an opening marker that is
            never closed is plain text, unless nothing but blanks and special tokens was answered
            before it.
        special_tokens: Those of the tokenizer, which are no answer.
    """
    splitter = _Splitter(text, starts_inside)
    special = any_of(special_tokens) if special_tokens else None
    last = {canonical(match.group()): match.start() for match in CLOSE.finditer(text)}
    for match in EITHER.finditer(text):
        marker = canonical(match.group())
        if marker not in BY_OPEN:
            splitter.close(marker, match)
            continue
        is_closed = last.get(BY_OPEN[marker].close, -1) > match.start()
        is_doubtful = is_finished and not is_closed and not splitter.inside
        if not (is_doubtful and splitter.has_answered(match.start(), special)):
            splitter.open(marker, match)
    return splitter.finish()


class _Splitter:
    """The state of `split` between two markers."""

    def __init__(self, text: str, starts_inside: bool) -> None:
        self.inside = starts_inside
        self._text = text
        self._thoughts: list[str] = []
        self._answers: list[str] = []
        self._closes = CLOSES
        self._depth = 1 if starts_inside else 0
        self._begin = 0
        self._has_answered = False

    def open(self, marker: str, match: re.Match[str]) -> None:
        """Begin a block, or note that one is opened inside another."""
        close = BY_OPEN[marker].close
        if self.inside:
            self._depth += close in self._closes and close in IMPLIED
            return
        self._take(self._answers, match)
        self.inside, self._depth, self._closes = True, 1, frozenset({close})

    def close(self, marker: str, match: re.Match[str]) -> None:
        """End a block; pass over what ends none."""
        if self.inside or self._depth:
            if marker not in self._closes:
                return
            self._depth = self._depth - 1 if marker in IMPLIED else 0
            self._closes = frozenset({marker})
        elif marker not in IMPLIED or self._thoughts or self._answers:
            return
        self._take(self._thoughts, match)
        self.inside = False

    def has_answered(self, end: int, special: re.Pattern[str] | None) -> bool:
        """Return whether anything was answered before `end`, while outside."""
        if not self._has_answered:
            parts = [*self._answers, self._text[self._begin : end]]
            said = FRAME.sub("", "".join(parts))
            self._has_answered = bool((special.sub("", said) if special else said).strip())
        return self._has_answered

    def finish(self) -> Split:
        """Take what is left."""
        (self._thoughts if self.inside else self._answers).append(self._text[self._begin :])
        reasoning = "\n\n".join(block for part in self._thoughts if (block := part.strip()))
        answer = FRAME.sub("", "".join(self._answers))
        return Split(reasoning, answer.lstrip() if self._thoughts else answer, self.inside)

    def _take(self, parts: list[str], match: re.Match[str]) -> None:
        parts.append(self._text[self._begin : match.start()])
        self._begin = match.end()


def ends_inside(prompt: str) -> bool:
    """Return whether a prompt, as the model reads it, ends with an opening marker."""
    return ends_with_opening(prompt)


def has_markers(template: str, vocabulary: Collection[str] = ()) -> bool:
    """Return whether a chat template or a set of added tokens knows an opening marker."""
    if OPEN.search(template):
        return True
    # Harmony's markers are several tokens; its first one is enough to tell.
    return any(token in vocabulary for token in (*BY_OPEN, "<|channel|>", "<|channel>"))


def as_completion(
    text: str,
    finish_reason: FinishReason,
    output_tokens: int,
    *,
    starts_inside: bool = False,
    special_tokens: Collection[str] = (),
) -> Completion:
    """Return a completion from what a model wrote.

    A reasoning that never ended gives an empty answer and counts as cut off (`length`), whatever
    stopped it; but in the midst of an answer that ended by itself (`stop`), an opening marker that
    nothing closes is plain text. `special_tokens` are taken out of both parts: they are there only
    because the markers could not be seen without them.
    """
    parts = split(
        text,
        starts_inside=starts_inside,
        is_finished=finish_reason == "stop",
        special_tokens=special_tokens,
    )
    reasoning, answer = parts.reasoning, parts.answer
    if special_tokens:
        pattern = any_of(special_tokens)
        reasoning, answer = pattern.sub("", reasoning), pattern.sub("", answer)
    if parts.is_open:
        answer, finish_reason = "", "length" if finish_reason == "stop" else finish_reason
    return Completion(
        text=answer, reasoning=reasoning, finish_reason=finish_reason, output_tokens=output_tokens
    )
