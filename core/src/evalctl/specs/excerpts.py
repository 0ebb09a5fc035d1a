"""Parts of other categories' datasets that are datasets of their own: a benchmark's subjects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Self

from pydantic import Field, model_validator

from evalctl.records import Sample
from evalctl.specs.base import Name, Spec
from evalctl.specs.datasets import DatasetRole, DatasetSpec
from evalctl.specs.scoring import ScorerSpec

Select = Callable[[Iterable[Sample]], Iterator[Sample]]


class Excerpt(Spec):
    """Samples of a dataset that another plugin may bring, as a dataset of this category.

    It asks and judges as the whole does. Where no installed plugin brings the whole, there is no
    excerpt either, and a run says so.
    """

    name: Name
    """Unique in the registry."""
    title: str
    """One line for listings."""
    version: str
    """Changes whenever it takes other samples."""
    dataset: Name
    """The whole."""
    keep: Mapping[str, tuple[str, ...]] = {}
    """Values by key of metadata (`subject`): a sample is taken that has one of them for each key;
    empty takes all."""
    every: int = Field(default=1, ge=1)
    """Of those, one of so many is taken, from the first on: a lighter form of the whole."""
    headline: Name
    """What the whole's headline metric is called here."""
    role: DatasetRole = "secondary"
    """Its part in the category."""

    @model_validator(mode="after")
    def _takes_a_part(self) -> Self:
        takes_all = not self.keep and self.every == 1
        if takes_all or not all(self.keep.values()):
            raise ValueError(
                f"excerpt {self.name}: `keep` must name values of metadata, or `every`"
            )
        if self.name == self.dataset:
            raise ValueError(f"excerpt {self.name}: it needs a name of its own")
        return self

    def taken_from(self, whole: DatasetSpec, *, otherwise: str = "") -> DatasetSpec:
        """Return the excerpt as a dataset.

        Args:
            whole: The dataset that it is a part of.
            otherwise: The excerpt of what is asked in the whole's place where a model cannot answer
                it.
        """
        changes = {
            "name": self.name,
            "title": self.title,
            "version": f"{whole.version}.{self.version}",
            "category": "",
            "select": partial(kept, keep=self.keep, every=self.every, select=whole.select),
            "scorers": tuple(self._renamed(scorer, whole.headline) for scorer in whole.own_scorers),
            "headline": self.headline,
            "otherwise": otherwise,
            "role": self.role,
        }
        return whole.model_copy(update=changes)

    def stand_in(self, whole: DatasetSpec) -> Excerpt:
        """Return the excerpt of what is asked in the whole's place.

        Args:
            whole: That dataset; what its name has beyond the first one's is put behind this one's.
        """
        behind = whole.name.removeprefix(self.dataset)
        changes = {
            "name": self.name + (behind if behind != whole.name else f"_{behind}"),
            "title": f"{self.title}; asked as {whole.name}",
            "dataset": whole.name,
            "role": whole.role,
        }
        return self.model_copy(update=changes)

    def _renamed(self, scorer: ScorerSpec, headline: str) -> ScorerSpec:
        """Return a scorer with the headline's new name, itself under another one then."""
        if all(metric.name != headline for metric in scorer.metrics):
            return scorer
        metrics = tuple(
            metric.model_copy(update={"name": self.headline}) if metric.name == headline else metric
            for metric in scorer.metrics
        )
        return scorer.model_copy(update={"name": f"{self.name}_{scorer.name}", "metrics": metrics})


def kept(
    samples: Iterable[Sample],
    *,
    keep: Mapping[str, tuple[str, ...]],
    every: int = 1,
    select: Select | None,
) -> Iterator[Sample]:
    """Yield the samples of a whole dataset that an excerpt takes."""
    fitting = (
        sample
        for sample in (select(samples) if select else samples)
        if all(str(sample.metadata.get(key)) in values for key, values in keep.items())
    )
    return islice(fitting, 0, None, every)
