"""What comes out of `evalctl specialization`: its JSON form.

Here are data only. How they are made is in `comparing/specialization.py`.
"""

from __future__ import annotations

from typing import Literal

from evalctl.records import Record


class OverOwn(Record):
    """A model's score in a category less its mean in the others."""

    value: float
    """The difference; how hard the categories are is in it."""
    stderr: float | None
    """Standard error."""
    interval: tuple[float, float] | None
    """95 % confidence interval."""
    categories: tuple[str, ...]
    """The other categories, all with the same weight."""


class OverGeneral(Record):
    """A model's score in a category less the mean of general models on the same samples."""

    value: float
    """The difference."""
    stderr: float | None
    """Standard error."""
    interval: tuple[float, float] | None
    """95 % confidence interval."""
    models: tuple[str, ...]
    """The general models, all with the same weight."""
    datasets: tuple[str, ...]
    """The datasets that it rests on, all with the same weight."""
    n_shared: int
    """Samples that all of them have."""
    p_value: float
    """Of there being no difference."""
    p_holm: float
    """Corrected for all tests of the table."""
    detectable: float | None
    """Minimum detectable effect; None where no difference whatever could show."""


class Specialization(Record):
    """One model in one category."""

    model: str
    """Name of the model."""
    category: str
    """Name of the category."""
    declared_weight: float | None
    """How far the category is the model's speciality, as declared; None where it is not."""
    score: float | None
    """The category score."""
    interval: tuple[float, float] | None
    """Its 95 % confidence interval."""
    over_own: OverOwn | None
    """Against its own mean elsewhere; None where there is no other category."""
    over_general: OverGeneral | None
    """Against general models; None where there are none with the same samples."""
    remark: str
    """Where measured and declared disagree; empty where they do not."""


class SpecializationTable(Record):
    """All models of some runs in all categories that they have a score in."""

    schema_version: Literal[1] = 1
    """Version of this form."""
    rows: tuple[Specialization, ...]
    """By category, the most declared first."""
    n_tests: int
    """Tests that the correction counts."""
    notices: tuple[str, ...]
    """What a reader must know."""
