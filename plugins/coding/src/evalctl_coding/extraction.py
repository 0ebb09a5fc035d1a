"""The program in a model's answer: pure functions of strings, in linear time.

How texts are taken apart is in `segments.py` and `fences.py`; what of a program is only an example
of its use, in `usage.py`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from evalctl_coding.bodies import continuation
from evalctl_coding.fences import Block, blocks
from evalctl_coding.segments import (
    MAX_CHARACTERS,
    Segment,
    outside_strings,
    reachable,
    segments,
)
from evalctl_coding.usage import without_usage

_THOUGHT = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_THINKS = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_ESCAPED = re.compile(r"&(?:lt|gt|amp|quot|#39|#x27);")
_FUTURE = re.compile(r"^from __future__ import [^\n(;]+\n?", re.MULTILINE)
_GIVES = re.compile(r"\b(?:return|yield|raise|lambda)\b").search
_READS = re.compile(r"\binput[ \t]*\(|\bstdin\b|\bopen[ \t]*\([ \t]*0\b|\bfileinput\b").search
_PRINTS = re.compile(r"\bprint[ \t]*\(|\bstdout\b").search
_METHOD = "\n\n\ndef {name}(*given, **named):\n    return {owner}().{name}(*given, **named)\n"
"""For an answer that wraps the function in a class."""
_MARKS = (("[BEGIN]", "[DONE]"), ("[PYTHON]", "[/PYTHON]"))


def between_marks(text: str) -> str:
    """Return what stands between an answer's own marks of beginning and end, where it has them.

    Base models that are shown worked examples go on with a next problem after the first end.
    """
    for begin, end in _MARKS:
        text = text.partition(end)[0]
        text = text.rpartition(begin)[2]
    return text


def program(text: str, *, prompt: str, entry_point: str) -> str | None:
    """Return the program that an answer stands for; None where it holds no code.

    In this order: the last fenced block that defines the function with a body that gives
    something, with what the prompt and other blocks define for it; a block as the function's
    body; for programs without a function the last block that reads and prints, else all of them;
    without fences, the lines of code that define the function; anything else as the prompt's
    continuation, to the end of the function. Lines that only use the function are left out.

    Args:
        text: The answer, without its reasoning.
        prompt: What the function begins with; empty where the dataset gives none.
        entry_point: The function that tests call; empty where it is not known.
    """
    text = _cleaned(text)
    if not text.strip():
        return None
    found = blocks(text)
    is_body = not found and prompt and text.lstrip("\n")[:1] in (" ", "\t")
    if is_body:
        made: str | None = continuation(prompt, text, entry_point)
    else:
        parts = [_Part(block) for block in found] or _runs(text)
        made = _chosen([p for p in parts if p.code.strip()], prompt, entry_point)
    if made is None:
        return None
    return with_futures_first(made if _is_plain(made) else html.unescape(made))


def with_futures_first(source: str) -> str:
    """Return a program whose imports from `__future__` stand where Python wants them."""
    found = _FUTURE.findall(source)
    if not found or (len(found) == 1 and source.startswith(found[0])):
        return source
    lines = dict.fromkeys(line.rstrip("\n") + "\n" for line in found)
    return "".join(lines) + _FUTURE.sub("", source)


class _Part:
    """A block of an answer, taken apart."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.code = block.code
        self.segments = segments(block.code)

    def defining(self, name: str) -> Segment | None:
        """Return the last statement that gives the function, or the class that has it."""
        if self.segments and self.segments[0].kind == "whole":
            pattern = rf"^(?:async )?def {re.escape(name)}\b"
            is_there = re.search(pattern, self.code, re.MULTILINE) is not None
            return self.segments[0] if is_there else None
        for segment in reversed(self.segments):
            if segment.kind in ("definition", "assignment") and name in segment.names:
                return segment
        return next((part for part in self.segments if part.has_method(name)), None)


