"""What all streams over vLLM do: hand prompts over while there is room, step, take what comes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from evalctl.engines.phases import Pulse
from evalctl.engines.vllm_requests import AnyCore
from evalctl.records import Generation, Prompt

CoreT = TypeVar("CoreT", bound=AnyCore)
WorkT = TypeVar("WorkT")
OutputT = TypeVar("OutputT")


class Stream(ABC, Generic[CoreT, WorkT, OutputT]):
    """One call of an engine's method."""

    def __init__(self, core: CoreT) -> None:
        """Start with nothing under way."""
        self._core = core
        self._under_way: dict[str, WorkT] = {}
        """What vLLM works on, by the id of its request."""
        self._count = 0
        self._n_steps = 0
        self._pulse = Pulse()

    def run(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield generations as they finish; takes prompts as long as there is room."""
        waiting = iter(prompts)
        try:
            while True:
                yield from self._take(waiting)
                if not self._under_way:
                    return
                self._pulse.beat(self._how_far())
                self._n_steps += 1
                for output in self._step():
                    yield from self._advance(output)
        finally:
            self._core.abort(list(self._under_way))
            self._under_way.clear()

    def _how_far(self) -> str:
        return f"vllm works on {len(self._under_way):,} requests, {self._n_steps:,} steps so far"

    @abstractmethod
    def _take(self, waiting: Iterator[Prompt]) -> Iterator[Generation]:
        """Hand prompts over until vLLM has enough to do; yield those that get no other answer."""

    @abstractmethod
    def _step(self) -> Iterable[OutputT]:
        """Do one step of all requests; return what came out."""

    @abstractmethod
    def _advance(self, output: OutputT) -> Iterator[Generation]:
        """Take in what came out for one request; yield what is complete with it."""
