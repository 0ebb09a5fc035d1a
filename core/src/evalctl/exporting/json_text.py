"""JSON that every reader takes apart into the same lines.

Python's `str.splitlines`, and terminals, take more characters for the end of a line or for a
command than JSON escapes: NEL, the other C1 controls, and the two separators of Unicode. Model
output holds them, so they are escaped here.
"""

from __future__ import annotations

import json
import re

_RISKY = re.compile("[\x7f-\x9f\u2028\u2029]")


def json_text(value: object, *, indent: int | None = None, allow_nan: bool = False) -> str:
    """Return a value as JSON, in ASCII and printable Unicode.

    Args:
        value: Made of what JSON has.
        indent: Blanks per level; None writes one line.
        allow_nan: Whether NaN may stand in it, which is no JSON but what some readers expect.

    Raises:
        ValueError: A number is not finite, and `allow_nan` is not set.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=allow_nan)
    return _RISKY.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
