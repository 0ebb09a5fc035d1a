"""How near texts are to another one: by their vectors, or by their words. Imports numpy lazily."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import ndarray

RANKING = "cosine:1"
"""The protocol and its version."""


def cosines(vector: Sequence[float], others: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Return the cosine of a vector and each other one; 0 with one that has no length."""
    import numpy

    def unit(rows: Sequence[Sequence[float]]) -> ndarray:
        made = numpy.array(rows, dtype=numpy.float64)
        lengths = numpy.linalg.norm(made, axis=1, keepdims=True)
        made /= numpy.where(lengths == 0.0, 1.0, lengths)
        return made

    return tuple((unit(others) @ unit([vector])[0]).tolist())


def word_cosines(text: str, others: Sequence[str]) -> tuple[float, ...]:
    """Return the cosine of the TF-IDF vectors of a text and each other one.

    How rare a word is, is told by the texts at hand alone; see `scikit.word_vectors` for the rest.
    """
    from evalctl.probing.scikit import word_vectors

    vectors = word_vectors([text, *others], least=1)([text, *others])
    return tuple((vectors[1:] @ vectors[0].T).toarray().ravel().tolist())
