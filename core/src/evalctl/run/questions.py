"""What is still to be asked: fed to an engine lazily, matched with what comes back.

All of a model's datasets go through one stream, so that the engine never drains. Samples that were
on their way when an engine died are asked again apart from the others, until it shows which of them
it does not survive.
"""

from __future__ import annotations

import math
import random
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice

from evalctl.engines.asking import ask
from evalctl.plan import Asked, PlannedDataset
from evalctl.positions import Positions
from evalctl.protocols import Capability, Engine
from evalctl.records import Generation, Prompt
from evalctl.run.probing import Probes
from evalctl.run.spending import Account
from evalctl.run.turns import Ask, Conversations
from evalctl.stats import WidthStop

Answer = tuple[Asked, Generation]
"""A sample with what the engine gave for it."""

SHUFFLED_AT_ONCE = 4096
SHUFFLED_BEFORE_A_STOP = 64
"""Of a dataset that may stop early: about so many more than it takes are asked."""
MAX_ALONE = 32
"""So many suspects are asked one by one at once; more of them in groups first."""
DEATHS_TO_SET_ASIDE = 2
"""A sample that is alone with an engine when it dies, and was there before, is set aside."""


@dataclass
class Questions:
    """The samples of one model that have no answer yet."""

    datasets: tuple[PlannedDataset, ...]
    """In the order in which they are asked."""
    seed: int
    """Seed of the run."""
    taken: Mapping[str, Positions]
    """By dataset, the positions that are answered or on their way; grows."""
    stops: Mapping[str, WidthStop] = field(default_factory=dict)
    """By dataset, when it may stop; none for those that are asked whole."""
    order: random.Random | None = None
    """Where samples are asked in another order than the datasets': what decides it."""
    account: Account = field(default_factory=Account)
    """Has a say in what may be asked."""
    conversations: Conversations | None = field(default_factory=Conversations)
    """Asks turn after turn; None where the engine holds conversations itself."""
    probes: Probes | None = None
    """Makes answers of vectors; None where there are none."""
    _under_way: dict[tuple[str, str], Asked] = field(default_factory=dict)
    _suspects: deque[Asked] = field(default_factory=deque)
    _deaths: Counter[tuple[str, str]] = field(default_factory=Counter)

    def waiting(self) -> Iterator[Asked]:
        """Yield every sample that was not taken yet; it is up to the caller to take it."""
        for dataset in self.datasets:
            for asked in dataset.prompts(self.seed, self.taken[dataset.name]):
                if self._has_stopped(dataset):
                    break
                yield asked

    @property
    def are_left(self) -> bool:
        """Whether any sample is not answered."""
        return bool(self._suspects) or any(map(self._is_left, self.datasets))

    def _is_left(self, dataset: PlannedDataset) -> bool:
        taken, planned = self.taken[dataset.name], dataset.loaded.n_samples
        return len(taken) < planned and not self._has_stopped(dataset)

    def _has_stopped(self, dataset: PlannedDataset) -> bool:
        return dataset.name in self.stops and self.stops[dataset.name].has_stopped

    def take(self, asked: Asked) -> None:
        """Note that a sample is answered, or on its way."""
        self.taken[asked.dataset.name].add(asked.index)

    def answers(self, engine: Engine) -> Iterator[Answer]:
        """Yield every sample with its generation, in any order, each exactly once.

        A sample that the engine passed over comes with a generation that says so.

        Raises:
            EngineError: The engine cannot go on; `on_death` must be told.
            BudgetSpentError: The run may not spend what the next prompt can cost.
        """
        while self._suspects:
            group = self._next_group()
            yield from self._ask(engine, need_of(group[0]), iter(group))
        by_need: dict[Capability, list[PlannedDataset]] = {}
        for dataset in self.datasets:
            by_need.setdefault(dataset.loaded.spec.needs, []).append(dataset)
        for need, datasets in by_need.items():
            if need == "embed" and self.probes is not None:
                for dataset in datasets:  # before any sample is on its way
                    if self._is_left(dataset):
                        self.probes.train(partial(ask, engine, need), dataset.name)
            yield from self._ask(engine, need, self._untaken(datasets))

    def on_death(self, reason: str) -> list[Answer]:
        """Note that an engine died over what was on its way; return those that are set aside."""
        suspects = list(self._under_way.values())
        self._under_way.clear()
        self._deaths.update(_key(asked) for asked in suspects)
        if len(suspects) == 1 and self._deaths[_key(suspects[0])] >= DEATHS_TO_SET_ASIDE:
            asked = suspects[0]
            if self.conversations is not None:
                self.conversations.drop(_key(asked))
            count = self._deaths[_key(asked)]
            error = f"set aside: the engine died {count} times while it answered this: {reason}"
            return [(asked, _failed(asked, error))]
        self._suspects.extendleft(reversed(suspects))
        return []

    def _next_group(self) -> list[Asked]:
        """Take suspects that are asked together: those that saw more deaths alone."""
        first = self._suspects[0]
        n_alike = len(next(self._alike()))
        is_alone = self._deaths[_key(first)] >= DEATHS_TO_SET_ASIDE or n_alike <= MAX_ALONE
        size = 1 if is_alone else math.isqrt(n_alike)
        return [self._suspects.popleft() for _ in range(min(size, n_alike))]

    def _alike(self) -> Iterator[list[Asked]]:
        """Yield runs of suspects that can be asked together."""
        for _, run in groupby(self._suspects, self._kind):
            yield list(run)

    def _kind(self, asked: Asked) -> tuple[str, int]:
        return need_of(asked), self._deaths[_key(asked)]

    def _ask(
        self, engine: Engine, need: Capability, questions: Iterable[Asked]
    ) -> Iterator[Answer]:
        given = self._asking(engine, need)
        for prompts in self.account.rounds(self._sent(questions)):
            for generation in given(prompts):
                self.account.settle(generation)
                key = (generation.dataset, generation.sample_id)
                if (asked := self._under_way.pop(key, None)) is not None:
                    yield asked, generation
        for asked in self._under_way.values():
            yield asked, _failed(asked, "the engine ended without answering")
        self._under_way.clear()

    def _asking(self, engine: Engine, need: Capability) -> Ask:
        """Return what gives answers to prompts, turn after turn where they are conversations."""
        plain: Ask = partial(ask, engine, need)
        if need == "embed" and self.probes is not None:
            return partial(self.probes.hold, plain)
        held = self.conversations
        return plain if held is None or need != "generate" else partial(held.hold, plain)

    def _untaken(self, datasets: Iterable[PlannedDataset]) -> Iterator[Asked]:
        for dataset in datasets:
            prompts = dataset.prompts(self.seed, self.taken[dataset.name])
            for asked in self._in_order(dataset, prompts):
                if self._has_stopped(dataset):
                    break
                self.take(asked)
                yield asked

    def _in_order(self, dataset: PlannedDataset, prompts: Iterator[Asked]) -> Iterator[Asked]:
        if self.order is None:
            return prompts
        may_stop = dataset.name in self.stops
        at_once = SHUFFLED_BEFORE_A_STOP if may_stop else SHUFFLED_AT_ONCE
        return shuffled(prompts, self.order, at_once)

    def _sent(self, questions: Iterable[Asked]) -> Iterator[Prompt]:
        for asked in questions:
            self._under_way[_key(asked)] = asked
            yield asked.prompt


def shuffled(samples: Iterator[Asked], chance: random.Random, at_once: int) -> Iterator[Asked]:
    """Yield samples in another order, `at_once` after `at_once` of them."""
    while held := list(islice(samples, at_once)):
        chance.shuffle(held)
        yield from held


def need_of(asked: Asked) -> Capability:
    """Return how an engine is asked for a sample."""
    return asked.dataset.loaded.spec.needs


def _key(asked: Asked) -> tuple[str, str]:
    return asked.dataset.name, asked.sample.id


def _failed(asked: Asked, error: str) -> Generation:
    return Generation(dataset=asked.dataset.name, sample_id=asked.sample.id, error=error)
