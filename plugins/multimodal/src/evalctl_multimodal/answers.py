"""The answer in what a model wrote: what is said to be it, and all of it.

Both are held against the gold answers, and the better one counts: a gold answer may have the very
quotes that a model would put around any.

Pure functions, linear in the text.
"""

from __future__ import annotations

import re

_SAID = re.compile(r"^[ \t*_#>]{0,6}(?:final )?answer[*_]{0,3}\s{0,2}:[*_]{0,3}", re.I | re.M)
_SENTENCE = re.compile(r"^the (?:correct |final )?answer is:?\s", re.I)
_MARKS = ("**", "__", '"', "'", "`", "*", "_")


def readings(text: str) -> tuple[str, ...]:
    """Return what a text may mean: its answer, and all of it; none where nothing is in it."""
    found = (short_answer(text), text.strip())
    return tuple(dict.fromkeys(one for one in found if one))


def short_answer(text: str) -> str:
    """Return the answer without what is said around it; empty where there is none.

    The rest of the last line that begins with `Answer:`; what follows `The answer is` where the
    text is that one sentence; else the whole text. Quotes and marks of emphasis around all of it
    do not count.
    """
    said = list(_SAID.finditer(text))
    if said:
        text = text[said[-1].end() :].strip().partition("\n")[0]
    text = _bare(text)
    if "\n" not in text and (match := _SENTENCE.match(text)):
        text = _bare(text[match.end() :].removesuffix("."))
    return text


def _bare(text: str) -> str:
    """Return a text without spaces and marks around it; one with such a mark inside keeps it."""
    text = text.strip()
    for mark in _MARKS:
        inner = text[len(mark) : -len(mark)]
        if inner and text.startswith(mark) and text.endswith(mark) and mark not in inner:
            text = inner.strip()
    return text
