"""The GSM8K rules of another system, so that its published numbers can be compared.

What lives here: lm-evaluation-harness's strict and flexible extraction and its normalisation
before an exact match, reproduced with their known faults. What does not: our own judgement.

Known faults, kept on purpose: the flexible rule takes dots for numbers ("7 dollars..." gives
`...`), and the strict rule takes the first `####`.

Source: EleutherAI/lm-evaluation-harness 0.4.13, task gsm8k version 3 (regular expressions and the
list of ignored patterns of its exact match).
"""

from __future__ import annotations

import re
from typing import Final

_STRICT: Final = re.compile(r"#### (\-?[0-9\.\,]+)")
_FLEXIBLE: Final = re.compile(r"(-?[$0-9.,]{2,})|(-?[0-9]+)")
_LAST_DOT: Final = re.compile(r"\.$")


def gsm8k_strict(text: str) -> str | None:
    """Return the first `#### number`, or None."""
    match = _STRICT.search(text)
    return match.group(1).strip() if match is not None else None


def gsm8k_flexible(text: str) -> str | None:
    """Return the last piece that looks like a number to the flexible rule, or None."""
    last: str | None = None
    for match in _FLEXIBLE.finditer(text):
        last = match.group()
    return last.strip() if last is not None else None


def peer_equal(a: str, b: str) -> bool:
    """Return whether two texts are the same to the exact match of the task, case ignored."""
    return _without_ignored(a) == _without_ignored(b)


def _without_ignored(text: str) -> str:
    # Upstream's patterns are `,`, `\$`, `(?s).*#### ` and `\.$`, in this order. The third one looks
    # for its mark again from every place of the text; what it removes ends with the last mark.
    text = text.replace(",", "").replace("$", "").rpartition("#### ")[2]
    return _LAST_DOT.sub("", text).lower()
