"""How good an order of candidates is. Pure functions.

Equal similarities count against a relevant candidate: it stands behind all others that are as near,
so that a model to which all texts are alike gains nothing by the order of a file.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

CUT = 10
"""Candidates that nDCG looks at."""


def ranks_of(similarities: Sequence[float], relevant: Collection[int]) -> list[int]:
    """Return the ranks, from 1, of the relevant candidates, in rising order.

    Args:
        similarities: Of all candidates; the greater, the nearer.
        relevant: Positions of the relevant ones.
    """
    order = sorted(range(len(similarities)), key=lambda at: (-similarities[at], at in relevant, at))
    return [rank for rank, at in enumerate(order, 1) if at in relevant]


def average_precision(ranks: Sequence[int]) -> float:
    """Return the mean, over the relevant candidates, of the precision at the rank of each.

    Args:
        ranks: Theirs, rising; at least one.
    """
    return math.fsum(found / rank for found, rank in enumerate(ranks, 1)) / len(ranks)


def ndcg(ranks: Sequence[int], cut: int = CUT) -> float:
    """Return the discounted cumulative gain of the first candidates, as a share of the best one.

    A relevant candidate at a rank gains 1 / log2(rank + 1).
    Source: Jarvelin & Kekalainen 2002.
    """
    gained = math.fsum(1.0 / math.log2(rank + 1) for rank in ranks if rank <= cut)
    best = math.fsum(1.0 / math.log2(rank + 1) for rank in range(1, min(len(ranks), cut) + 1))
    return gained / best
