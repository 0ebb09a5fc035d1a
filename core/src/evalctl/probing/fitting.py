"""Training a probe by its protocol: on vectors of a model, and on words for comparison.

scikit-learn and numpy are imported when something is trained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalctl.specs.probes import ProbeMethod

if TYPE_CHECKING:
    from numpy import ndarray

PROTOCOL = 1
"""Version of the protocols; raised when what they give may change."""

Predict = Callable[[Any], "ndarray"]
"""Vectors `[row, dimension]` to probabilities `[row, class]`."""
Learned = Callable[[Sequence[str]], "ndarray"]
"""Texts to probabilities `[row, class]`."""


@dataclass(frozen=True)
class Lesson:
    """Which rows a probe learns from, by their positions, and how."""

    method: ProbeMethod
    """What is trained."""
    n_classes: int
    """How many classes there are."""
    train: Sequence[int]
    """Rows to learn from."""
    dev: Sequence[int]
    """Rows to choose a setting by; for nearest neighbours more rows to learn from."""
    learns_from_dev: bool
    """Whether `dev` is learnt from as well, once the setting is chosen."""


def fit(lesson: Lesson, vectors: Any, classes: Sequence[int]) -> Predict:  # noqa: ANN401  dense or sparse
    """Return a trained probe.

    Args:
        lesson: Its protocol.
        vectors: Of all rows, `[row, dimension]`.
        classes: Of all rows, the position of each one's class.
    """
    from evalctl.probing.neighbours import fit_neighbours
    from evalctl.probing.scikit import Rows, fit_logistic

    def rows(positions: Sequence[int]) -> Rows:
        return Rows(vectors[list(positions)], [classes[at] for at in positions])

    if lesson.method == "neighbours":
        known = rows([*lesson.train, *lesson.dev])
        return fit_neighbours(known.vectors, known.classes, lesson.n_classes)
    train, dev = rows(lesson.train), rows(lesson.dev)
    return fit_logistic(train, dev, lesson.n_classes, learns_from_dev=lesson.learns_from_dev)


def fit_words(lesson: Lesson, texts: Sequence[str], classes: Sequence[int]) -> Learned:
    """Return a probe that is trained by the same protocol on the texts' words.

    Which words there are, and how often, is learnt from the rows that the probe learns from.
    """
    from evalctl.probing.scikit import word_vectors

    learnt = [*lesson.train, *(lesson.dev if lesson.learns_from_dev else ())]
    vectors_of = word_vectors([texts[at] for at in learnt])
    predict = fit(lesson, vectors_of(texts), classes)
    return lambda asked: predict(vectors_of(asked))
