"""What scikit-learn does of a probe: logistic regression, and vectors of words. Imports it lazily.

Source of the protocol: Conneau & Kiela 2018 (SentEval), `senteval/tools/validation.py`: an L2
penalty, its strength out of 2^-2 … 2^3 by the accuracy on the development split, of equals the
first, that is the strongest. Beyond SentEval, each dimension of a vector is brought to mean 0 and
variance 1 by the training rows, as encoders' scales differ by orders of magnitude and one range of
penalties meets them all.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy import ndarray

STRENGTHS = tuple(2.0**power for power in range(-2, 4))
"""What scikit-learn calls C: the larger, the weaker the penalty."""
MAX_ITERATIONS = 1000


class Rows(NamedTuple):
    """Rows to learn from."""

    vectors: Any
    """`[row, dimension]`, numpy's or scipy's sparse ones."""
    classes: Sequence[int]
    """Of each row, the position of its class."""

    def above(self, other: Rows) -> Rows:
        """Return both, one above the other."""
        return Rows(_stacked(self.vectors, other.vectors), [*self.classes, *other.classes])


def fit_logistic(
    train: Rows, dev: Rows, n_classes: int, *, learns_from_dev: bool
) -> Callable[[Any], ndarray]:
    """Return what gives the probabilities `[row, class]` for vectors.

    A class that no row to learn from has gets 0.

    Args:
        train: Rows to learn from; of two classes at least.
        dev: Rows to choose the penalty's strength by.
        n_classes: How many classes there are.
        learns_from_dev: Whether the chosen strength is then trained on both.
    """
    from threadpoolctl import threadpool_limits

    # Measured on 2 cores that others used as well: with a thread for each, 6 s in place of 0.03 s.
    with threadpool_limits(limits=1):
        models = {strength: _logistic(train, strength) for strength in STRENGTHS}
        answers = list(dev.classes)
        best = max(models, key=lambda one: float(models[one].score(dev.vectors, answers)))
        fitted = _logistic(train.above(dev), best) if learns_from_dev else models[best]

    def predict(vectors: Any) -> ndarray:  # noqa: ANN401  dense or sparse
        import numpy

        found = numpy.zeros((vectors.shape[0], n_classes))
        found[:, fitted.classes_] = fitted.predict_proba(vectors)
        return found

    return predict


def word_vectors(texts: Sequence[str], least: int = 2) -> Callable[[Sequence[str]], Any]:
    """Return what gives texts' TF-IDF vectors, of length 1, over the words of some texts.

    Words and pairs of words in small letters, as scikit-learn cuts texts by itself, which stand in
    `least` texts at least; frequencies as 1 + log. Where nothing does, once is enough.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    for count in (least, 1):
        made = TfidfVectorizer(ngram_range=(1, 2), min_df=count, sublinear_tf=True)
        try:
            made.fit(texts)
        except ValueError:  # there is no word
            continue
        transform: Callable[[Sequence[str]], Any] = made.transform
        return transform
    return _no_words


def _no_words(texts: Sequence[str]) -> Any:  # noqa: ANN401  scipy's
    from scipy.sparse import csr_matrix

    return csr_matrix((len(texts), 1))


def _logistic(rows: Rows, strength: float) -> Any:  # noqa: ANN401  scikit-learn has no types
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = LogisticRegression(C=strength, max_iter=MAX_ITERATIONS)
    is_sparse = hasattr(rows.vectors, "toarray")
    steps = [model] if is_sparse else [StandardScaler(), model]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return make_pipeline(*steps).fit(rows.vectors, list(rows.classes))


def _stacked(first: Any, second: Any) -> Any:  # noqa: ANN401  dense or sparse
    if hasattr(first, "toarray"):
        from scipy.sparse import vstack

        return vstack([first, second]).tocsr()
    import numpy

    return numpy.concatenate([first, second])
