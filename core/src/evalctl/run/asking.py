"""One model through all of its datasets, in one stream, so that the engine never drains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path

from evalctl.engines.host import HostedEngine
from evalctl.plan import PlannedDataset, PlannedModel
from evalctl.protocols import Engine
from evalctl.records import Generation, Prompt, Sample

Asked = tuple[PlannedDataset, Sample, Prompt]
"""What is on its way: dataset, sample and request."""


@contextmanager
def opened(
    model: PlannedModel, log_path: Path, on_phase: Callable[[str], None]
) -> Iterator[Engine]:
    """Open a model's engine, in a process of its own where it asks for one, and close it after.

    Raises:
        ModelError: The model cannot be loaded.
        EngineError: The engine failed.
    """
    if model.engine.is_hosted:
        engine: Engine = HostedEngine.open(
            model.engine, model.ref, model.options, log_path=log_path, on_phase=on_phase
        )
    else:
        module, _, name = model.engine.factory.partition(":")
        engine = getattr(import_module(module), name)(model.ref, model.options)
    try:
        yield engine
    except KeyboardInterrupt:
        if isinstance(engine, HostedEngine):
            engine.kill()
        raise
    finally:
        engine.close()


@dataclass
class Stream:
    """Feeds an engine lazily with the samples of several datasets and matches what comes back."""

    seed: int
    """Seed of the run."""
    _under_way: dict[tuple[str, str], Asked] = field(default_factory=dict)

    def answers(
        self, engine: Engine, datasets: Iterable[PlannedDataset]
    ) -> Iterator[tuple[Asked, Generation]]:
        """Yield every sample with its generation, in any order, each exactly once.

        A sample that the engine passed over comes with a generation that says so.

        Raises:
            EngineError: The engine cannot go on.
        """
        by_need: dict[str, list[PlannedDataset]] = {}
        for dataset in datasets:
            by_need.setdefault(dataset.loaded.spec.needs, []).append(dataset)
        for need, group in by_need.items():
            ask = {"generate": engine.generate, "choose": engine.choose}[need]
            for generation in ask(self._feed(group)):
                key = (generation.dataset, generation.sample_id)
                if (asked := self._under_way.pop(key, None)) is not None:
                    yield asked, generation
            yield from self._left_over()

    def _feed(self, datasets: Iterable[PlannedDataset]) -> Iterator[Prompt]:
        for dataset in datasets:
            for sample, prompt in dataset.prompts(self.seed):
                self._under_way[prompt.dataset, prompt.sample_id] = (dataset, sample, prompt)
                yield prompt

    def _left_over(self) -> Iterator[tuple[Asked, Generation]]:
        failed = partial(Generation, error="the engine ended without answering")
        for (dataset, sample_id), asked in self._under_way.items():
            yield asked, failed(dataset=dataset, sample_id=sample_id)
        self._under_way.clear()
