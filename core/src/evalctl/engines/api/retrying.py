"""When a request that came to nothing is sent again.

Waits double from attempt to attempt and are drawn evenly from zero up to that ("full jitter"), so
that requests which failed together do not come back together.
"""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 60.0
MOST_PATIENCE_SECONDS = 900.0
"""A server that wants to be left alone for longer ends the run, which can be resumed then."""


def back_off(attempt: int, chance: random.Random) -> float:
    """Return how many seconds to wait after so many attempts (from 1)."""
    ceiling: float = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt - 1, 30))
    return chance.uniform(0.0, ceiling)


def retry_after(value: str | None, milliseconds: str | None = None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for; None where it asks for nothing.

    Args:
        value: `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
        milliseconds: `Retry-After-Ms`, which some servers send besides, and which wins.
    """
    for text, unit in ((milliseconds, 1000.0), (value, 1.0)):
        if text and _NUMBER.fullmatch(text.strip()):
            return float(text) / unit
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?")
