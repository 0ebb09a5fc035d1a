"""The votes of the nearest neighbours. Imports numpy lazily.

Source: Wu et al. 2018, "Unsupervised Feature Learning via Non-Parametric Instance Discrimination",
section 3.4: cosine similarity, a vote of exp(similarity / 0.07). Caron et al. 2021 (DINO) found 20
neighbours to do well throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import ndarray

NEIGHBOURS = 20
TEMPERATURE = 0.07


def fit_neighbours(
    vectors: Any,  # noqa: ANN401  dense or sparse
    classes: Sequence[int],
    n_classes: int,
) -> Callable[[Any], ndarray]:
    """Return what gives the shares of the votes `[row, class]` for vectors.

    Of equally near neighbours, the first ones in the rows' order vote.

    Args:
        vectors: `[row, dimension]`, numpy's or scipy's sparse ones.
        classes: Of each row, the position of its class.
        n_classes: How many classes there are.
    """
    import numpy

    known, votes = _unit(vectors), numpy.eye(n_classes)[list(classes)]
    count = min(NEIGHBOURS, len(classes))

    def vote(asked: Any) -> ndarray:  # noqa: ANN401  likewise
        near = _unit(asked) @ known.T
        near = near.toarray() if hasattr(near, "toarray") else near
        order = numpy.argsort(-near, axis=1, kind="stable")[:, :count]
        weights = numpy.exp(numpy.take_along_axis(near, order, axis=1) / TEMPERATURE)
        shares: ndarray = numpy.einsum("rk,rkc->rc", weights, votes[order])
        shares /= shares.sum(axis=1, keepdims=True)
        return shares

    return vote


def _unit(vectors: Any) -> Any:  # noqa: ANN401  likewise
    """Return vectors of length 1; one without any length stays as it is."""
    import numpy

    if hasattr(vectors, "toarray"):  # sparse ones are made with that length
        return vectors
    lengths = numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / numpy.where(lengths == 0.0, 1.0, lengths)
