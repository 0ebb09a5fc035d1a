"""What a judge's verdict says: read from its last line alone.

A judge gives its reasons first, and may quote a verdict that stands in a judged text. So the last
line that is not empty must be the verdict and nothing else, but for a label and marks of emphasis;
whatever stands above it, or beside it, is not read.
"""

from __future__ import annotations

import re

from evalctl import Score, last_line

LOWEST, HIGHEST = 1.0, 10.0
"""The scale of ratings."""

_LABEL = r"(?:(?:my|the|final|overall) ){0,3}(?:rating|score|verdict|grade)(?: is)? ?[:=]? ?"
_NUMBER = r"([0-9]{1,2}(?:\.[0-9]{1,3})?)"
_RATING = re.compile(rf"(?:{_LABEL})?(?:\[\[{_NUMBER}\]\]|\[{_NUMBER}\])\.?", re.IGNORECASE)
_CHOICE = re.compile(rf"(?:{_LABEL})?\[\[((?-i:[ABC]))\]\]\.?", re.IGNORECASE)
_EMPHASIS = str.maketrans("", "", "*_#")
_MAX_KEPT = 1000
_FIRST_PLACE = {"A": 1.0, "C": 0.5, "B": 0.0}


def read_rating(text: str) -> Score:
    """Return a rating from 1 to 10; without a value where the last line holds none."""
    found = _RATING.fullmatch(_plain_last_line(text))
    if found is None:
        return _unread("the judge's last line is no rating")
    rating = float(found[1] or found[2])
    if not LOWEST <= rating <= HIGHEST:
        return _unread(f"a rating of {rating:g} is not on the scale from 1 to 10")
    return Score(value=rating, answer=f"{rating:g}", explanation=text[:_MAX_KEPT])


def read_choice(text: str) -> Score:
    """Return who is better: 1 for the first place (A), 0 for the second (B), 0.5 for a tie (C)."""
    found = _CHOICE.fullmatch(_plain_last_line(text))
    if found is None:
        return _unread("the judge's last line is no choice")
    return Score(value=_FIRST_PLACE[found[1]], answer=found[1], explanation=text[:_MAX_KEPT])


def _plain_last_line(text: str) -> str:
    """Return the last line that is not empty, with single spaces and without emphasis."""
    return " ".join(last_line(text).translate(_EMPHASIS).split())


def _unread(why: str) -> Score:
    return Score(value=None, explanation=why)
