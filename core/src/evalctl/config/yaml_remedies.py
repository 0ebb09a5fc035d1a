"""What is wrong with a text that is not YAML, where, and what helps, in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yaml import MarkedYAMLError

_REMEDIES = (
    (r"character '\t'", "indent with spaces, not with tabs"),
    ("that cannot start any token", "put the value in quotes"),
    ("mapping values are not allowed", "put a text with a colon in quotes, and one key on a line"),
    ("expected <block end>", "begin it in the same column as the keys beside it"),
    ("expected '<document start>'", "begin it in the same column as the first key"),
    ("expected ','", "close the bracket"),
    ("unexpected end of stream", "close the quotes"),
    ("could not find expected ':'", "write KEY: VALUE, with a space behind the colon"),
    ("undefined alias", "put a value that begins with * in quotes"),
    ("determine a constructor", "leave the tag (!…) out"),
    ("escape character", r"write \\ for \ within double quotes, or take single ones"),
    ("another document", "leave out what stands from the second --- on"),
)
"""Parts of PyYAML's messages, and what helps."""
_SHOWN = 60
"""Characters of a line that are shown."""


def not_yaml(path: Path, text: str, error: MarkedYAMLError) -> str:
    """Return a message with file, line, column, what stands there and what helps.

    Args:
        path: The file.
        text: What it holds.
        error: What PyYAML says.
    """
    problem = error.problem or error.context or "it cannot be read"
    remedy = next((helps for part, helps in _REMEDIES if part in problem), "")
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return f"{path}: not valid YAML: {problem}"
    lines = text.splitlines()
    shown = lines[mark.line].rstrip()[:_SHOWN] if mark.line < len(lines) else ""
    place = f", at column {mark.column + 1}" + (f" of '{shown}'" if shown else "")
    begun = error.context_mark
    is_open = begun is not None and begun.line < mark.line and "close" in remedy
    opened = f" (opened on line {begun.line + 1})" if begun is not None and is_open else ""
    return (
        f"{path}:{mark.line + 1}: not valid YAML: {problem}{place}"
        f"{f'; {remedy}{opened}' if remedy else ''}"
    )
