r"""The final answer of a model's output.

What lives here: `extract` and the order in which it looks. What does not: whether the answer is
right (`verdict`, `equivalence`), scanners (`spans`), the cutting of sentences (`statements`), and
the rules of other systems (`peers`).

The order, and why:

1. `boxed`: the last balanced, non-empty `\boxed{}` or `\fbox{}`. Prompts ask for it, nobody
   writes it by chance, and the last one is the one a model has settled on.
2. `hash`: the last line `#### answer` whose answer begins like a number or a single value; a
   Markdown heading (`#### Step 2`) is none. GSM8K's own format.
3. `statement`: the last "the answer is ...", "Final Answer: ...", "ANSWER: ...", "**Answer:** ...".
   Explicit, but also used in passing ("the answer is not obvious"), so behind 1 and 2.
4. `bare`: the last line is nothing but mathematics ("x = 1, 2"; "3/4"): read whole, because its
   last number alone would be wrong.
5. `mathematics`: the last `$...$`, `\(...\)` or `\[...\]` that holds a value, when no number
   follows it.
6. `equation`: the last line's calculation `... = 8 days for 5 people`, when nothing but the words
   of its unit follows; the last number would be the 5.
7. `unclosed_box`: a box that is never closed; the output was probably cut off, so it counts only
   when there is nothing better than a stray number.
8. `last_number`: the last number of the text, with its sign, thousands, fraction, exponent and
   percent sign; trailing dots are no part of it ("It costs 7 dollars..." gives 7).

Calculator annotations (`<<3*4=12>>`) are not read. When the text closes a `</think>` section, only
what follows it counts (unless nothing does).
Only the last `WINDOW` characters are read, but for one thing: a box that stands before them counts
when they hold none. So the time is bounded for every shape of text. Nothing raises.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from evalctl_math.characters import fold, plain
from evalctl_math.latex import unwrap
from evalctl_math.spans import Boxes, Span, content_of, find_boxes, find_mathematics
from evalctl_math.statements import find_statement, is_prose, leading_value

WINDOW: Final = 100_000
MAX_ANSWER: Final = 20_000
MAX_LINE: Final = 200

_HASH: Final = re.compile(r"####[ \t]{0,8}([^\n]{1,200})")
_HASH_VALUE: Final = re.compile(r"(?:\*\*)?[-+]?[$€£]?\\?[\d.(\[\\$]|[A-Za-z](?:\s|$|\s*=)")
_HEADING: Final = re.compile(r"\d{1,3}[.):]\s+\*{0,2}[A-Za-z]")
_NUMBER: Final = re.compile(
    r"(?<![\w.])(?:(?<![\d)\]}%]\s)(?<![\w)\]}%])[-+])?[$€£]?"
    r"(?:\d{1,3}(?:(?:,|\{,\}|\\,|,\\!|\s)\d{3})+(?!\d)|\d+)(?:\.\d+|:\d\d(?!\d))?"
    r"(?:[eE][-+]?\d+|\s?(?:\\times|×|\*|x)\s?10\^\{?[-+]?\d+\}?)?"
    r"(?:\s?/\s?\d+(?:\.\d+)?|\s\d+/\d+)?(?:\s?\\?%)?"
)
_POINT_NUMBER: Final = re.compile(r"(?<![\w.])[-+]?[$€£]?\.\d+(?:[eE][-+]?\d+)?")
_GLUED_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?")
_CURRENCY: Final = re.compile(r"[$€£]")
_CONNECTIVE: Final = re.compile(
    r"(?:(?:so|thus|hence|therefore|then|and|we get|we have|we find|this gives|which gives"
    r"|giving)\b[,:]?\s*){1,3}",
    re.IGNORECASE,
)
_FRACTION: Final = re.compile(
    r"[-+]?\s?(?:(?<!\d)\d{1,9}\s?)?\\[dtc]?frac\s?(?:\{-?[\d.]+\}\s?\{[\d.]+\}|\d\d)"
)
_HAS_VALUE: Final = re.compile(r"\d|\\(?:pi|sqrt|infty|emptyset|varnothing)(?![A-Za-z])")
_ANNOTATION: Final = re.compile(r"<<[^<>\n]{0,300}>>")
_NEW_CLAUSE: Final = re.compile(
    r"[,;:]|[.!?]\s+\S|\\|\b(?:so|thus|hence|therefore|then|but|and|because|since|is|are|was|were|will"
    r"|has|have|had|gives?|gets?|makes?|leaves?|left|equals?|answer|total)\b",
    re.IGNORECASE,
)
_THINKING_END: Final = "</think>"


class Extracted(NamedTuple):
    """An answer and the rule that found it."""

    answer: str
    """The answer as written, without delimiters, emphasis and trailing punctuation."""

    rule: str
    """One of the rule names in the module docstring."""


def extract(text: str) -> Extracted | None:
    """Return the final answer of an output, or None when the output states none."""
    whole = _after_thinking(_ANNOTATION.sub("", fold(text)))
    text = whole[-WINDOW:]
    boxes = find_boxes(text)
    return (
        _boxed(text, boxes)
        or _early_box(whole[:-WINDOW])
        or _hashed(text)
        or _named(find_statement(text), "statement")
        or _bare(text)
        or _mathematics(text)
        or _equation(text)
        or _unclosed(boxes.unclosed)
        or _last_number(text)
    )


def _after_thinking(text: str) -> str:
    _, found, rest = text.rpartition(_THINKING_END)
    return rest if found and rest.strip() else text


def _named(answer: str | None, rule: str) -> Extracted | None:
    return Extracted(answer, rule) if answer else None


def _boxed(text: str, boxes: Boxes) -> Extracted | None:
    """Return the content of the last box that holds anything."""
    for box in reversed(boxes.closed[-100:]):
        if box.end - box.start > MAX_ANSWER:
            continue
        content = unwrap(content_of(text, box))
        if content and content != "...":
            return Extracted(content, "boxed")
    return None


def _early_box(text: str) -> Extracted | None:
    """Return the last box before the window; a model that loops after its answer needs this."""
    at = max(text.rfind("\\boxed"), text.rfind("\\fbox"))
    if at < 0:
        return None
    part = text[at : at + MAX_ANSWER]
    return _boxed(part, find_boxes(part))


def _hashed(text: str) -> Extracted | None:
    for match in reversed(list(_HASH.finditer(text))[-100:]):
        line = match.group(1).strip().rstrip("*").strip()
        if _HASH_VALUE.match(line) and not _HEADING.match(line):
            answer = leading_value(line)
            if answer:
                return Extracted(answer, "hash")
    return None


def _bare(text: str) -> Extracted | None:
    """Return the last line when it is a value and nothing else."""
    line = text[-MAX_LINE - 80 :].rstrip().rpartition("\n")[2].strip()
    line = unwrap(_without_connective(line.lstrip("#> ").removeprefix("- ")))
    if not plain(line).isascii() or len(line) > MAX_LINE or "boxed{" in line or is_prose(line):
        return None
    letter = re.fullmatch(r"\(?[A-J]\)?", line)
    if letter is None and not _HAS_VALUE.search(line):
        return None
    return _named(_right_side(line), "bare")


def _without_connective(line: str) -> str:
    match = _CONNECTIVE.match(line)
    return line if match is None else line[match.end() :]


def _mathematics(text: str) -> Extracted | None:
    """Return the last mathematics that holds a value, unless a plain number follows it."""
    valued = (span for span in reversed(find_mathematics(text)) if _is_valued(span))
    span = next(valued, None)
    if span is None or _has_number_after(text, span.end):
        return None
    return _named(_right_side(unwrap(span.content)), "mathematics")


def _is_valued(span: Span) -> bool:
    return span.end - span.start <= MAX_ANSWER and bool(_HAS_VALUE.search(span.content))


def _has_number_after(text: str, at: int) -> bool:
    return any(sign.isdigit() for sign in text[at:])


def _right_side(text: str) -> str:
    r"""Return what follows the last `=` when the left side is a calculation or one symbol.

    `3 \cdot 4 = 12` gives 12 and `x = 5` gives 5; an equation in symbols stays whole.
    """
    left, found, right = text.rpartition("=")
    if not found or not right.strip() or left.rstrip().endswith(("<", ">", "!", "\\")):
        return text
    letters = re.sub(r"\\(?:frac|cdot|times|div|sqrt|pi|text\{[^{}]*\}|left|right)", "", left)
    symbols = re.findall(r"[A-Za-z\\]+", letters)
    first = left.partition("=")[0].strip()
    if not symbols or (re.fullmatch(r"[A-Za-z](?:_\{?\w+\}?)?", first) and "," not in text):
        return right.strip()
    return text


def _equation(text: str) -> Extracted | None:
    """Return the result of the calculation that ends the last line, whatever its unit says."""
    line = text[-MAX_LINE * 2 :].rstrip().rpartition("\n")[2]
    _, found, right = line.rpartition("=")
    match = _NUMBER.match(right.lstrip()) if found else None
    if match is None or _NEW_CLAUSE.search(right, match.end()):
        return None
    return Extracted(_CURRENCY.sub("", match.group()).strip(), "equation")


def _unclosed(box: Span | None) -> Extracted | None:
    if box is None or box.end - box.start > MAX_ANSWER:
        return None
    content = box.content.rstrip("$ \\)]")
    return _named(leading_value(unwrap(content)), "unclosed_box")


def _last_number(text: str) -> Extracted | None:
    # The tail first: nearly every text ends near its answer, and a shorter search is cheaper. The
    # tail starts at a line's start so that no number is cut.
    start = text.rfind("\n", 0, max(len(text) - 2_000, 0)) + 1
    for part in (text[start:], text) if start else (text,):
        found = [_last(pattern, part) for pattern in (_NUMBER, _POINT_NUMBER, _FRACTION)]
        if not any(found):
            found = [_last(_GLUED_NUMBER, part)]
        last = max((match for match in found if match), key=re.Match.end, default=None)
        if last is not None:
            return Extracted(_CURRENCY.sub("", last.group()).strip(), "last_number")
    return None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    last = None
    for match in pattern.finditer(text):
        last = match
    return last
