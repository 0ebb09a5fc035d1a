"""Classifiers and encoders through vLLM: keeps it full, and reads what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from evalctl.engines.classifying import Reading, TextReader
from evalctl.engines.prompt_reader import PromptError
from evalctl.engines.vllm_requests import PoolingCore, TokenRequest, failed
from evalctl.records import Generation, Prompt


class PoolingStream:
    """One call of `classify` or `embed`."""

    def __init__(
        self,
        core: PoolingCore,
        reader: TextReader,
        role: Literal["classify", "embed"],
        answer: Callable[[Reading, list[float]], Generation],
    ) -> None:
        """Start with nothing under way."""
        self._core = core
        self._reader = reader
        self._role = role
        self._answer = answer
        self._under_way: dict[str, Reading] = {}
        self._count = 0

    def run(self, prompts: Iterable[Prompt]) -> Iterator[Generation]:
        """Yield generations as they finish; takes prompts as long as there is room."""
        waiting = iter(prompts)
        try:
            while True:
                yield from self._take(waiting)
                if not self._under_way:
                    return
                for output in self._core.step_pooling():
                    reading = self._under_way.pop(output.request_id)
                    yield self._answer(reading, output.outputs.data.tolist())
        finally:
            self._core.abort(list(self._under_way))
            self._under_way.clear()

    def _take(self, waiting: Iterator[Prompt]) -> Iterator[Generation]:
        """Hand prompts over until vLLM has enough to do; yield what failed."""
        left = self._core.step_tokens
        most = self._core.capacity * (2 if left is None else 1)
        while len(self._under_way) < most and (left is None or left > 0):
            prompt = next(waiting, None)
            if prompt is None:
                return
            try:
                reading = Reading(prompt, self._reader.read(prompt), time.monotonic())
                self._count += 1
                request = TokenRequest(
                    id=str(self._count), tokens=reading.text.tokens, max_tokens=1, role=self._role
                )
                self._core.add(request)
            except PromptError as error:
                yield failed(prompt, str(error))
                continue
            self._under_way[request.id] = reading
            left = None if left is None else left - reading.width
