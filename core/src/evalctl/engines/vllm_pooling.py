"""Classifiers and encoders through vLLM: keeps it full, and reads what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from evalctl.engines.classifying import Reading, TextReader
from evalctl.engines.failures import failed
from evalctl.engines.prompt_reader import PromptError
from evalctl.engines.vllm_requests import PooledOutput, PoolingCore, TokenRequest
from evalctl.engines.vllm_streams import Stream
from evalctl.records import Generation, Prompt


class PoolingStream(Stream[PoolingCore, Reading, PooledOutput]):
    """One call of `classify` or `embed`."""

    def __init__(
        self,
        core: PoolingCore,
        reader: TextReader,
        role: Literal["classify", "embed"],
        answer: Callable[[Reading, list[float]], Generation],
    ) -> None:
        """Start with nothing under way."""
        super().__init__(core)
        self._reader = reader
        self._role = role
        self._answer = answer

    def _step(self) -> Sequence[PooledOutput]:
        return self._core.step_pooling()

    def _advance(self, output: PooledOutput) -> Iterator[Generation]:
        reading = self._under_way.pop(output.request_id)
        yield self._answer(reading, output.outputs.data.tolist())

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
                yield failed(prompt, error)
                continue
            self._under_way[request.id] = reading
            left = None if left is None else left - reading.width
