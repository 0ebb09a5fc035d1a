"""A function's body that goes on where a prompt ends: its indentation, and where it ends."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evalctl_coding.segments import Segment, reachable, segments

_INDENT = "    "
_LEADING_TABS = re.compile(r"^ *\t[ \t]*", re.MULTILINE)
_LINE = re.compile(r"^[ \t]*(?=\S)", re.MULTILINE)
_KEPT_AFTER = ("definition", "import", "assignment")


def continuation(prompt: str, text: str, entry_point: str) -> str:
    """Return the prompt with the function's body, and with what the body needs of the rest.

    The body ends at the first statement at the left margin. Of those behind it, up to the first
    line of prose, definitions, imports and assignments stay whose names the body mentions.

    Args:
        prompt: What the function begins with.
        text: The body, perhaps with wrong or missing indentation, and whatever follows it.
        entry_point: The function; a second one of its name is left out.
    """
    wanted = _wanted_indent(prompt)
    if "\t" not in wanted:
        text = _LEADING_TABS.sub(lambda match: match[0].expandtabs(len(_INDENT)), text)
    parts = segments(text)
    if parts[0].kind == "whole":
        return _joined(prompt, text)
    count = 1 if _is_one_body(parts[0], wanted) else _unindented(parts)
    body = _shifted("".join(part.text for part in parts[:count]), wanted)
    return _joined(prompt, body) + _needed_of(parts[count:], body, entry_point)


def _wanted_indent(prompt: str) -> str:
    """Return the indentation of the prompt's last line, where that is in the function."""
    last = prompt.rstrip().rpartition("\n")[2]
    indent = last[: len(last) - len(last.lstrip())]
    return indent if indent and not last.endswith(":") else _INDENT


def _is_one_body(first: Segment, wanted: str) -> bool:
    """Return whether the first statement is all of the body: indented, or but for its first line.

    A first line at the margin whose next ones stand further in than it can lead to had its own
    indentation stripped.
    """
    if first.kind == "indented":
        return True
    head, *lines = [line for line in first.text.splitlines() if line.strip()] or [""]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    if not indents or min(indents) < len(wanted):
        return False
    is_leading = head.rstrip().endswith((":", "(", "[", "{", ",", "\\"))
    return not is_leading or min(indents) < indents[0] or indents[0] >= 2 * len(wanted)


def _unindented(parts: Sequence[Segment]) -> int:
    """Return how many statements make up a body that was written at the left margin."""
    for count, part in enumerate(parts):
        if count and (part.kind in ("prose", "definition") or "__name__" in part.text):
            return count
    return len(parts)


def _shifted(body: str, wanted: str) -> str:
    """Return a body with its first line, or all of it, moved to the wanted indentation."""
    indents = [len(match[0]) for match in _LINE.finditer(body)]
    if not indents or indents[0] == len(wanted):
        return body
    first, others = indents[0], indents[1:]
    is_only_first = bool(others) and min(others) >= len(wanted) > first
    is_only_first = is_only_first or (bool(others) and min(others) == len(wanted))
    change = len(wanted) - first
    fill = wanted[0] * max(change, 0)

    def moved(match: re.Match[str]) -> str:
        return fill + match[0][max(-change, 0) :]

    return _LINE.sub(moved, body, count=1 if is_only_first else 0)


def _needed_of(rest: Sequence[Segment], body: str, entry_point: str) -> str:
    usable: list[Segment] = []
    for part in rest:
        if part.kind == "prose":
            break
        if part.kind in _KEPT_AFTER and not part.is_open and entry_point not in part.names:
            usable.append(part)
    used = frozenset[str]().union(*(part.mentions for part in segments(body)))
    needed = reachable(used, usable)
    return "".join(part.text for part in usable if part.names & needed)


def _joined(prompt: str, body: str) -> str:
    return prompt + body if prompt.endswith("\n") or body.startswith("\n") else f"{prompt}\n{body}"
