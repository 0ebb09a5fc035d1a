"""A policy file: what a run must hold for a gate to open. Whether it does is in `gate.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from evalctl.comparing.sides import RunSide
from evalctl.config import YamlFile, read_as
from evalctl.errors import ConfigError, UnknownNameError
from evalctl.records import Record

Share = Annotated[float, Field(ge=0.0, le=1.0, strict=True)]
"""A share, 0.6 for 60 %."""

HoldsFor = Literal["value", "lower_bound"]


class Rules(Record):
    """Base of all that stands in a policy."""

    @model_validator(mode="before")
    @classmethod
    def _have_values(cls, data: object) -> object:
        # A key without a value would leave unchecked what its author means to check.
        if not isinstance(data, dict):
            return data
        empty = [str(key) for key, value in data.items() if value is None]
        if empty:
            raise ValueError(f"{empty[0]} has no value; write one, or leave the key out")
        return data


class Floor(Rules):
    """The least that a figure may be."""

    at_least: Annotated[float, Field(allow_inf_nan=False, strict=True)]
    """The floor, as a share."""
    holds_for: HoldsFor = "value"
    """Whether the score itself must reach it, or the lower bound of its 95 % interval."""


class Regression(Rules):
    """How far a figure may have fallen behind the baseline, and how sure one must be of it.

    It holds where the lower bound of the difference's interval of `1 - 2 level` is not below
    `-beyond`: a test of non-inferiority at that level.
    """

    beyond: Share
    """The margin: a fall of more than this share is too much."""
    level: Annotated[float, Field(gt=0.0, lt=0.5, strict=True)] = 0.05
    """Chance to let a fall of just the margin pass."""


class Limits(Rules):
    """What may go wrong on a dataset; None leaves it unchecked."""

    samples: Annotated[int, Field(ge=1, strict=True)] | None = None
    """At least so many samples must be scored."""
    unparsed: Share | None = None
    """At most this share of the answered samples may have no readable answer."""
    cut_off: Share | None = None
    """At most this share of the answered samples may be cut off."""
    failed: Share | None = None
    """At most this share of the planned samples may have failed on our side."""
    not_scored: Share | None = None
    """At most this share of the planned samples may be without a value."""


class MetricRules(Rules):
    """What a metric must hold."""

    floor: Floor | None = None
    """The least it may be."""
    regression: Regression | None = None
    """How far it may have fallen."""


class DatasetRules(MetricRules, Limits):
    """What a dataset and its headline metric must hold.

    Its limits replace those of `every_dataset`, one by one.
    """

    metrics: Mapping[str, MetricRules] = {}
    """Rules for its other metrics, by name."""


class Policy(Rules):
    """A whole policy file."""

    allow_incomplete: Annotated[bool, Field(strict=True)] = False
    """Whether a run that was interrupted, or failed, may pass."""
    every_dataset: Limits = Limits()
    """Limits of all datasets of the run."""
    categories: Mapping[str, MetricRules] = {}
    """Rules for category scores, by name."""
    datasets: Mapping[str, DatasetRules] = {}
    """Rules for datasets, by name."""

    def figures(self) -> Iterator[tuple[tuple[str, ...], MetricRules]]:
        """Yield the rules of each score, with the keys that lead to them."""
        for name, rules in self.categories.items():
            yield ("categories", name), rules
        for name, own in self.datasets.items():
            yield ("datasets", name), own
            for metric, of_metric in own.metrics.items():
                yield ("datasets", name, "metrics", metric), of_metric

    @property
    def has_regression(self) -> bool:
        """Whether a rule needs a baseline."""
        return any(rules.regression is not None for _, rules in self.figures())

    @property
    def is_empty(self) -> bool:
        """Whether it checks nothing."""
        rules: list[Rules] = [self.every_dataset, *(rules for _, rules in self.figures())]
        values = (rule.model_dump(exclude={"metrics"}).values() for rule in rules)
        return all(value is None for own in values for value in own)


@dataclass(frozen=True)
class PolicyFile:
    """A policy, and where each of its keys stands."""

    policy: Policy
    """What it says."""
    file: YamlFile
    """Knows the lines of its keys."""

    def place(self, *keys: str) -> str:
        """Return `FILE:LINE` of a path of keys."""
        return self.file.location(keys)


def read_policy(path: Path) -> PolicyFile:
    """Return a policy file.

    Raises:
        ConfigError: It cannot be read, does not validate, or checks nothing.
    """
    policy, file = read_as(path, Policy, what="policy")
    if policy.is_empty:
        raise ConfigError(
            f"{path}: this policy checks nothing; write a floor, a regression, or a limit such as "
            "`every_dataset: {unparsed: 0.02}`"
        )
    return PolicyFile(policy, file)


def check_fits(file: PolicyFile, side: RunSide) -> None:
    """See that a policy speaks of what a run has, and of values that it can have.

    Raises:
        ConfigError: It names a category, dataset or metric that the run does not have, or a floor
            is not in the range of what it is for.
    """
    _check_names(file, side)
    for keys, rules in file.policy.figures():
        if rules.floor is None or (found := _range(side, keys)) is None:
            continue
        lower, upper = found
        if not lower <= rules.floor.at_least <= upper:
            where = file.place(*keys, "floor", "at_least")
            raise ConfigError(
                f"{where}: a floor of {rules.floor.at_least:g} for {keys[-1]}, which is from "
                f"{lower:g} to {upper:g}; figures are shares: 0.75 is 75 %"
            )


def _range(side: RunSide, keys: tuple[str, ...]) -> tuple[float, float] | None:
    """Return the range of what a path of keys names; a category has that of its headlines."""
    if keys[0] == "datasets":
        planned = side.planned.dataset(keys[1])
        return (
            planned.range_of(keys[-1] if len(keys) > 2 else planned.headline) if planned else None
        )
    parts = (d for d in side.planned.datasets if keys[1] in d.scored_in)
    ranges = [part.range_of(part.headline) for part in parts]
    known = [found for found in ranges if found is not None]
    if not known or len(known) < len(ranges):
        return None
    return min(lower for lower, _ in known), max(upper for _, upper in known)


def _check_names(file: PolicyFile, side: RunSide) -> None:
    categories = [score.category for score in side.result.categories]
    datasets = [dataset.dataset for dataset in side.result.datasets]
    for name in file.policy.categories:
        _check(file.place("categories", name), "category", name, categories)
    for name, rules in file.policy.datasets.items():
        _check(file.place("datasets", name), "dataset", name, datasets)
        for metric in rules.metrics:
            where = file.place("datasets", name, "metrics", metric)
            _check(where, f"metric of {name}", metric, side.metrics(name))


def check_baseline(file: PolicyFile, path: Path, *, is_given: bool) -> None:
    """See that a baseline is given where the policy needs one, and only there.

    Raises:
        ConfigError: It is not.
    """
    needs = file.policy.has_regression
    if needs and not is_given:
        raise ConfigError(
            f"{path} has a rule `regression`; name the run to compare: --baseline RUN"
        )
    if is_given and not needs:
        raise ConfigError(
            f"--baseline is given, but {path} has no rule `regression`, so nothing would be "
            "compared with it"
        )


def limit_of(policy: Policy, dataset: str, name: str) -> tuple[float | None, tuple[str, ...]]:
    """Return a dataset's limit, and the keys that lead to it; the dataset's own comes first."""
    own = policy.datasets.get(dataset)
    value = getattr(own, name) if own is not None else None
    if value is not None:
        return float(value), ("datasets", dataset, name)
    value = getattr(policy.every_dataset, name)
    return (None if value is None else float(value)), ("every_dataset", name)


def _check(where: str, kind: str, name: str, known: Iterable[str]) -> None:
    names = list(known)
    if name not in names:
        raise ConfigError(f"{where}: {UnknownNameError(kind, name, names)} They are the run's.")
