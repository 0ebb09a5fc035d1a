r"""Where answers stand in a text: boxes and mathematics between delimiters.

What lives here: linear scanners for `\boxed{...}` and for `$...$`, `$$...$$`, `\(...\)`,
`\[...\]`. What does not: which of the places is the answer (see `answers`).

Every scanner reads the text once; nothing is re-read per occurrence, so 100,000 unclosed boxes
cost no more than 100,000 letters.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_BRACE: Final = re.compile(r"\\(?:boxed|fbox)(?![A-Za-z])\s{0,8}|\\[\\{}]|[{}]")
_BARE_BOX: Final = re.compile(r"[-+]?[0-9A-Za-z.,/]{1,40}")
_DELIMITER: Final = re.compile(r"\\\\|\\\$|\$\$|\$|\\\(|\\\)|\\\[|\\\]|\n\s{0,4}\n")
_CLOSING: Final = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$": "$"}


class Span(NamedTuple):
    """A piece of mathematics and the place of the whole, delimiters included, in the text."""

    start: int
    end: int
    content: str


class Boxes(NamedTuple):
    """The boxes of a text, in the order in which they end."""

    closed: tuple[Span, ...]
    r"""Balanced boxes and boxes without braces (`\boxed 5`)."""

    unclosed: Span | None
    """The last box that is never closed, up to the end of its line, or None."""


def find_boxes(text: str) -> Boxes:
    r"""Return every `\boxed{}` and `\fbox{}` of the text; escaped braces do not count.

    A box inside a box is listed before the one around it.
    """
    closed: list[Span] = []
    open_braces: list[int] = []  # for each open brace: the start of its box, or -1
    after_box = -1  # the start of a box whose brace must come next
    expected_at = -1
    for match in _BRACE.finditer(text):
        token = match.group()
        if token == "{":
            open_braces.append(after_box if match.start() == expected_at else -1)
        elif token == "}" and open_braces:
            _close(text, open_braces, match.start(), closed)
        elif token[1:2] in ("b", "f"):
            after_box, expected_at = match.start(), match.end()
            _bare(text, match, closed)
    starts = [start for start in open_braces if start >= 0]
    return Boxes(tuple(closed), _unclosed(text, starts[-1]) if starts else None)


def _close(text: str, open_braces: list[int], at: int, closed: list[Span]) -> None:
    start = open_braces.pop()
    if start >= 0:
        # A box may be as long as the text; only innermost texts are cut out here because nested
        # boxes would otherwise copy the text once per level.
        closed.append(Span(start, at + 1, ""))


def content_of(text: str, box: Span) -> str:
    """Return what a box listed by `find_boxes` holds."""
    if box.content:
        return box.content
    return text[text.index("{", box.start) + 1 : box.end - 1]


def _bare(text: str, match: re.Match[str], closed: list[Span]) -> None:
    if text[match.end() : match.end() + 1] != "{" and (word := _BARE_BOX.match(text, match.end())):
        closed.append(Span(match.start(), word.end(), word.group()))


def _unclosed(text: str, start: int) -> Span:
    opening = text.index("{", start) + 1
    line_end = text.find("\n", opening)
    end = len(text) if line_end < 0 else line_end
    return Span(start, end, text[opening:end])


def find_mathematics(text: str) -> list[Span]:
    """Return the delimited mathematics of the text, in order, without overlaps.

    A single dollar sign opens mathematics only if no space follows it, and closes it only if no
    space precedes and no digit follows, which keeps prices (`$5 and $7`) out. A blank line ends
    every open delimiter.

    Source: the rule for dollar signs is that of pandoc's `tex_math_dollars` extension.
    """
    spans: list[Span] = []
    opening: re.Match[str] | None = None
    for match in _DELIMITER.finditer(text):
        token = match.group()
        if token[0] == "\n":
            opening = None
        elif opening is not None and token == _CLOSING[opening.group()]:
            if token != "$" or _closes(text, match.start()):
                spans.append(
                    Span(opening.start(), match.end(), text[opening.end() : match.start()])
                )
                opening = None
            elif _opens(text, match.end()):
                opening = match
        elif token in _CLOSING and (opening is None or opening.group() == "$"):
            opening = match if token != "$" or _opens(text, match.end()) else None
    return spans


def _opens(text: str, after: int) -> bool:
    return not text[after : after + 1].isspace() and after < len(text)


def _closes(text: str, at: int) -> bool:
    return not text[at - 1 : at].isspace() and not text[at + 1 : at + 2].isdigit()
