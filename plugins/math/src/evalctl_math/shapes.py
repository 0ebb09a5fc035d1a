r"""The outer form of an answer: one value, a list, a set, a tuple, an interval, a union, a matrix.

What lives here: `shape`, which splits canonical LaTeX at its outermost commas, `\cup` and matrix
cells. What does not: judging the parts (see `comparison`).

A comma between digits is read as a thousands separator where the groups allow it ("70,110"); with
`thousands=False` the same text is read as a list. `comparison` tries both.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from evalctl_math.latex import matching

Kind = Literal["value", "list", "set", "tuple", "union", "matrix"]
MAX_PARTS: Final = 64

_THOUSANDS: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?!\d|,\d)")
_SPACED_THOUSANDS: Final = re.compile(r"[-+$€£]{0,2}\d{1,3}(?: \d{3})+(?:\.\d+)?")
_AND: Final = re.compile(
    r",? ?\\text\{ ?(?:and|or) ?\} ?|,? (?:and|or) (?![a-z] *=)|,? (?:and|or) (?=[a-z] *=)|;"
)
_WHOLE_TEXT: Final = re.compile(r"^\\text\{([^{}]*[\d,][^{}]*)\}$")
_BRACED: Final = re.compile(r"\\\{|\\\}")
_MATRIX: Final = re.compile(r"\\begin\{([pb]?matrix|smallmatrix)\}(.*)\\end\{\1\}", re.DOTALL)
_UNION: Final = re.compile(r"\\cup(?![A-Za-z])|(?<=[)\]]) ?U ?(?=[(\[])")
_ANGLES: Final = re.compile(r"^\\langle(?![A-Za-z])(.*)\\rangle$", re.DOTALL)
_MEMBER: Final = re.compile(r"^[A-Za-z] ?\\in ?(?![A-Za-z])")


_LABEL: Final = re.compile(
    r"^(?:[A-Za-z](?:_\{\w+\})?|\\[a-z]+ ?|\([A-Za-z](?:, ?[A-Za-z]){1,5}\)) ?= ?"
    r"(?=[(\[]|\\\{|\\begin|\\langle)"
)
_INEQUALITY: Final = re.compile(
    r"(?:([^<>=]+?) ?(<|\\le) ?)?([A-Za-z]|\\(?:theta|alpha)) ?(<|>|\\le|\\ge) ?([^<>=]+)"
)


class Shape(NamedTuple):
    """An answer's form and its parts as canonical text."""

    kind: Kind
    parts: tuple[str, ...]
    brackets: str = ""
    """For a tuple its two brackets, for a matrix its number of columns."""


def shape(text: str, *, thousands: bool = True) -> Shape:
    """Return the form of a canonical answer; what has no outer form is one value."""
    text = _WHOLE_TEXT.sub(r"\1", text.strip())
    text = _ANGLES.sub(r"(\1)", _MEMBER.sub("", _AND.sub(", ", text)).strip())
    found = _matrix(text) or _union(text) or _labelled(text)
    if found is not None:
        return found
    joined = join_thousands(text) if thousands else text
    parts = split_commas(joined)
    if len(parts) > 1:
        return Shape("list", _signed(parts))
    return _bracketed(text) or Shape("value", (joined.strip(),))


def join_thousands(text: str) -> str:
    """Return the text without the commas inside numbers such as 1,234,567.

    Inside brackets a comma separates, unless other commas there are followed by a space.
    """
    if _SPACED_THOUSANDS.fullmatch(text):
        return text.replace(" ", "")
    if "," not in text:
        return text
    if text[0] in "([{\\" and ", " not in text:
        return text
    return _THOUSANDS.sub(lambda match: match.group().replace(",", ""), text)


def split_commas(text: str) -> list[str]:
    """Return the parts between the outermost commas, without empty ones."""
    return [part.strip() for part in _split(text, ",") if part.strip()]


