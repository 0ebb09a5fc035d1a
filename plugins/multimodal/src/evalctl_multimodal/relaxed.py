"""Relaxed accuracy, the measure of ChartQA: numbers may be 5 % off, all else must be the same.

`relaxed` is the rule that published figures are by: a number with `%` is a hundredth of it, on
either side; what is no number on both sides must be the same text in small letters. There is one
exception to that rule as it is usually coded, where a gold answer of zero is compared as a text:
here a number is right that is zero, in whatever way it is written.

`same_value` reads numbers as people do: currency signs, thousands' commas and a full stop at the
end do not count, and `%` may stand on either side or on none.

Source: Masry et al. 2022, "ChartQA", section 5.1, after Methani et al. 2020, "PlotQA"; the
treatment of `%` is that of Lee et al. 2023, "Pix2Struct", `metrics.py`.
"""

from __future__ import annotations

import math
import re

TOLERANCE = 0.05
"""How far a number may be from the gold one, as a share of that."""

_LONGEST = 60
"""A longer text is no number."""
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_UNITS = re.compile(r"^[\s$€£¥]{1,3}|[\s$€£¥]{1,3}$")
_MINUS = re.compile(r"^-\s?[$€£¥]\s?")


def relaxed(answer: str, gold: str) -> bool:
    """Return whether an answer is right by the rule of published figures."""
    given, wanted = _number(answer.strip()), _number(gold.strip())
    if given is None or wanted is None:
        return answer.strip().lower() == gold.strip().lower()
    return _is_near(given, wanted)


def same_value(answer: str, gold: str) -> bool:
    """Return whether an answer says what the gold one does, whatever the notation."""
    if relaxed(answer, gold):
        return True
    given, wanted = _plain(answer), _plain(gold)
    numbers = _number(given.rstrip("% ")), _number(wanted.rstrip("% "))
    if numbers[0] is None or numbers[1] is None:
        return given.lower() == wanted.lower()
    return _is_near(numbers[0], numbers[1])


def _is_near(given: float, wanted: float) -> bool:
    if wanted == 0.0:
        return given == 0.0
    return abs(given - wanted) / abs(wanted) <= TOLERANCE


def _number(text: str) -> float | None:
    """Return a text as a number; None where it is none. `%` makes it a hundredth."""
    if len(text) > _LONGEST or "_" in text:
        return None
    bare = text.rstrip("%")
    try:
        value = float(bare)
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    return value / 100 if bare != text else value


def _plain(text: str) -> str:
    """Return a text without what only dresses up a number."""
    stripped = text.strip()
    stripped = stripped[:-1] if stripped.endswith(".") else stripped
    return _THOUSANDS.sub("", _UNITS.sub("", _MINUS.sub("-", stripped)))
