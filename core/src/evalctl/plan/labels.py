"""What a classifier's labels mean for a dataset: settled before the model is loaded.

A label means the class that the user or the model's declaration says, else the one that is called
like it. What comes back from the model is kept in its own words and read by this when it is scored.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

from evalctl.errors import ModelError, ScoringError, near_names
from evalctl.protocols import ModelFacts
from evalctl.records import Record
from evalctl.specs import DatasetSpec, EngineOptions, ModelSpec
from evalctl.specs.classes import plain_label, words_of

_ROUNDING = 1e-3
"""How far probabilities of one distribution may be from adding up to 1."""
_SHOWN = 12
"""Labels that a message names."""


class LabelReading(Record):
    """How probabilities of a model's labels become those of a dataset's classes."""

    classes: tuple[str, ...]
    """In the dataset's order."""
    rest: str | None = None
    """The class of texts to which no other one applies."""
    by_label: Mapping[str, str]
    """The class of each label that means one."""
    is_multi_label: bool | None
    """Whether each label has a probability of its own; None tells it by whether they add up to 1.
    """

    def read(self, labels: Mapping[str, float]) -> dict[str, float]:
        """Return the probability of each class, in order.

        Of one distribution, those of all labels for a class are added up. Where each label has a
        probability of its own, the greatest counts, and the rest is what the others leave.

        Raises:
            ScoringError: One is no probability, or of a label that means no class.
        """
        for label, probability in labels.items():
            if not (math.isfinite(probability) and -_ROUNDING <= probability <= 1 + _ROUNDING):
                raise ScoringError(f"{probability} is no probability of the label {label!r:.80}")
        is_multi = self.is_multi_label
        if is_multi is None:
            is_multi = abs(math.fsum(labels.values()) - 1.0) > _ROUNDING
        found = dict.fromkeys(self.classes, 0.0)
        for label, probability in labels.items():
            name = self.by_label.get(label)
            if name is not None:
                added = max(found[name], probability) if is_multi else found[name] + probability
                found[name] = min(max(added, 0.0), 1.0)
            elif not is_multi:
                raise ScoringError(f"the label {label!r:.80} means none of the dataset's classes")
        if is_multi and self.rest is not None:
            others = [value for name, value in found.items() if name != self.rest]
            found[self.rest] = 1.0 - max(others, default=0.0)
        return found


def own_reading(spec: DatasetSpec) -> LabelReading | None:
    """Return the reading of labels that are the dataset's classes; None where it has none."""
    if spec.judged != "classify":
        return None
    names = tuple(one.name for one in spec.classes)
    return LabelReading(
        classes=names,
        rest=_rest(spec),
        by_label={name: name for name in names},
        is_multi_label=None,
    )


def fit_labels(
    dataset: DatasetSpec, facts: ModelFacts, declared: tuple[ModelSpec | None, EngineOptions]
) -> LabelReading | None:
    """Return how a model's labels, or a probe's, are read for a dataset; None where it needs none.

    Args:
        dataset: The dataset.
        facts: What is known of the model.
        declared: Its declaration, with what the user's file says; the engine's options, which win.

    Raises:
        ModelError: Its labels do not fit the dataset's classes, or are not known.
    """
    if dataset.needs != "classify":
        return own_reading(dataset)  # a probe gives the dataset's own classes
    spec, options = declared
    recorded = (facts.datasets or {}).get(dataset.name)
    labels = tuple(recorded.labels) if recorded is not None else facts.labels
    means = {**(spec.labels if spec else {}), **options.labels}
    labels = labels or tuple(means)
    where = f"dataset {dataset.name}"
    if not labels:
        raise ModelError(
            f"{where}: its labels are not known before its config.json is on this machine; "
            f"download it first, or say what they mean: {_how(('LABEL_0', 'LABEL_1'), dataset)}"
        )
    by_label = _by_label(where, labels, means, dataset)
    if recorded is not None:
        is_multi = None if len(by_label) == len(labels) else True
    else:
        is_multi = facts.is_multi_label
        if not facts.labels:  # they are not here to tell
            is_multi = getattr(options, "multi_label", None) is True
    if problem := _misfit(labels, by_label, dataset, is_multi=is_multi is True):
        raise ModelError(f"{where}: {problem}. Say what they mean: {_how(labels, dataset)}")
    rest = _rest(dataset)
    if is_multi:  # the rest is what the others leave
        by_label = {label: name for label, name in by_label.items() if name != rest}
    return LabelReading(
        classes=tuple(one.name for one in dataset.classes),
        rest=rest,
        by_label=by_label,
        is_multi_label=is_multi,
    )


def _by_label(
    where: str, labels: Sequence[str], means: Mapping[str, str], dataset: DatasetSpec
) -> dict[str, str]:
    """Return the class of each label that means one of the dataset's."""
    meaning = {plain_label(label): word for label, word in means.items()}
    known = {plain_label(label) for label in labels}
    for label in means:
        if plain_label(label) not in known:
            near = near_names(label, labels, most=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; it has {_listed(labels)}"
            raise ModelError(f"{where}: the model has no label {label!r}{hint}")
    names = {word: one.name for one in dataset.classes for word in words_of(one)}
    found = {
        label: names.get(plain_label(meaning.get(plain_label(label), label))) for label in labels
    }
    return {label: name for label, name in found.items() if name is not None}


def _misfit(
    labels: Sequence[str], by_label: Mapping[str, str], dataset: DatasetSpec, *, is_multi: bool
) -> str:
    """Return why a model's labels do not fit; nothing where they do."""
    needed = [one.name for one in dataset.classes if not (is_multi and one.is_rest)]
    lacking = [name for name in needed if name not in by_label.values()]
    strange = [label for label in labels if label not in by_label] if not is_multi else []
    if lacking:
        return f"none of the model's labels ({_listed(labels)}) means {_listed(lacking)}"
    if strange:
        names = _listed([one.name for one in dataset.classes])
        return f"the model's label {_listed(strange)} means none of the classes {names}"
    return ""


def _rest(dataset: DatasetSpec) -> str | None:
    return next((one.name for one in dataset.classes if one.is_rest), None)


def _listed(names: Collection[str]) -> str:
    shown = ", ".join(repr(name)[:80] for name in list(names)[:_SHOWN])
    return f"{shown}, …" if len(names) > _SHOWN else shown


def _how(labels: Iterable[str], dataset: DatasetSpec) -> str:
    """Return how a user says it, with the model's labels and the dataset's classes filled in."""
    classes = [one.name for one in dataset.classes]
    pairs = ",".join(f"{label}={name}" for label, name in zip(labels, classes, strict=False))
    return (
        f'--engine-option "labels={pairs}" (each label with its class), or for a registered model '
        "`labels` in the configuration file"
    )
