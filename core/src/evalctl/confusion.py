"""F1 over classes, from counts of right and wrong answers that are summed over samples.

Of each sample the class it is and the class it was given are counted: `tp` where they are the same,
else `fn` for the one and `fp` for the other. An answer to which no class could be read has only the
`fn`. A class counts where it stands among the gold ones or the given ones; where nothing was given
to it, or nothing is of it, its precision or recall is 0.

Source: scikit-learn, `f1_score(average=…, zero_division=0)`, whose `labels` are by default those
that are present.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

Counts = Mapping[str, float]
"""Summed counts, by `tp:`, `fp:` or `fn:` and the class."""


def class_counts(
    gold: str, given: str | None, classes: Collection[str] | None = None
) -> dict[str, float]:
    """Return what one answer adds to the counts.

    Args:
        gold: The class it is.
        given: The class it was given; None is none.
        classes: The only ones to which something can be given; None takes any.
    """
    if given == gold:
        return {f"tp:{gold}": 1.0}
    is_counted = given is not None and (classes is None or given in classes)
    return {f"fn:{gold}": 1.0, **({f"fp:{given}": 1.0} if is_counted else {})}


def class_f1(counts: Counts, *, name: str) -> float | None:
    """Return a class's F1; None where it is neither among the gold ones nor the given ones."""
    return micro_f1(counts, classes=(name,))


def class_precision(counts: Counts, *, name: str) -> float | None:
    """Return the share of what was given to a class that is of it; None as in `class_f1`."""
    right, gold, given = _figures(counts, name)
    return (right / given if given else 0.0) if gold + given else None


def class_recall(counts: Counts, *, name: str) -> float | None:
    """Return the share of what is of a class that was given to it; None as in `class_f1`."""
    right, gold, given = _figures(counts, name)
    return (right / gold if gold else 0.0) if gold + given else None


def class_support(counts: Counts, *, name: str) -> float:
    """Return how many rows are of a class: what its F1, precision and recall rest on."""
    return _figures(counts, name)[1]


def macro_f1(counts: Counts, *, classes: Sequence[str]) -> float | None:
    """Return the mean of the classes' F1, each with the same weight; None without any class."""
    found = [value for name in classes if (value := class_f1(counts, name=name)) is not None]
    return math.fsum(found) / len(found) if found else None


def micro_f1(counts: Counts, *, classes: Sequence[str]) -> float | None:
    """Return the F1 of all classes' counts together; None without any."""
    figures = [_figures(counts, name) for name in classes]
    right, gold, given = (math.fsum(one[at] for one in figures) for at in range(3))
    return 2 * right / (gold + given) if gold + given else None


def _figures(counts: Counts, name: str) -> tuple[float, float, float]:
    """Return how many of a class are right, are of it, and were given to it."""
    right = counts.get(f"tp:{name}", 0.0)
    return right, right + counts.get(f"fn:{name}", 0.0), right + counts.get(f"fp:{name}", 0.0)
