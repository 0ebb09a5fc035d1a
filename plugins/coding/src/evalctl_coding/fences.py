"""The fenced blocks of an answer: pure functions of strings, in linear time."""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from evalctl_coding.segments import segments

_FENCE = re.compile(
    r"^([ \t]*+(?:(?:[-*+>]|\d{1,9}[.)])[ \t]++)?)(`{3,}+|~{3,}+)([^\n`]*)$", re.MULTILINE
)
_LABEL = re.compile(r"[{.\s]*([A-Za-z+#-]*)")
_GLUED = re.compile(r"(?<=[^\s`])`{3,}+[ \t]*$", re.MULTILINE)
"""A closing fence at the end of a line of code."""
MAX_FENCES = 2000
"""More are not looked at: no answer has as many."""
_PYTHON = frozenset({"", "python", "py", "ipython", "code"})
_SLACK = 3
"""Columns that a closing fence may stand further in than its opening one; a docstring's own fences
stand further in. Source: CommonMark 0.31, section 4.5."""


class Block(NamedTuple):
    """What stands in one fenced block of Python, or of no language."""

    code: str
    is_labelled: bool = True
    """Whether the fence says that it is Python."""
    is_closed: bool = True
    """Whether its end was written."""


class _Opening(NamedTuple):
    """A fence that is open."""

    start: int
    mark: str
    indent: int
    label: str

    @property
    def is_python(self) -> bool:
        return self.label in _PYTHON

    def is_closed_by(self, match: re.Match[str]) -> bool:
        return (
            match[2].startswith(self.mark)
            and not match[3].strip()
            and len(match[1].expandtabs(4)) <= self.indent + _SLACK
        )

    def is_left_for(self, match: re.Match[str]) -> bool:
        """Return whether another block begins, though this one's end was forgotten."""
        is_as_far_out = len(match[1].expandtabs(4)) <= self.indent
        return is_as_far_out and self.is_python and _label(match) in _PYTHON - {""}


def blocks(text: str) -> tuple[Block, ...]:
    """Return the fenced blocks of Python, or of no language, in order.

    A fence that is never closed holds all that follows it. A first fence that closes what stands
    before it, since the prompt had opened it, gives that as the first block.
    """
    found: list[Block] = []
    opening: _Opening | None = None
    for number, match in enumerate(islice(_FENCE.finditer(text), MAX_FENCES)):
        if number == 0 and _closes_the_prompt(text[: match.start()], match):
            found.append(Block(text[: match.start()]))
        elif opening is None:
            opening = _opened(match)
        elif opening.is_closed_by(match) or opening.is_left_for(match):
            is_closed = opening.is_closed_by(match)
            _take(found, opening, text[opening.start : match.start()], is_closed=True)
            opening = None if is_closed else _opened(match)
    if opening is not None and opening.start < len(text):
        rest = text[opening.start :]
        ends = [match.start() for match in _GLUED.finditer(rest)]
        _take(found, opening, rest[: ends[-1]] if ends else rest, is_closed=bool(ends))
    return tuple(found)


def _opened(match: re.Match[str]) -> _Opening:
    return _Opening(match.end() + 1, match[2], len(match[1].expandtabs(4)), _label(match))


def _label(match: re.Match[str]) -> str:
    found = _LABEL.match(match[3])
    return found[1].lower() if found else ""


def _closes_the_prompt(before: str, match: re.Match[str]) -> bool:
    """Return whether a first fence ends code that the answer began with."""
    if match[3].strip() or not before.strip():
        return False
    first = before.lstrip("\n")
    return first[:1] in (" ", "\t") or segments(first)[0].kind not in ("prose", "whole")


def _take(found: list[Block], opening: _Opening, content: str, *, is_closed: bool) -> None:
    if opening.is_python:
        if opening.indent:
            outer = re.compile(rf"^[ \t]{{1,{opening.indent}}}", re.MULTILINE)
            content = outer.sub("", content)
        found.append(Block(content, bool(opening.label), is_closed))
