"""The plugin that is held against the rules: what is known of it, and how its code is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar

from evalctl.assembly import Contribution, RefusedError, assemble
from evalctl.conformance.rule import DoesNotApplyError, NotCheckedError
from evalctl.conformance.target import Target
from evalctl.conformance.watch import Watch
from evalctl.errors import EvalctlError
from evalctl.executors.workers import describe
from evalctl.registry import Registry
from evalctl.scoring import Failure, ScoringPool, attempt
from evalctl.specs import DatasetSpec, EngineSpec, ModelSpec, ScorerSpec, Spec

if TYPE_CHECKING:
    from evalctl.conformance.judging import Judged

PATIENCE_SECONDS = 20.0
"""How long one step may take where nothing else is said."""
_P = ParamSpec("_P")
_R = TypeVar("_R")


class Imported(NamedTuple):
    """What importing the plugin's module came to."""

    error: str = ""
    """What it raised, in one line with where; empty where it raised nothing."""
    heavy: tuple[str, ...] = ()
    """Large packages that it pulled in."""
    effects: tuple[str, ...] = ()
    """What it did besides defining things."""
    file: str = ""
    """Where the module is."""


class UsedScorer(NamedTuple):
    """A scorer, and the first dataset that uses it, with none of others' scorers."""

    scorer: ScorerSpec
    dataset: DatasetSpec

    def __str__(self) -> str:
        """Return what findings call it."""
        return f"scorer {self.scorer.name}"


class LostError(EvalctlError):
    """The process ended, or had to be ended, the last time that this was tried."""


