"""How vectors become answers: a probe, which is trained on rows whose answers it is given.

The model stays as it is. The protocols are fixed and part of the core (`probing`), so that a
dataset's name says all that decides its figures.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from evalctl.sources import Source
from evalctl.specs.base import Spec

LEAST_FOLDS = 3
"""One to answer, one to choose a setting by, and one to learn from."""

ProbeMethod = Literal["logistic", "neighbours"]
"""`logistic` regression, or the votes of the nearest `neighbours`."""


class ProbeSpec(Spec):
    """How a dataset's classes are told from vectors of its texts.

    Either the dataset has a training split, or its own rows are dealt into folds, each of which is
    answered by what the others taught.
    """

    method: ProbeMethod = "logistic"
    """What is trained."""
    train: tuple[Source, ...] = ()
    """The training split, tried in order; empty for folds."""
    dev: tuple[Source, ...] = ()
    """The split by which `logistic` chooses its one setting."""
    folds: int = 0
    """How many folds; 0 for a training split. Rows of one cluster, or with the same text, are in
    the same fold, which a hash decides."""

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        if bool(self.train) == bool(self.folds):
            raise ValueError("a probe has either a training split, `train`, or `folds`")
        if self.folds and not LEAST_FOLDS <= self.folds <= 100:
            raise ValueError(f"a probe has {LEAST_FOLDS} to 100 folds, not {self.folds}")
        wants_dev = bool(self.train) and self.method == "logistic"
        if wants_dev != bool(self.dev):
            raise ValueError(
                "`dev` goes with `train` where the method is `logistic`, and only there"
            )
        return self
