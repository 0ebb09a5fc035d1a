"""Reading candidates and lists of names out of what a model wrote. Pure functions, linear in it.

What stands behind the last `Answer:` counts, else the last block of bullets or numbers, else a
text of one line. There it is the items of a list, a JSON array, the lines, or one line that is
divided at its semicolons, in a list also at its commas and its last `and`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

MOST_ITEMS = 100
"""Source: BioASQ's guidelines for task B: a list holds up to 100 entries."""
MOST_CHARACTERS = 300
"""Of an entry; a longer one is no name."""

_HEADER = re.compile(
    r"^[\s>*_#]{0,8}(?:the |my )?(?:final |exact |short )?(?:answers?|candidates?)"
    r"[*_`]{0,3}(?:\s?\([^()\n]{0,40}\))?[*_`]{0,3}\s{0,2}[:\uff1a][*_`]{0,3}",
    re.IGNORECASE | re.MULTILINE,
)
_IS = re.compile(r"\banswers?[*_`]{0,3} (?:is|are)[*_`]{0,3}:?\s", re.IGNORECASE)
_ITEM = re.compile(r"\s{0,12}(?:[-*\u2022\u2013+]|\(?\d{1,3}[.):])\s{1,4}(\S.*)")
_INLINE_NUMBER = re.compile(r"(?:^|\s)\(?\d{1,2}[.)]\s{1,3}")
_AND = re.compile(r"^(?:and|or|&)\s+", re.IGNORECASE)
_LAST_AND = re.compile(r"\s(?:and|&)\s")


def read_names(text: str, *, is_list: bool) -> tuple[str, ...]:
    """Return the names that a text answers with, in their order, each once; none where it has none.

    Args:
        text: What a model wrote.
        is_list: Whether a line of several names is divided at commas as well.
    """
    names = (_bare(name) for name in _pieces(_answer_part(text), is_list=is_list))
    kept: dict[str, str] = {}
    for name in names:
        if name and len(name) <= MOST_CHARACTERS:
            kept.setdefault(name.casefold(), name)
    return tuple(kept.values())[:MOST_ITEMS]


def _answer_part(text: str) -> list[str]:
    """Return the lines that hold the answer."""
    headers = list(_HEADER.finditer(text))
    if headers:
        return _behind(text[headers[-1].end() :].split("\n"))
    lines = text.strip().split("\n")
    if block := _last_block(lines):
        return block
    said = list(_IS.finditer(text))
    if said:
        return [re.split(r"\.(?:\s|$)|\n", text[said[-1].end() :], maxsplit=1)[0]]
    return lines if len(lines) == 1 and len(lines[0]) <= MOST_CHARACTERS else []


def _behind(lines: Sequence[str]) -> list[str]:
    """Return what follows a header: up to the end of a list, else up to an empty line."""
    found: list[str] = []
    in_list = False
    for line in lines:
        if not line.strip():
            if found and not in_list:
                break
            continue
        is_item = _ITEM.match(line) is not None
        if in_list and not is_item:
            break
        in_list = in_list or is_item
        found.append(line)
    return found


def _last_block(lines: Sequence[str]) -> list[str]:
    """Return the last items below each other, empty lines between them passed over."""
    block: list[str] = []
    for line in reversed(lines):
        if _ITEM.match(line):
            block.append(line)
        elif block and line.strip():
            break
    return block[::-1]


def _pieces(lines: Sequence[str], *, is_list: bool) -> Iterator[str]:
    """Yield what lines hold, item by item."""
    whole = "\n".join(lines).strip().strip("`").strip()
    if (parsed := _json_texts(whole)) is not None:
        yield from parsed
        return
    items = [match[1] for line in lines if (match := _ITEM.match(line))]
    numbered = _INLINE_NUMBER.split(whole) if len(lines) == 1 else []
    if len(numbered) > 2:
        yield from (piece.strip(" ,;") for piece in numbered)
    elif len(items) > 1 or (items and len(items) == len(lines)):
        yield from items
    elif len(lines) > 1:
        yield from lines
    else:
        yield from _divided(whole, "," if is_list and ";" not in whole else ";")


def _json_texts(text: str) -> list[str] | None:
    """Return the texts of a JSON array; None where it is none."""
    text = text.removeprefix("json").strip()
    if not text.startswith("[") or len(text) > MOST_ITEMS * MOST_CHARACTERS:
        return None
    try:
        found = json.loads(text[: text.rfind("]") + 1])
    except (ValueError, RecursionError):
        return None
    flat = [item[0] if isinstance(item, list) and item else item for item in found]
    return [item for item in flat if isinstance(item, str)]


def _divided(text: str, sign: str) -> Iterator[str]:
    """Yield the pieces of a line, divided outside of parentheses; at commas also at the last `and`.

    The comma of a number, or of a name such as 1,2-dichloroethane, divides nothing.
    """
    pieces, depth, start = [], 0, 0
    for at, found in enumerate(text):
        depth = max(0, depth + (found in "([") - (found in ")]"))
        if found == sign and depth == 0 and (sign == ";" or text[at + 1 : at + 2] == " "):
            pieces.append(text[start:at].strip())
            start = at + 1
    last = text[start:].strip()
    yield from pieces
    if sign == "," and not _AND.match(last):
        yield from _LAST_AND.split(last)
    else:
        yield _AND.sub("", last) if sign == "," else last


def _bare(name: str) -> str:
    """Return a name without marks around it."""
    plain = name.replace("**", "").replace("`", "").strip()
    return plain.strip(" \t\r*_\"'\u201c\u201d").rstrip(".,;").strip(" \t*_\"'\u201c\u201d")
