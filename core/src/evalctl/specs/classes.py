"""The classes of a dataset whose texts are classified, and how models' labels are told by name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from evalctl.specs.base import Spec

THRESHOLD = 0.5
"""The probability from which on a class is found."""


class ClassSpec(Spec):
    """Something that a text of a dataset can be."""

    name: str
    """As a sample's `target` has it."""
    words: tuple[str, ...] = ()
    """What models' labels for it are called besides."""
    is_rest: bool = False
    """Whether it is what a text is to which no other class applies: a model whose labels each have
    a probability of their own need not have a label for it."""


def plain_label(label: str) -> str:
    """Return a label as it is compared: letters and figures, in small letters, with `_` between."""
    words = "".join(sign if sign.isalnum() else " " for sign in label.casefold()).split()
    return "_".join(words) or label


def words_of(one: ClassSpec) -> frozenset[str]:
    """Return all that a class is called, as it is compared."""
    return frozenset(map(plain_label, (one.name, *one.words)))


def clashing(classes: Iterable[ClassSpec]) -> str | None:
    """Return a word that two classes are called by; None where there is none."""
    seen: set[str] = set()
    for one in classes:
        if both := seen & words_of(one):
            return min(both)
        seen |= words_of(one)
    return None


def found_class(probabilities: Mapping[str, float], threshold: float = THRESHOLD) -> str:
    """Return the class that probabilities mean: the first one that has at least the threshold.

    Where none has, the likeliest one, and of equals the first. Where all add up to 1, and the
    threshold is a half, that is always the likeliest one.

    Args:
        probabilities: By class, in the dataset's order; at least one.
        threshold: From which on a class is found.
    """
    found = (name for name, probability in probabilities.items() if probability >= threshold)
    likeliest = max(probabilities, key=lambda name: probabilities[name])
    return next(found, likeliest)


def read_labels(given: object) -> object:
    """Return what labels mean as a mapping, from a text that a user typed; all else as it is.

    Raises:
        ValueError: The text is of another form.
    """
    if not isinstance(given, str):
        return given
    text = given.strip()
    if text.startswith("{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"it begins like JSON and is none: {error}") from None
    pairs = [pair.rpartition("=") for pair in text.split(",") if pair.strip()]
    for label, _, name in pairs:
        if not (label.strip() and name.strip()):
            raise ValueError("write LABEL=CLASS,LABEL=CLASS, or JSON for labels with commas")
    labels = {label.strip(): name.strip() for label, _, name in pairs}
    if len(labels) < len(pairs):
        raise ValueError("a label stands there twice")
    return labels
