"""A kind of work: its models, its datasets, and where its code runs."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from evalctl.specs.base import Name, Spec
from evalctl.specs.datasets import DatasetSpec
from evalctl.specs.executors import ExecutorSpec
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
    """At least one of them primary."""
    executors: tuple[ExecutorSpec, ...] = ()
    """What its scorers' programs find and may use."""
    defaults: CategoryDefaults = CategoryDefaults()
    """Limits."""

    @model_validator(mode="after")
    def _has_a_primary_dataset(self) -> Self:
        if not any(dataset.role == "primary" for dataset in self.datasets):
            raise ValueError(f"category {self.name}: no dataset has the role `primary`")
        return self