@dataclass
class Subject:
    """A plugin as far as it could be loaded. Lives for one check; rules read it in any order."""

    target: Target
    """What metadata say."""
    imported: Imported = field(default_factory=Imported)
    """What importing it came to."""
    hooks_problem: str = ""
    """What is wrong with its hooks, without a call of them; empty where nothing is."""
    offer_problem: str = ""
    """Why calling its hooks gave no specs; empty where it did."""
    offered: Contribution | None = None
    """All that its hooks returned; None where there is none."""
    offered_again: Contribution | None = None
    """Likewise, when they were called a second time."""
    written_down: Mapping[str, str] | None = None
    """Its specs as JSON, before anything else was done with them; None where that failed."""
    others: tuple[Contribution, ...] = ()
    """What the other plugins offer."""
    watch: Watch | None = None
    """Tells what code does; None where nobody can."""
    lost: Mapping[str, str] = field(default_factory=dict)
    """Steps that ended the process, and how; they are not tried again."""
    announce: Callable[[str, float], None] = lambda step, seconds: None
    """Told before each step what it is and how long it may take."""
    examples_before: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By dataset of others, its examples as JSON before any scorer saw them."""
    judged: dict[str, tuple[Judged, ...]] = field(default_factory=dict)
    """By dataset, what became of its examples' outputs; filled by `judging.judged`."""
    pool: ScoringPool | None = None
    """Where its examples are judged, from the first one on."""
    has_sandbox: bool = False
    """Whether the pool can run programs."""
    doing: str = ""
    """The step that came last."""

    def close(self) -> None:
        """Stop the workers and sandboxes that judged its examples."""
        if self.pool is not None:
            self.pool.close()
            self.pool = None

    def step(self, what: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Say what comes next, so that the plugin's code can be blamed for it by name.

        Raises:
            LostError: It ended the process before.
        """
        self.doing = what
        if what in self.lost:
            raise LostError(self.lost[what])
        self.announce(what, seconds)

    def attempt(
        self, what: str, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs
    ) -> _R | Failure:
        """Return what a function of the plugin returns; why there is nothing, whatever happens."""
        return self.attempt_within(PATIENCE_SECONDS, what, function, *args, **kwargs)

    def attempt_within(
        self,
        seconds: float,
        what: str,
        function: Callable[_P, _R],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _R | Failure:
        """Return the same, where it has a time limit of its own."""
        try:
            self.step(what, seconds)
            return attempt(function, *args, **kwargs)
        except LostError as error:
            return Failure(str(error))
        except KeyboardInterrupt as error:
            return Failure(describe(error))

    @property
    def contribution(self) -> Contribution:
        """All that its hooks returned.

        Raises:
            NotCheckedError: There is nothing.
        """
        if self.offered is None:
            raise NotCheckedError("the plugin does not load, so there are no specs to look at")
        return self.offered

    def datasets(self) -> Sequence[DatasetSpec]:
        """Return all datasets that it brings, at least one.

        Raises:
            DoesNotApplyError: It brings none.
        """
        return _some(self._datasets(), "dataset")

    def _datasets(self) -> list[DatasetSpec]:
        offered = self.contribution
        own = [spec for category in offered.categories for spec in category.datasets]
        return [*own, *offered.datasets]

    def models(self) -> Sequence[ModelSpec]:
        """Return all models that it brings, at least one.

        Raises:
            DoesNotApplyError: It brings none.
        """
        offered = self.contribution
        own = [spec for category in offered.categories for spec in category.models]
        return _some([*own, *offered.models], "model")

    @cached_property
    def extended(self) -> tuple[DatasetSpec, ...]:
        """Datasets of others that it adds scorers to, with those alone besides their own."""
        names = {scorer.name for scorer in self.contribution.scorers}
        found = []
        for entry in self.registry.dataset_entries if names else ():
            mine = [one for one in entry.spec.scorers if one.is_added and one.name in names]
            if mine:
                dataset = entry.spec.with_scorers([*entry.spec.own_scorers, *mine])
                self.examples_before[dataset.name] = examples_of(dataset)
                found.append(dataset)
        return tuple(found)

    def judged_datasets(self) -> Sequence[DatasetSpec]:
        """Return all datasets that scorers of it judge, at least one.

        Raises:
            DoesNotApplyError: There is none.
        """
        return _some([*self._datasets(), *self.extended], "dataset that it scores")

    def engines(self) -> Sequence[EngineSpec]:
        """Return all engines that it brings, at least one.

        Raises:
            DoesNotApplyError: It brings none.
        """
        return _some(self.contribution.engines, "engine")

    def scorers(self) -> Sequence[UsedScorer]:
        """Return all of its scorers, each once, those for datasets of others included.

        Raises:
            DoesNotApplyError: It brings none.
        """
        found: dict[str, UsedScorer] = {}
        for dataset in self._datasets():
            for scorer in dataset.scorers:
                found.setdefault(scorer.name, UsedScorer(scorer, dataset))
        for dataset in self.extended:
            for scorer in dataset.scorers:
                if scorer.is_added:
                    found.setdefault(scorer.name, UsedScorer(scorer, dataset))
        return _some(list(found.values()), "scorer")

    def specs(self) -> Iterator[tuple[str, Spec]]:
        """Yield all that its hooks returned, each after its name for messages."""
        offered = self.contribution
        for kind, specs in (
            ("category", offered.categories),
            ("dataset", offered.datasets),
            ("model", offered.models),
            ("scorer", offered.scorers),
            ("engine", offered.engines),
            ("executor", offered.executors),
        ):
            for spec in specs:
                yield f"{kind} {getattr(spec, 'name', '?')}", spec

    def write_down(self) -> dict[str, str] | None:
        """Return its specs as JSON, by their names for messages; None where that fails."""
        try:
            return {where: spec.model_dump_json(warnings="none") for where, spec in self.specs()}
        except Exception:  # noqa: BLE001  # the plugin's own serialisers may raise anything
            return None

    @cached_property
    def assembled(self) -> tuple[Registry, RefusedError | None]:
        """The registry of all plugins, and why this one cannot be in it."""
        own = self.contribution
        registry, refused = assemble([*self.others, own])
        return registry, refused.get(own.owner)

    @property
    def registry(self) -> Registry:
        """The registry of all plugins."""
        return self.assembled[0]


def examples_of(dataset: DatasetSpec) -> tuple[str, ...]:
    """Return a dataset's examples as JSON."""
    return tuple(example.model_dump_json(warnings="none") for example in dataset.examples)


_SomeT = TypeVar("_SomeT")


def _some(found: Sequence[_SomeT], kind: str) -> Sequence[_SomeT]:
    if not found:
        raise DoesNotApplyError(f"it has no {kind}")
    return found