def _split(text: str, separator: str) -> list[str]:
    parts, start, depth = [], 0, 0
    for index, sign in enumerate(text):
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == separator and depth <= 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _bracketed(text: str) -> Shape | None:
    escaped = text.startswith("\\{") and text.endswith("\\}")
    plain = _BRACED.sub(lambda match: match.group()[1], text) if escaped else text
    if len(plain) < 2 or plain[0] not in "([{" or matching(plain, 0) != len(plain) - 1:
        return None
    inside = text[2:-2] if escaped else text[1:-1]
    parts = split_commas(join_thousands(inside) if ", " in inside else inside)
    if plain[0] == "{":
        return Shape("set", _signed(parts)) if escaped or len(parts) > 1 else None
    if len(parts) > 1:
        return Shape("tuple", tuple(parts), plain[0] + plain[-1])
    return shape(inside) if plain[0] + plain[-1] == "()" and parts else None


def _labelled(text: str) -> Shape | None:
    """Return the form behind a label such as `S =` or `(x, y) =`, unless it is one value."""
    match = _LABEL.match(text)
    if match is None:
        return None
    found = shape(text[match.end() :])
    return found if found.kind not in ("value", "list") else None


def intervals(form: Shape) -> Shape:
    r"""Return the inequalities in one symbol as the intervals that they describe.

    `x > 2` is `(2, \infty)`, `1 \le x < 3` is `[1, 3)`, and a list of them is their union; any
    other form comes back unchanged.
    """
    if form.kind not in ("value", "list"):
        return form
    found = [_interval(part) for part in form.parts]
    written = [interval for interval in found if interval is not None]
    if len(written) != len(found):
        return form
    return shape(written[0]) if len(written) == 1 else Shape("union", tuple(written))


def _interval(text: str) -> str | None:
    match = _INEQUALITY.fullmatch(text)
    if match is None:
        return None
    low, first, _, second, high = (group or "" for group in match.groups())
    if not low:
        ends = ("[" if "e" in second else "(", "]" if "e" in second else ")")
        if second in (">", "\\ge"):
            return f"{ends[0]}{high}, \\infty)"
        return f"(-\\infty, {high}{ends[1]}"
    if second in (">", "\\ge"):
        return None
    return f"{'[' if 'e' in first else '('}{low}, {high}{']' if 'e' in second else ')'}"


def _union(text: str) -> Shape | None:
    pieces = [piece.strip() for piece in _UNION.split(text)]
    balanced = all(_depth(piece) == 0 for piece in pieces)
    if len(pieces) < 2 or not all(pieces) or not balanced:
        return None
    return Shape("union", tuple(pieces))


def _depth(text: str) -> int:
    return sum((sign in "([{") - (sign in ")]}") for sign in text)


def _matrix(text: str) -> Shape | None:
    match = _MATRIX.fullmatch(text)
    if match is None or "\\begin" in match.group(2):
        return None
    rows = [row for row in match.group(2).split("\\cr") if row.strip()]
    cells = [[cell.strip() for cell in row.split("&")] for row in rows]
    if not cells or len({len(row) for row in cells}) != 1:
        return None
    return Shape("matrix", tuple(cell for row in cells for cell in row), str(len(cells[0])))


def _signed(parts: list[str]) -> tuple[str, ...]:
    r"""Return the parts with every `a \pm b` written out as `a + b` and `a - b`."""
    out: list[str] = []
    for part in parts:
        out.extend(both_signs(part) or (part,))
    return tuple(out)


def both_signs(text: str) -> tuple[str, str] | None:
    r"""Return the two values that a `\pm` stands for, or None without one."""
    if "\\pm" not in text:
        return None
    upper = text.replace("\\pm", "+").replace("\\mp", "-")
    lower = text.replace("\\pm", "-").replace("\\mp", "+")
    return upper.strip().removeprefix("+").strip(), lower.strip()
