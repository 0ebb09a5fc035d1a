"""Where a model's reasoning ends and its answer begins. Pure functions of strings.

Models wrap what they think in markers, of which there are many. All of them are known here, so
that an answer is scored without its reasoning, stop strings do not fire while a model thinks, and
a model that never came to an answer counts as cut off.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from evalctl.records import Completion, FinishReason


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

_BY_OPEN = {marker.open: marker for marker in MARKERS}
_CLOSES = frozenset(marker.close for marker in MARKERS)
_IMPLIED = frozenset(marker.close for marker in MARKERS if marker.implied)


def _any_of(strings: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(text) for text in sorted(strings, key=len, reverse=True)))


_OPEN = _any_of(_BY_OPEN)
_CLOSE = _any_of(_CLOSES)
_EITHER = _any_of(_CLOSES.union(_BY_OPEN))
_FRAME = _any_of(FRAMES)
_OPEN_STARTS = frozenset(marker[:end] for marker in _BY_OPEN for end in range(1, len(marker)))
_FIRST_CHARACTERS = frozenset(marker[0] for marker in _BY_OPEN)
_LONGEST = max(len(text) for text in _CLOSES.union(_BY_OPEN))


class Split(NamedTuple):
    """A text taken apart."""

    reasoning: str
    """All blocks, without their markers, joined by blank lines."""
    answer: str
    """What is left."""
    is_open: bool
    """Whether the text ends inside a reasoning."""


def split(text: str, *, starts_inside: bool = False) -> Split:
    """Take reasoning and answer apart, in time linear in the text.

    A closing marker that nothing opened means that the prompt's template had opened it, so that
    all before it is reasoning; this holds once, before any other block.

    Args:
        text: What the model wrote, special tokens included.
        starts_inside: Whether the prompt ended with an opening marker.
    """
    inside, thoughts, answers = starts_inside, list[str](), list[str]()
    closes, begin = _CLOSES, 0
    for match in _EITHER.finditer(text):
        marker = match.group()
        if not inside and marker in _BY_OPEN:
            answers.append(text[begin : match.start()])
            inside, closes = True, frozenset({_BY_OPEN[marker].close})
        elif inside and marker in closes:
            thoughts.append(text[begin : match.start()])
            inside = False
        elif not inside and marker in _IMPLIED and not thoughts and not answers:
            thoughts.append(text[begin : match.start()])
        else:
            continue
        begin = match.end()
    (thoughts if inside else answers).append(text[begin:])
    reasoning = "\n\n".join(block for part in thoughts if (block := part.strip()))
    return Split(reasoning, _without_frames("".join(answers), bool(thoughts)), inside)


def _without_frames(answer: str, follows_reasoning: bool) -> str:
    """Return the answer without frames, and without the blank lines after a reasoning."""
    bare = _FRAME.sub("", answer) if "<|" in answer else answer
    return bare.lstrip() if follows_reasoning else bare


def ends_inside(prompt: str) -> bool:
    """Return whether a prompt, as the model reads it, ends with an opening marker."""
    return prompt.rstrip().endswith(tuple(_BY_OPEN))


def has_markers(template: str, vocabulary: Collection[str] = ()) -> bool:
    """Return whether a chat template or a set of added tokens knows an opening marker."""
    if _OPEN.search(template):
        return True
    # Harmony's markers are several tokens; its first one is enough to tell.
    return any(token in vocabulary for token in (*_BY_OPEN, "<|channel|>", "<|channel>"))


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
    stopped it. `special_tokens` are taken out of both parts: they are there only because the
    markers could not be seen without them.
    """
    parts = split(text, starts_inside=starts_inside)
    reasoning, answer = parts.reasoning, parts.answer
    if special_tokens:
        pattern = _any_of(special_tokens)
        reasoning, answer = pattern.sub("", reasoning), pattern.sub("", answer)
    if parts.is_open:
        answer, finish_reason = "", "length" if finish_reason == "stop" else finish_reason
    return Completion(
        text=answer, reasoning=reasoning, finish_reason=finish_reason, output_tokens=output_tokens
    )


class _Spot(NamedTuple):
    """Where a stop string is found; ordered by its end."""

    end: int
    begin: int


class StopWatcher:
    """Looks for stop strings in a text that comes in pieces, but not inside its reasoning.

    However the text is cut into pieces, the same stop is found: the one that ends first, and of
    those the one that begins first.
    """

    def __init__(
        self,
        stops: Iterable[str],
        *,
        starts_inside: bool = False,
        knows_reasoning: bool = True,
    ) -> None:
        """Watch for `stops`; empty ones are ignored.

        Args:
            stops: The stop strings.
            starts_inside: Whether the prompt ended with an opening marker.
            knows_reasoning: False for models that do not reason: then markers are plain text.
        """
        self._stops = tuple(stop for stop in stops if stop)
        self._knows_reasoning = knows_reasoning
        self._keep = max([_LONGEST, *map(len, self._stops)])
        self._inside = starts_inside
        self._closes = _CLOSES
        self._text = ""
        self._offset = 0
        self._from = 0

    def feed(self, delta: str) -> int | None:
        """Take the next piece; return where in the whole text a stop begins, or None.

        A stop that may yet turn out to be part of an opening marker is held back until more text
        or `finish` decides.
        """
        if not self._stops:
            return None
        self._text += delta
        found = self._scan(is_last=False)
        cut = len(self._text) - self._keep
        if found is None and cut > 0:
            self._text = self._text[cut:]
            self._offset += cut
            self._from = max(0, self._from - cut)
        return found

    def finish(self) -> int | None:
        """Return where a stop begins that was held back, now that no more text comes."""
        return self._scan(is_last=True)

    def _scan(self, *, is_last: bool) -> int | None:
        while True:
            if self._inside:
                if not self._leave():
                    return None
                continue
            stop = self._first_stop()
            if self._enter(stop):
                continue
            if stop is None or (not is_last and self._may_open_by(stop.begin)):
                return None
            return self._offset + stop.begin

    def _enter(self, stop: _Spot | None) -> bool:
        """Go into a reasoning that opens before the stop; False where none does."""
        opening = _OPEN.search(self._text, self._from) if self._knows_reasoning else None
        if opening is None:
            return False
        if stop is not None and opening.start() > stop.begin and opening.end() >= stop.end:
            return False
        self._inside, self._from = True, opening.end()
        self._closes = frozenset({_BY_OPEN[opening.group()].close})
        return True

    def _leave(self) -> bool:
        """Go on behind the reasoning's end; False where it is not there yet."""
        for match in _CLOSE.finditer(self._text, self._from):
            if match.group() in self._closes:
                self._inside, self._from = False, match.end()
                return True
        return False

    def _first_stop(self) -> _Spot | None:
        """Return the stop that ends first, in the text that is kept."""
        spots = [
            _Spot(begin + len(stop), begin)
            for stop in self._stops
            if (begin := self._text.find(stop, self._from)) >= 0
        ]
        return min(spots, default=None)

    def _may_open_by(self, stop: int) -> bool:
        """Return whether a marker may be about to open at or before `stop`."""
        first = max(self._from, len(self._text) - _LONGEST + 1)
        return self._knows_reasoning and any(
            self._text[begin] in _FIRST_CHARACTERS and self._text[begin:] in _OPEN_STARTS
            for begin in range(first, min(stop + 1, len(self._text)))
        )
