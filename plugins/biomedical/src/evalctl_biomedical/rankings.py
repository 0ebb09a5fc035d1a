"""MEDIQA's question answering: which answers a model holds right, in which order, how well.

Source: Ben Abacha et al. 2019, "Overview of the MEDIQA 2019 Shared Task", section 4, and the
organisers' `mediqa2019_evaluator_allTasks_final.py`. An answer is right if its reference score is 3
(correct but incomplete) or 4 (excellent). Pure functions, linear in the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

LEAST_RIGHT = 3
"""The least reference score of a right answer."""

_HEADER = re.compile(
    r"(?:ranking|ranked answers|order|answers?)[*_`]{0,3}(?:\s?\([^()\n]{0,60}\))?[*_`]{0,3}"
    r"\s{0,2}[:=\uff1a][*_`]{0,3}([^\n]{0,400})",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")
_RANKED = re.compile(
    r"[\s*_`\[(#]{0,6}(?:answers?\s{0,2})?\[?\d{1,3}\]?"
    r"(?:[\s,;>=\u2265\u2192&\[\])*_`.-]|and\b|answers?\b|\(\d{1,3}\)|\d)*",
    re.IGNORECASE,
)
_NONE = re.compile(r"[\s*_`(\[]{0,6}(?:none|no answer|nothing|\[\]|-)(?!\w)", re.IGNORECASE)


def read_ranking(text: str, count: int) -> tuple[int, ...] | None:
    """Return the numbers of the answers that are held right, the best first.

    Args:
        text: What a model wrote: a line `Ranking: 3 > 1`, or nothing but such numbers.
        count: How many answers there are; other numbers are passed over.

    Returns:
        Nothing in it where none is held right; None where no ranking can be read.
    """
    headers = list(_HEADER.finditer(text))
    last = text.rstrip().rpartition("\n")[2].strip()
    for line in [match[1] for match in reversed(headers)] or [last]:
        if _NONE.match(line):
            return ()
        if not headers and not _RANKED.fullmatch(line):
            return None
        ranked = _RANKED.match(line)
        if ranked is not None:
            numbers = [int(n) for n in _NUMBER.findall(ranked[0]) if len(n) <= 3]
            return tuple(dict.fromkeys(n for n in numbers if 1 <= n <= count))
    return None


def reciprocal_rank(ranking: Sequence[str], right: Sequence[str]) -> float:
    """Return 1 over the place of the first answer that is right; 0 without one.

    The organisers' program takes the first that is held right, whether it is or not, which gives
    all systems 1; their paper and its table mean this.
    """
    places = (1 / place for place, name in enumerate(ranking, 1) if name in right)
    return next(places, 0.0)


def rank_agreement(
    ranking: Sequence[str], reference: Sequence[str], *, by_name: bool = False
) -> float | None:
    """Return Spearman's rho over the answers that are right and held right.

    Args:
        ranking: Names of the answers that are held right, the best first.
        reference: Names of the right answers, the best first.
        by_name: Whether it is what the organisers' program computes: the correlation of the
            answers' names, as texts, at each place, and not of the places of each answer.

    Returns:
        0 where none is shared, as there; None where one is, of which there is no order.
    """
    shared = [name for name in ranking if name in reference]
    wanted = [name for name in reference if name in shared]
    if not shared:
        return 0.0
    order = sorted(shared)
    if by_name:
        return _correlation([order.index(n) for n in shared], [order.index(n) for n in wanted])
    return _correlation([shared.index(n) for n in order], [wanted.index(n) for n in order])


def _correlation(one: Sequence[int], other: Sequence[int]) -> float | None:
    """Return the correlation of two orders of the same ranks, which is Spearman's rho."""
    n = len(one)
    if n < 2:
        return None
    distance = math.fsum((a - b) ** 2 for a, b in zip(one, other, strict=True))
    return 1 - 6 * distance / (n * (n * n - 1))
