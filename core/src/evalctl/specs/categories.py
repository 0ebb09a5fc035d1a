"""A kind of work: its models, its datasets, and where its code runs."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from evalctl.specs.base import Name, Spec
from evalctl.specs.datasets import DatasetSpec
from evalctl.specs.excerpts import Excerpt
from evalctl.specs.executors import ExecutorSpec
from evalctl.specs.measuring import MeasuringSpec
from evalctl.specs.models import ModelSpec


class CategoryDefaults(Spec):
    """Limits that hold where the user says nothing."""

    samples: int = 100
    """Samples per dataset."""


class CategorySpec(Spec):
    """A kind of work: its models, its datasets, and where its code runs."""

    name: Name
    """Short name."""
    title: str
    """One line for listings."""
    aliases: tuple[Name, ...] = ()
    """Other names it answers to, the long one first."""
    description: str = ""
    """What a good score means, and what it does not."""
    models: tuple[ModelSpec, ...] = ()
    """Models that suit it."""
    datasets: tuple[DatasetSpec, ...]
    """At least one of them primary, unless `also_counts` names others or an excerpt is."""
    also_counts: tuple[Name, ...] = ()
    """Datasets of other categories that are asked here as well, in the part that they have there; a
    run asks each once, and each category's score counts it. One whose plugin is not installed is
    told as missing."""
    excerpts: tuple[Excerpt, ...] = ()
    """Parts of other categories' datasets that are datasets of its own."""
    executors: tuple[ExecutorSpec, ...] = ()
    """What its scorers' programs find and may use."""
    measuring: MeasuringSpec | None = None
    """How the speed of its models is measured, beside what they answer; None where it is not."""
    defaults: CategoryDefaults = CategoryDefaults()
    """Limits."""

    @model_validator(mode="after")
    def _has_a_primary_dataset(self) -> Self:
        roles = [one.role for one in self.datasets] + [one.role for one in self.excerpts]
        has_own = "primary" in roles
        if not has_own and not self.also_counts:
            raise ValueError(f"category {self.name}: no dataset has the role `primary`")
        return self

    @model_validator(mode="after")
    def _also_counts_others(self) -> Self:
        own = {dataset.name for dataset in self.datasets}
        if taken := [name for name in self.also_counts if name in own]:
            raise ValueError(
                f"category {self.name}: {taken[0]!r} in `also_counts` is a dataset of its own, "
                "but that is for datasets of other categories"
            )
        return self
