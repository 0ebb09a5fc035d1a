"""The fixed protocols by which vectors become answers; what a dataset's `ProbeSpec` names.

`folds.py` deals rows into folds, `fitting.py` trains by a protocol, `scikit.py` is what
scikit-learn does of it and the only file that imports it, `neighbours.py` has nearest neighbours
vote, `ranking.py` says which texts are near to another. Nothing here knows about engines, datasets
or files. See docs/probes.md.
"""

from __future__ import annotations

from evalctl.probing.fitting import PROTOCOL, Learned, Lesson, Predict, fit, fit_words
from evalctl.probing.folds import fold_of
from evalctl.probing.ranking import RANKING, cosines, word_cosines

__all__ = [
    "PROTOCOL",
    "RANKING",
    "Learned",
    "Lesson",
    "Predict",
    "cosines",
    "fit",
    "fit_words",
    "fold_of",
    "word_cosines",
]
