"""The labels of a classifier, as its configuration has them. Pure functions.

Source: transformers, `configuration_utils.py` (`id2label`, `num_labels`, `problem_type`) and
`pipelines/text_classification.py`, which takes a softmax unless a text may have several labels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from evalctl.errors import ModelError

MOST_LABELS = 10_000
_DEFAULT_COUNT = 2
"""Labels of a configuration that names none."""
_DIGITS = 7
"""Significant ones of a probability: as many as a 32-bit number has."""


class Labels(NamedTuple):
    """What a classifier says of a text."""

    names: tuple[str, ...]
    """In the order of the classifier's outputs."""
    is_multi_label: bool
    """Whether a text may have several."""

    def probabilities(self, logits: Sequence[float]) -> dict[str, float] | None:
        """Return what outputs mean, by label: logistic or softmax; None where one is no number."""
        if len(logits) != len(self.names) or not all(map(math.isfinite, logits)):
            return None
        if self.is_multi_label:
            found = [_logistic(logit) for logit in logits]
        else:
            greatest = max(logits)
            parts = [math.exp(logit - greatest) for logit in logits]
            total = math.fsum(parts)
            found = [part / total for part in parts]
        rounded = (float(f"{value:.{_DIGITS}g}") for value in found)
        return dict(zip(self.names, rounded, strict=True))


def _logistic(logit: float) -> float:
    if logit >= 0:
        return 1.0 / (1.0 + math.exp(-logit))
    return math.exp(logit) / (1.0 + math.exp(logit))


def labels_of(
    model: str, config: Mapping[str, object], *, multi_label: bool | None = None
) -> Labels:
    """Return the labels of a classifier.

    A classifier with one output alone gives the probability of its one label.

    Args:
        model: Its name, for messages.
        config: Its config.json, or the same of a loaded one.
        multi_label: Whether each label has a probability of its own; None is as the configuration
            says.

    Raises:
        ModelError: They are not told apart, or it gives numbers and no probabilities.
    """
    if config.get("problem_type") == "regression":
        raise ModelError(
            f"model {model}: its config.json says `regression`: it gives numbers, and no "
            "probabilities of labels"
        )
    names = _names(model, config)
    stated = config.get("problem_type") == "multi_label_classification"
    is_multi = stated if multi_label is None else multi_label
    return Labels(names, is_multi or len(names) == 1)


def _names(model: str, config: Mapping[str, object]) -> tuple[str, ...]:
    given, count = config.get("id2label"), config.get("num_labels")
    if given is None:
        count = count if isinstance(count, int) and 0 < count <= MOST_LABELS else _DEFAULT_COUNT
        return tuple(f"LABEL_{number}" for number in range(count))
    where = f"model {model}: `id2label` of its config.json"
    if not isinstance(given, Mapping) or not 0 < len(given) <= MOST_LABELS:
        raise ModelError(f"{where} must hold a label for each of its outputs")
    numbered = {str(key): str(label) for key, label in given.items()}
    names = [numbered.get(str(number)) for number in range(len(numbered))]
    known = tuple(name for name in names if name is not None)
    if len(known) < len(numbered):
        raise ModelError(f"{where} must number its labels from 0 on, each once")
    twice = next((name for name in known if known.count(name) > 1), None)
    if twice is not None:
        raise ModelError(f"{where} has the label {twice!r:.80} twice; give each its own")
    return known