def _cleaned(text: str) -> str:
    """Return a text with plain ends of lines and spaces, without remains of reasoning."""
    text = text.replace("\r\n", "\n").replace("\u00a0", " ").replace("\ufeff", "")
    ends = [match.end() for match in _THOUGHT.finditer(text)]
    text = text[ends[-1] :] if ends else text
    return "" if _THINKS.match(text.lstrip()) else text


def _is_plain(source: str) -> bool:
    """Return whether no mark of HTML stands where only code can stand."""
    if len(source) > MAX_CHARACTERS or not _ESCAPED.search(source):
        return True
    return _ESCAPED.search(outside_strings(source)) is None


def _chosen(parts: Sequence[_Part], prompt: str, entry_point: str) -> str | None:
    if not parts:
        return None
    if not entry_point:
        return _reading_and_printing(parts)
    defining = [(part, found) for part in parts if (found := part.defining(entry_point))]
    giving = [pair for pair in defining if pair[1].kind == "assignment" or _GIVES(pair[1].text)]
    if defining:
        best, segment = (giving or defining)[-1]
        return _assembled(best, segment, parts, prompt, entry_point)
    if prompt:
        bodies = [part for part in parts if _GIVES(part.code)] or parts
        return continuation(prompt, bodies[0].code, entry_point)
    return "\n".join(part.code for part in parts)


def _runs(text: str) -> list[_Part]:
    """Return the stretches of code in a text without fences."""
    runs: list[list[str]] = [[]]
    for segment in segments(text):
        if segment.kind != "prose":
            runs[-1].append(segment.text)
        elif runs[-1]:
            runs.append([])
    return [_Part(Block("".join(run))) for run in runs if run]


def _reading_and_printing(parts: Sequence[_Part]) -> str:
    """Return the last program that reads and prints, else that prints, else all blocks."""
    printing = [part for part in parts if _PRINTS(part.code)]
    complete = [part for part in printing if _READS(part.code)]
    if not printing:
        labelled = [part for part in parts if part.block.is_labelled]
        return "\n".join(part.code for part in labelled or parts)
    best = (complete or printing)[-1]
    return _helpers(best.segments, parts[: parts.index(best)], "") + best.code


def _assembled(
    best: _Part, segment: Segment, parts: Sequence[_Part], prompt: str, entry_point: str
) -> str:
    """Return a block's program with what the prompt and other blocks define for it."""
    head = _head(prompt, entry_point)
    if segment.kind == "whole":
        return head + best.code
    kept = without_usage(best.segments, entry_point, is_cut=not best.block.is_closed)
    others = [part for part in parts if part is not best]
    helpers = _helpers((*segments(head), *kept), others, entry_point)
    made = head + helpers + "".join(part.text for part in kept)
    return made + _METHOD.format(name=entry_point, owner=min(segment.names)) * (
        segment.kind == "definition" and entry_point not in segment.names
    )


def _helpers(kept: Sequence[Segment], others: Sequence[_Part], entry_point: str) -> str:
    """Return what other blocks define of the names that a program uses and does not bind."""
    bound = frozenset[str]().union(*(part.names for part in kept), {entry_point})
    usable = [
        segment
        for part in others
        for segment in part.segments
        if _is_helper(segment) and segment.names.isdisjoint(bound)
    ]
    used = frozenset[str]().union(*(part.wants for part in kept))
    needed = reachable(used, usable) | {"*"}
    texts = dict.fromkeys(s.text.rstrip("\n") for s in usable if s.names & needed)
    return "".join(f"{text}\n\n\n" for text in texts)


def _is_helper(segment: Segment) -> bool:
    if segment.is_open:
        return False
    is_plain_value = segment.kind == "assignment" and "(" not in segment.text
    return is_plain_value or segment.kind in ("definition", "import")


def _head(prompt: str, entry_point: str) -> str:
    """Return what a prompt holds before its function: imports and helpers."""
    match = re.search(rf"^(?:async )?def {re.escape(entry_point)}\b", prompt, re.MULTILINE)
    return prompt[: match.start()] if match and entry_point else ""
